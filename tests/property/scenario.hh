// SPDX-License-Identifier: GPL-2.0-or-later
//
// A policy beside a zone, and the runner that looks for one with which a property does not hold. What it finds it
// makes as small as it can, so that what is printed can be read.
//
//   CAAPOLICY_POLICIES=N  how many scenarios each property is tried with
//   CAAPOLICY_SEED=S      begin with this seed (1, if it is not set); a failure names the seed to give, with N=1
//
// That seed is kept in tests/data/failing_seeds.txt, too (or in the file CAAPOLICY_FAILING_SEEDS), and tried first ever after.
#pragma once

#include "generate.hh"
#include "oracle.hh"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caapolicy::test {

struct Scenario {
  uint64_t seed{0};
  std::shared_ptr<const WrittenPolicy> policy;
  ZoneRecords zone;
  bool thorough{false}; // try everything rather than a sample
};

Scenario makeScenario(uint64_t seed);
std::string describe(const WrittenPolicy& policy);
std::string describe(const ZoneRecords& zone);

// What is wrong, if anything is. Gives the same for the same scenario each time.
using Property = std::function<std::optional<std::string>(const Scenario&)>;

// Fails the running test case with the first scenario that has a problem.
void requireForAll(const Property& property);

// Names that the policy and the zone speak of, and such as lie below, beside and above them. In canonical order, without
// the root.
std::vector<Name> namesAround(const Scenario& scenario);

// The boundaries of the policy, the second before and the second after each, and a while before and after them all.
std::vector<Instant> instantsAround(const Scenario& scenario);

// All of them when the scenario is to be tried thoroughly, a few otherwise, in their order.
template <typename T>
std::vector<T> sample(const Scenario& scenario, Random& random, std::vector<T> all, size_t wanted)
{
  while (!scenario.thorough && all.size() > wanted) {
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(random.below(all.size())));
  }
  return all;
}

} // namespace caapolicy::test
