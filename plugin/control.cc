// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/control.hh"

#include "plugin/recorder.hh"
#include "plugin/stored_caa.hh"
#include "plugin/zone_facts.hh"
#include "policy/explain.hh"

#include <algorithm>
#include <sstream>

namespace caapolicy {

namespace {

const PolicyManager* g_manager = nullptr; // PowerDNS takes plain functions

std::string showLeftOut()
{
  constexpr size_t kShown = 5;
  const auto seen = StoredCaa::leftOut().seen();
  std::ostringstream out;
  out << "stored CAA records left out: " << seen.records;
  for (size_t index = 0; index < std::min(seen.names.size(), kShown); ++index) {
    out << (index == 0 ? ", at " : ", ") << seen.names[index].toText();
  }
  if (seen.names.size() > kShown) {
    out << " and " << seen.names.size() - kShown << " more";
  }
  out << "\n";
  return out.str();
}

std::string showStatus(const std::vector<std::string>& /* parts */, Utility::pid_t /* pid */)
{
  const auto status = g_manager->status();
  std::ostringstream out;
  out << "policy: " << status.file << (status.current ? "\n" : " (not all that is in its files is in force, see problems)\n")
      << "sha256: " << status.sha256 << "\n"
      << "loaded: " << instantToText(status.loaded) << "\n"
      << "files: " << status.files << "\n"
      << "subtrees: " << status.counts.subtrees << "\n"
      << "names: " << status.counts.names << "\n"
      << "approvals: " << status.counts.approvals << "\n"
      << "approvals live: " << status.counts.live << "\n"
      << "approvals that end within 7 days: " << status.counts.expiring << "\n"
      << "next change: " << (status.nextChange == kEndOfTime ? "none" : instantToText(status.nextChange)) << "\n"
      << showLeftOut() << "reloads: " << status.reloadsGood << " good, " << status.reloadsFailed << " failed\n"
      << "problems: " << status.problems.size() << "\n";
  for (const auto& problem : status.problems) {
    out << "  " << problem << "\n";
  }
  return out.str();
}

// What the served zone makes of what the policy says of a name.
struct InZone {
  std::string text;
  bool elsewhere{false}; // something else decides
};

InZone lookInZone(const DNSName& name)
{
  UeberBackend backends;
  SOAData soa;
  if (!backends.getAuth(name, QType(QType::CAA), &soa, false)) {
    return {"no zone here has this name", true};
  }
  const TypesLookup lookup = [&](const DNSName& at) { return typesAt(backends, at, soa.domain_id); };
  const TypesAt at = lookup(name);
  Zone served;
  served.apex = soa.qname;
  served.id = static_cast<int>(soa.domain_id);
  served.lua = true;
  const auto facts = surroundingsOf(lookup, served, name, at).facts;
  const std::string zone = "in the zone " + soa.qname.toStringNoDot() + " ";
  if (facts.occluded) {
    return {zone + "it is at or below a delegation or a DNAME: what is there decides, the policy has no say", true};
  }
  if (facts.cname || facts.redirected) {
    return {zone + "it is an alias (CNAME): CAs go by the CAA of its target, the policy has no say", true};
  }
  return {zone + (facts.exists ? "it exists" : facts.covered ? "a wildcard answers for it" : "it does not exist"), false};
}

// For people: a table; with `json`, for programs: an object a line.
std::string showAttempts(const std::vector<std::string>& parts, Utility::pid_t /* pid */)
{
  const bool json = parts.size() == 2 && parts[1] == "json";
  if (parts.size() > 1 && !json) {
    return "usage: caapolicy-attempts [json]\n";
  }
  const auto snapshot = g_manager->serving()->snapshot;
  std::ostringstream out;
  for (const auto& attempt : Recorder::running()->attempts().list()) {
    const auto reason = snapshot->explain(attempt.name.wire(), attempt.last);
    const std::string subtree = reason.subtree == nullptr ? "" : reason.subtree->name.toText();
    if (json) {
      out << Json{{"name", attempt.name.toText()}, {"subtree", subtree}, {"exists", attempt.exists}, {"count", attempt.count},
                  {"first", instantToText(attempt.first)}, {"last", instantToText(attempt.last)}, {"networks", attempt.networks},
                  {"moreNetworks", attempt.moreNetworks}}.dump() << "\n";
      continue;
    }
    out << instantToText(attempt.last) << "  " << attempt.count << (attempt.count == 1 ? " time  " : " times  ") << attempt.name.toText()
        << (attempt.exists ? "" : " (not in the zone)") << "  from";
    for (const auto& network : attempt.networks) {
      out << " " << network;
    }
    out << (attempt.moreNetworks ? " and more" : "") << "\n";
  }
  const std::string text = out.str();
  return text.empty() && !json ? "no denied name is remembered\n" : text;
}

std::string explain(const std::vector<std::string>& parts, Utility::pid_t /* pid */)
{
  if (parts.size() != 2) {
    return "usage: caapolicy-explain NAME\n";
  }
  const auto parsed = Name::parseHostName(parts[1]);
  if (parsed.fault != NameFault::None) {
    return "`" + parts[1] + "` is not a host name\n";
  }
  try {
    const InZone zone = lookInZone(toDnsName(parsed.name.wire()));
    return parsed.name.toText() + ": " + zone.text + (zone.elsewhere ? "; by the policy alone:\n" : "\n")
      + explainName(*g_manager->serving()->snapshot, parsed.name, time(nullptr));
  }
  catch (const PDNSException& error) {
    return "the zone can't be asked: " + error.reason + "\n";
  }
}

} // namespace

void registerControl(const PolicyManager& manager)
{
  g_manager = &manager;
  DynListener::registerFunc("CAAPOLICY-STATUS", &showStatus, "caapolicy: show the policy in force and its problems");
  DynListener::registerFunc("CAAPOLICY-ATTEMPTS", &showAttempts, "caapolicy: show the names that were denied, the latest first", "[json]");
  DynListener::registerFunc("CAAPOLICY-EXPLAIN", &explain, "caapolicy: say who may issue for a name, and why", "<name>");
}

} // namespace caapolicy
