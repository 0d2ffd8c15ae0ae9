// SPDX-License-Identifier: GPL-2.0-or-later
//
// A zone that was read from a file is placed as a server places it: the soundness of what is served is that of what
// `caapolicy records` prints.
#include "scenario.hh"
#include "stored.hh"
#include "synthesized_zone.hh"

#include <catch2/catch.hpp>

namespace caapolicy::test {

namespace {

constexpr size_t kInstants = 3;

bool same(const Placement& a, const Placement& b)
{
  const auto set = [](const Placement& placement) { return placement.caa ? placement.caa->setIndex : kNone; };
  return a.exists == b.exists && a.dropStored == b.dropStored && a.copies == b.copies && a.flatten == b.flatten && set(a) == set(b);
}

} // namespace

TEST_CASE("a zone that is read is placed as one that is served")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const auto snapshot = Snapshot::compile(scenario.policy);
    const Zone zone(scenario.zone);
    const StoredZone read = stored(scenario.zone);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      const SynthesizedZone served(*snapshot, zone, now);
      for (const auto& name : namesAround(scenario)) {
        if (isWildcard(name.wire()) || !isAtOrBelow(name.wire(), zone.apex().wire())) {
          continue;
        }
        const auto view = snapshot->find(name.wire());
        const NameFacts facts = read.factsOf(name);
        if (!same(placeName(*snapshot, name.wire(), view, facts, now), served.placementOf(name))) {
          return name.toText() + " at " + std::to_string(now);
        }
        if (!same(placeWildcard(*snapshot, name.wire(), view, facts, read.wildcardFactsOf(name), now), served.placementOf(name.child("*")))) {
          return "*." + name.toText() + " at " + std::to_string(now);
        }
      }
    }
    return std::nullopt;
  });
}

} // namespace caapolicy::test
