// SPDX-License-Identifier: GPL-2.0-or-later
//
// An imported policy means what the zone means: for every name and request, a CA that follows the standards comes to the same
// verdict by the zone's own CAA and by the policy, but for what the import said that it could not carry over.
#include "oracle.hh"
#include "scenario.hh"
#include "stored.hh"
#include "vocabulary.hh"

#include "policy/assemble.hh"
#include "policy/check.hh"
#include "policy/file_approvals.hh"
#include "policy/import_zone.hh"
#include "policy/issuer_rules.hh"
#include "policy/reader.hh"
#include "policy/parsed_file.hh"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>

namespace caapolicy::test {

namespace {

constexpr size_t kRequests = 20;

CaaRecord generateRecord(Random& random)
{
  static const std::vector<std::string> kTags{"issue", "issue", "issue", "Issue", "issuewild", "issuewild", "issuemail", "issuevmc", "iodef"};
  static const std::vector<std::string> kParameters{
    "", "", "", "; accounturi=https://acme.example/acct/1", "; accounturi=https://acme.example/acct/2; validationmethods=dns-01",
    "; validationmethods=dns-01,http-01", "; validationmethods=http-01"};
  static const std::vector<CaaRecord> kOdd{
    {0, "issue", "one.example; policy=ev"}, {0, "issue", "one.example; accounturi=urn:x:1; accounturi=urn:x:2"}, {0, "issue", "%%%"},
    {0, "issue", "two.example; validationmethods=dns-01,http-01; validationmethods=http-01"}, {0, "issue", "two.example; validationmethods="},
    {0, "issue", "two.example; validationmethods=smoke-01"}, {0, "issuewild", "ONE.example"}, {0, "issue", "localhost"}, {0, "future", "x"},
    {128, "future", "x"}, {128, "issue", "three.example"}, {0, "iodef", "nobody"}, {0, "contactemail", "pki@example.com"}, {0, "contactphone", "call"},
    {0, "issue", "one.example; AccountURI=urn:x:1"}, {0, "issue", "one.example; accounturi=none"}, {0, "issuemail", "one.example; accounturi=urn:x:1"}};
  if (random.percent(8)) {
    return random.pick(kOdd);
  }
  CaaRecord record{0, random.pick(kTags), {}};
  record.value = record.tag == "iodef" ? "mailto:pki@example.com" : random.percent(25) ? ";" : random.pick(cas()) + random.pick(kParameters);
  return record;
}

ZoneRecords generateStoredCaa(Random& random)
{
  ZoneRecords zone = generateZone(random);
  const auto put = [&](ZoneNode& node) {
    RecordSet set;
    if (random.percent(85)) {
      set.records.push_back({0, "issue", random.percent(40) ? ";" : random.pick(cas())});
    }
    for (size_t count = random.below(4); count > 0; --count) {
      set.records.push_back(generateRecord(random));
    }
    node.caa = set.records.empty() ? std::nullopt : std::optional(std::move(set));
  };
  for (auto& [name, node] : zone.nodes) {
    node.caa.reset();
    if (!node.alias && random.percent(60)) {
      put(node);
    }
  }
  if (random.percent(70)) {
    put(zone.nodes[zone.apex]);
  }
  if (random.percent(50)) { // as an exact approval is served
    const Name name = generateName(random);
    if (isAtOrBelow(name.wire(), zone.apex.wire()) && !zone.nodes[name].alias) {
      const CaaRecord more{0, "issue", random.pick(cas())};
      zone.nodes[name.child("*")].caa = RecordSet{{{0, "issue", ";"}}, false};
      zone.nodes[name].caa = RecordSet{{more}, false};
    }
  }
  std::erase_if(zone.nodes, [](const auto& entry) { return entry.second.empty(); });
  return zone;
}

// What a policy file says, by the very reader; throws with its problems.
WrittenPolicy policyOf(const std::string& text)
{
  std::vector<Diagnostic> problems;
  IssuerTable issuers;
  const ParsedFile parsed = parseYamlFile(text, FileKind::Root);
  problems = parsed.problems;
  Policy policy;
  if (parsed.tree) {
    readHead(*parsed.tree, FileKind::Root, issuers, problems);
    Document document = readBody(*parsed.tree, FileKind::Root, issuers, problems);
    const auto pool = std::make_shared<IssuerPool>();
    document.approvals = {std::make_shared<FileApprovals>(parsed.approvals, linkIssuers(*parsed.approvals, 0, FileKind::Root, issuers, *pool, problems), pool), 0};
    policy = assemble({std::move(document)}, {}, problems);
    policy.files.push_back({"policy.yaml", text, ""});
    const auto snapshot = Snapshot::compile(std::make_shared<const Policy>(policy));
    auto found = checkSubtrees(*snapshot, {FileRole{}}, 0);
    for (const auto& [name, ofName] : checkApprovals(*snapshot, {FileRole{}}, 0)) {
      found.insert(found.end(), ofName.begin(), ofName.end());
    }
    std::copy_if(found.begin(), found.end(), std::back_inserter(problems), [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::Error; });
  }
  if (!problems.empty()) {
    throw std::runtime_error(render(problems.front(), {{"policy.yaml", text, ""}}));
  }
  auto approvals = allApprovals(policy);
  return {std::move(policy), std::move(approvals)};
}

// The climb from the name meets an alias or another zone: no CAA of this zone decides alone.
bool leavesZone(const Zone& zone, Name name)
{
  for (;; name = name.parent()) {
    const auto found = zone.lookUp(name);
    if (found.kind == Zone::Kind::Outside || found.kind == Zone::Kind::Referral || found.kind == Zone::Kind::Redirected
        || ((found.kind == Zone::Kind::Exact || found.kind == Zone::Kind::ByWildcard) && found.node->alias)) {
      return true;
    }
    if (name == zone.apex()) {
      return false;
    }
  }
}

bool hasStar(Name name)
{
  while (!name.isRoot() && !isWildcard(name.wire())) {
    name = name.parent();
  }
  return !name.isRoot();
}

struct Statistics {
  size_t compared{0}, allowed{0}, noted{0}, approvals{0};
};

std::optional<std::string> agrees(const Scenario& scenario, Statistics& statistics)
{
  Random random(scenario.seed);
  const ZoneRecords records = generateStoredCaa(random);
  const Zone zone(records);
  const StoredZone content = stored(records);
  const Imported imported = importZone(content);
  const std::string text = imported.policy + (imported.approvals.empty() ? "" : "approvals:\n" + imported.approvals);
  const std::string shown = "\n" + describe(records) + "\nimported as\n" + text;
  statistics.approvals += imported.approvalCount;
  WrittenPolicy policy;
  try {
    policy = policyOf(text);
  }
  catch (const std::exception& error) {
    return error.what() + shown;
  }
  const Oracle oracle(policy);
  const CaaSource source = [&zone](const Name& name) -> CaaLookup {
    const auto found = zone.lookUp(name);
    const bool here = found.kind == Zone::Kind::Exact || found.kind == Zone::Kind::ByWildcard;
    return here && found.node->caa ? CaaLookup{*found.node->caa} : CaaLookup{NoCaa{}};
  };
  const Scenario around{scenario.seed, finished(policy), records, false};
  for (const auto& name : namesAround(around)) {
    if (oracle.governing(name) == nullptr || hasUnderscoreLabel(name.wire()) || hasStar(name) || leavesZone(zone, name)) {
      continue;
    }
    const bool noted = std::any_of(imported.notes.begin(), imported.notes.end(), [&name](const ImportNote& note) {
      const Name at = isWildcard(note.name.wire()) ? note.name.parent() : note.name;
      return note.changesMeaning && isAtOrBelow(name.wire(), at.wire());
    });
    statistics.noted += noted;
    if (noted) {
      continue;
    }
    const auto grants = oracle.grants(name, 0);
    const auto settings = oracle.settings(name);
    for (const auto& request : sample(scenario, random, requestsFor(name), kRequests)) {
      if (request.wildcard && proveHostOnly({request.method})) {
        continue; // no CA can do that
      }
      const Verdict verdict = evaluate(request, source);
      const bool allowed = Oracle::allows(request, grants, settings);
      ++statistics.compared;
      statistics.allowed += allowed;
      if (verdict.allow != allowed) {
        return describe(request) + ": the zone " + (verdict.allow ? "allows" : "denies") + " it, " + verdict.reason + shown;
      }
    }
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("an imported policy means what the zone means")
{
  Statistics statistics;
  requireForAll([&statistics](const Scenario& scenario) { return agrees(scenario, statistics); });
  // Most of it is compared.
  CHECK(statistics.compared > 10 * statistics.noted);
  CHECK(statistics.allowed > 0);
  CHECK(statistics.approvals > 0);
}

} // namespace caapolicy::test
