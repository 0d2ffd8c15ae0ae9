// SPDX-License-Identifier: GPL-2.0-or-later
//
// Promise 3, and as much of promise 4 as can be seen without a server: nothing but CAA changes, and what is asked for
// name by name is what is transferred.
#include "scenario.hh"
#include "synthesized_zone.hh"

#include <catch2/catch.hpp>

#include <set>

namespace caapolicy::test {

namespace {

constexpr size_t kInstants = 3;

// The names around, and what no request asks for: wildcard owners and service labels.
std::vector<Name> allNames(const Scenario& scenario)
{
  std::set<Name> names;
  for (const auto& [name, node] : scenario.zone.nodes) {
    names.insert(name);
  }
  for (const auto& name : namesAround(scenario)) {
    names.insert({name, name.child("*"), name.child("_x")});
  }
  return {names.begin(), names.end()};
}

std::string describe(const Zone::Found& found)
{
  switch (found.kind) {
  case Zone::Kind::Outside:
    return "outside";
  case Zone::Kind::Referral:
    return "referral to " + found.owner.toText();
  case Zone::Kind::Redirected:
    return "redirected by " + found.owner.toText();
  case Zone::Kind::NoName:
    return "NXDOMAIN";
  case Zone::Kind::Exact:
  case Zone::Kind::ByWildcard:
    break;
  }
  std::string text = "exists with";
  for (const auto& [type, data] : found.node->types) {
    for (const auto& datum : data) {
      text += " " + type + " " + datum;
    }
  }
  return text;
}

// An alias that is flattened has addresses instead.
std::string describeExpected(const Oracle& oracle, const Zone::Found& before, const Name& name)
{
  const bool flattened = before.kind == Zone::Kind::Exact && before.node->alias && oracle.flattens(name);
  return flattened ? "exists with A of " + before.node->alias->toText() : describe(before);
}

bool isNoData(const Zone::Found& found)
{
  return (found.kind == Zone::Kind::Exact || found.kind == Zone::Kind::ByWildcard) && found.node->types.empty();
}

// Only a name that is published, and names that a guard covers, may begin to exist.
bool mayExist(const Oracle& oracle, const Zone& wrapped, const Name& name, const Zone::Found& found, Instant now)
{
  if (found.kind == Zone::Kind::Exact && !isWildcard(name.wire())) {
    return oracle.published(name, now);
  }
  const Name guarded = found.owner.parent(); // the owner is `*.N`
  return wrapped.at(found.owner) == nullptr && oracle.governing(guarded) != nullptr;
}

std::optional<RecordSet> caaOf(const Zone::Found& found)
{
  const bool answers = found.kind == Zone::Kind::Exact || found.kind == Zone::Kind::ByWildcard;
  return answers ? found.node->caa : std::nullopt;
}

// A wildcard that is an empty non-terminal has no record to copy. Where the policy has none to put beside it, a zone
// transfer has no way to say that the copy exists: NODATA becomes NXDOMAIN. There is no cure, and no record is lost.
bool cannotBeTransferred(const Oracle& oracle, const Zone& wrapped, const Name& name)
{
  const auto found = wrapped.lookUp(name);
  return oracle.governing(name) == nullptr && found.kind == Zone::Kind::ByWildcard && found.node->empty();
}

// Nothing is put beside an alias, and nothing where another zone or a DNAME answers.
std::optional<std::string> malformedAt(const Zone& wrapped, const Name& name, const ZoneNode& node)
{
  if (node.has("CNAME") && (node.types.size() > 1 || node.caa)) {
    return name.toText() + ": something stands beside a CNAME";
  }
  const auto kind = wrapped.lookUp(name).kind;
  const ZoneNode* before = wrapped.at(name);
  const bool untouched = before != nullptr && before->types == node.types && before->caa == node.caa;
  if ((kind == Zone::Kind::Referral || kind == Zone::Kind::Redirected) && !untouched) {
    return name.toText() + ": is not the policy's to change";
  }
  return std::nullopt;
}

std::optional<std::string> harmAt(const Oracle& oracle, const Zone& wrapped, const Zone& synthesized, const Name& name, Instant now)
{
  const auto before = wrapped.lookUp(name);
  const auto after = synthesized.lookUp(name);
  const bool begins = before.kind == Zone::Kind::NoName && isNoData(after);
  if (after.kind == Zone::Kind::NoName && cannotBeTransferred(oracle, wrapped, name)) {
    return std::nullopt;
  }
  if (begins ? !mayExist(oracle, wrapped, name, after, now) : describeExpected(oracle, before, name) != describe(after)) {
    return name.toText() + " at " + std::to_string(now) + ": " + describe(before) + " became " + describe(after);
  }
  if (oracle.governing(name) == nullptr && caaOf(before) != caaOf(after)) {
    return name.toText() + " at " + std::to_string(now) + ": CAA that is none of the policy's business changed";
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("no answer changes but for CAA")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const Oracle oracle(*scenario.policy);
    const auto snapshot = Snapshot::compile(scenario.policy);
    const Zone wrapped(scenario.zone);
    const auto names = allNames(scenario);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      const SynthesizedZone zone(*snapshot, wrapped, now);
      for (const auto& name : names) {
        if (auto problem = harmAt(oracle, wrapped, zone.transferred(), name, now)) {
          return problem;
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("the synthesized zone is a zone")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const auto snapshot = Snapshot::compile(scenario.policy);
    const Zone wrapped(scenario.zone);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      const SynthesizedZone zone(*snapshot, wrapped, now);
      for (const auto& [name, node] : zone.transferred().names()) {
        if (auto problem = malformedAt(wrapped, name, *node)) {
          return *problem + " at " + std::to_string(now);
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("only names that nothing answers for are answered as if they existed")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const auto snapshot = Snapshot::compile(scenario.policy);
    const Zone wrapped(scenario.zone);
    const auto names = allNames(scenario);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      const SynthesizedZone zone(*snapshot, wrapped, now);
      for (const auto& name : names) {
        const auto answer = zone.answerFor(name);
        if (!answer) {
          continue;
        }
        const std::string where = name.toText() + " at " + std::to_string(now);
        if (wrapped.lookUp(name).kind != Zone::Kind::NoName) {
          return where + ": the zone has an answer of its own";
        }
        // It may be listed, and begin to be published: the answer must not outlive that.
        if (answer->changes != snapshot->own(snapshot->find(name.wire()), now).changes) {
          return where + ": does not hold as long as its answer says";
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("queries and transfers see the same names with the same CAA")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const Oracle oracle(*scenario.policy);
    const auto snapshot = Snapshot::compile(scenario.policy);
    const Zone wrapped(scenario.zone);
    const auto names = allNames(scenario);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      const SynthesizedZone zone(*snapshot, wrapped, now);
      for (const auto& name : names) {
        if (!isAtOrBelow(name.wire(), wrapped.apex().wire()) || cannotBeTransferred(oracle, wrapped, name)) {
          continue;
        }
        const Placement placement = zone.placementOf(name);
        const ZoneNode* sent = zone.transferred().at(name);
        const std::string where = name.toText() + " at " + std::to_string(now);
        if (placement.exists != (sent != nullptr)) {
          return where + (sent != nullptr ? ": is transferred, but a query finds no name"
                                          : ": a query finds the name, but a transfer leaves it out");
        }
        if (placement.caa && (!sent->caa || sent->caa->records != placement.caa->set->records)) {
          return where + ": CAA differs";
        }
      }
    }
    return std::nullopt;
  });
}

} // namespace caapolicy::test
