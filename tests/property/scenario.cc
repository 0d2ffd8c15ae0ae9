// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenario.hh"

#include "shrink.hh"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <set>

namespace caapolicy::test {

namespace {

constexpr uint64_t kFirstSeed = 1;
constexpr uint64_t kScenarios = 1500;

uint64_t fromEnvironment(const char* variable, uint64_t otherwise)
{
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace

Scenario makeScenario(uint64_t seed)
{
  Random random(seed);
  Scenario scenario;
  scenario.seed = seed;
  scenario.policy = std::make_shared<const Policy>(generatePolicy(random));
  scenario.zone = generateZone(random);
  return scenario;
}

void requireForAll(const Property& property)
{
  const uint64_t first = fromEnvironment("CAAPOLICY_SEED", kFirstSeed);
  const uint64_t count = fromEnvironment("CAAPOLICY_POLICIES", kScenarios);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const Scenario scenario = makeScenario(seed);
    if (!property(scenario)) {
      continue;
    }
    const Scenario small = shrink(scenario, property);
    INFO("CAAPOLICY_SEED=" << seed << " CAAPOLICY_POLICIES=1, made smaller:\n" << describe(*small.policy) << describe(small.zone));
    const std::string problem = property(small).value_or("");
    REQUIRE(problem == "");
  }
  REQUIRE(count > 0);
}

std::vector<Name> namesAround(const Scenario& scenario)
{
  std::set<Name> named;
  for (const auto& subtree : scenario.policy->subtrees) {
    named.insert(subtree.name);
  }
  for (const auto& approval : scenario.policy->approvals) {
    named.insert(approval.name);
  }
  for (const auto& [name, node] : scenario.zone.nodes) {
    named.insert(isWildcard(name.wire()) ? name.parent() : name);
  }
  std::set<Name> around;
  for (const auto& name : named) {
    around.insert(name.child("a"));                   // maybe spoken of
    around.insert(name.child("z"));                   // never
    around.insert(name.child("z").child("a"));
    around.insert(name.parent().child("y"));
    for (Name above = name; !above.isRoot(); above = above.parent()) {
      around.insert(above);
    }
  }
  return {around.begin(), around.end()};
}

std::vector<Instant> instantsAround(const Scenario& scenario)
{
  std::set<Instant> instants{0, 1000000};
  for (const Instant boundary : Oracle(*scenario.policy).boundaries()) {
    instants.insert({boundary - 1, boundary, boundary + 1});
  }
  return {instants.begin(), instants.end()};
}

} // namespace caapolicy::test
