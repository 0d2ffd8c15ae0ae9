// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenario.hh"

#include "shrink.hh"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
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

const std::string kCase = "property ";

std::string failingSeedsFile()
{
  const char* file = std::getenv("CAAPOLICY_FAILING_SEEDS");
  return file == nullptr ? CAAPOLICY_TEST_DATA "/failing_seeds.txt" : file;
}

std::vector<std::string> failingSeeds()
{
  std::ifstream file(failingSeedsFile());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
}

// Comments stay at the top, the cases of all random tests are sorted.
void keep(uint64_t seed)
{
  const auto lines = failingSeeds();
  std::set<std::string> cases{kCase + std::to_string(seed)};
  std::ofstream file(failingSeedsFile());
  for (const auto& line : lines) {
    if (line.starts_with('#')) {
      file << line << "\n";
    }
    else {
      cases.insert(line);
    }
  }
  for (const auto& line : cases) {
    file << line << "\n";
  }
}

// Those that have failed once, then as many as are wanted.
std::vector<uint64_t> seedsToTry()
{
  std::vector<uint64_t> seeds;
  for (const auto& line : failingSeeds()) {
    if (line.starts_with(kCase)) {
      seeds.push_back(std::stoull(line.substr(kCase.size())));
    }
  }
  const uint64_t first = fromEnvironment("CAAPOLICY_SEED", kFirstSeed);
  const uint64_t count = fromEnvironment("CAAPOLICY_POLICIES", kScenarios);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    seeds.push_back(seed);
  }
  return seeds;
}

} // namespace

Scenario makeScenario(uint64_t seed)
{
  Random random(seed);
  Scenario scenario;
  scenario.seed = seed;
  scenario.policy = finished(generatePolicy(random));
  scenario.zone = generateZone(random);
  return scenario;
}

void requireForAll(const Property& property)
{
  const auto seeds = seedsToTry();
  for (const uint64_t seed : seeds) {
    const Scenario scenario = makeScenario(seed);
    if (!property(scenario)) {
      continue;
    }
    keep(seed);
    const Scenario small = shrink(scenario, property);
    INFO("CAAPOLICY_SEED=" << seed << " CAAPOLICY_POLICIES=1, kept in " << failingSeedsFile() << ", please commit it; made smaller:\n"
         << describe(*small.policy) << describe(small.zone));
    const std::string problem = property(small).value_or("");
    REQUIRE(problem == "");
  }
  REQUIRE(!seeds.empty());
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
