// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/control.hh"

#include "plugin/zone_facts.hh"
#include "policy/explain.hh"

#include <sstream>

namespace caapolicy {

namespace {

const PolicyManager* g_manager = nullptr; // PowerDNS takes plain functions

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
      << "reloads: " << status.reloadsGood << " good, " << status.reloadsFailed << " failed\n"
      << "problems: " << status.problems.size() << "\n";
  for (const auto& problem : status.problems) {
    out << "  " << problem << "\n";
  }
  return out.str();
}

// What the served zone makes of the policy at this name.
std::string describeInZone(const DNSName& name)
{
  UeberBackend backends;
  SOAData soa;
  if (!backends.getAuth(name, QType(QType::CAA), &soa, false)) {
    return "zone: none here has this name\n";
  }
  TypesAt at;
  DNSZoneRecord record;
  backends.lookup(QType(QType::ANY), name, soa.domain_id, nullptr);
  while (backends.get(record)) {
    at.add(record.dr.d_type);
  }
  const std::string zone = "zone: " + soa.qname.toStringNoDot() + ", ";
  if (at.cname) {
    return zone + "an alias (CNAME) is at this name: CAs go by the CAA of its target, the policy has no say\n";
  }
  if (at.ns && name != soa.qname) {
    return zone + "this name is delegated: its own zone decides\n";
  }
  return zone + (at.any ? "the name exists\n" : "the name does not exist\n");
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
    return explainName(*g_manager->serving()->snapshot, parsed.name, time(nullptr)) + describeInZone(toDnsName(parsed.name.wire()));
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
  DynListener::registerFunc("CAAPOLICY-EXPLAIN", &explain, "caapolicy: say who may issue for a name, and why", "<name>");
}

} // namespace caapolicy
