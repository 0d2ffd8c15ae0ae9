// SPDX-License-Identifier: GPL-2.0-or-later
//
// Promise 6: what the snapshot says of time, against a walk over all the instants at which anything could change.
#include "edited.hh"
#include "scenario.hh"

#include "policy/snapshot.hh"

#include <catch2/catch.hpp>

#include <algorithm>

namespace caapolicy::test {

namespace {

constexpr size_t kInstants = 5;

// All that can be told of a name at an instant.
struct State {
  bool governed{false};
  RecordSet own, child;
  bool published{false};

  bool sameAnswers(const State& other) const { return governed == other.governed && own == other.own && child == other.child; }
  bool operator==(const State&) const = default;
};

State stateOf(const Snapshot& snapshot, const Name& name, Instant now)
{
  const auto view = snapshot.find(name.wire());
  State state;
  state.governed = view.governed();
  if (state.governed) {
    state.own = *snapshot.own(view, now).set;
    state.child = *snapshot.child(view, now).set;
  }
  state.published = snapshot.published(view, now);
  return state;
}

using Changes = std::vector<Snapshot::Change>;

bool covers(const Changes& changes, const Name& name, bool answers)
{
  return std::any_of(changes.begin(), changes.end(), [&](const Snapshot::Change& change) {
    return change.below ? isAtOrBelow(name.wire(), change.name.wire()) : !answers && change.name == name;
  });
}

// In canonical order, and nothing below a name that is listed with all that is below it.
bool isTidy(const Changes& changes)
{
  for (size_t i = 1; i < changes.size(); ++i) {
    if (!(changes[i - 1].name < changes[i].name)) {
      return false;
    }
    for (size_t j = 0; j < i; ++j) {
      if (changes[j].below && isAtOrBelow(changes[i].name.wire(), changes[j].name.wire())) {
        return false;
      }
    }
  }
  return true;
}

// The first boundary after `now` for which `differs` holds.
template <typename Differs>
Instant firstBoundary(const std::vector<Instant>& boundaries, Instant now, const Differs& differs)
{
  const auto found =
    std::find_if(boundaries.begin(), boundaries.end(), [&](Instant boundary) { return boundary > now && differs(boundary); });
  return found == boundaries.end() ? kEndOfTime : *found;
}

bool changesAt(const Snapshot& snapshot, const std::vector<Name>& names, Instant boundary)
{
  return std::any_of(names.begin(), names.end(), [&](const Name& name) {
    return stateOf(snapshot, name, boundary - 1) != stateOf(snapshot, name, boundary);
  });
}

} // namespace

TEST_CASE("an answer holds exactly until it says that it changes")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const auto boundaries = Oracle(*scenario.policy).boundaries();
    const auto snapshot = Snapshot::compile(scenario.policy);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      for (const auto& name : namesAround(scenario)) {
        const auto view = snapshot->find(name.wire());
        if (!view.governed()) {
          continue;
        }
        const auto own = snapshot->own(view, now);
        const auto child = snapshot->child(view, now);
        const Instant ownChanges =
          firstBoundary(boundaries, now, [&](Instant boundary) { return *snapshot->own(view, boundary).set != *own.set; });
        const Instant childChanges =
          firstBoundary(boundaries, now, [&](Instant boundary) { return *snapshot->child(view, boundary).set != *child.set; });
        if (own.changes != ownChanges || child.changes != childChanges) {
          return name.toText() + " at " + std::to_string(now) + ": changes at " + std::to_string(ownChanges) + ", below at "
            + std::to_string(childChanges) + ", but says " + std::to_string(own.changes) + " and " + std::to_string(child.changes);
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("the next and the last change are those of any answer")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    auto boundaries = Oracle(*scenario.policy).boundaries();
    const auto snapshot = Snapshot::compile(scenario.policy);
    const auto names = namesAround(scenario);
    std::erase_if(boundaries, [&](Instant boundary) { return !changesAt(*snapshot, names, boundary); });
    for (const Instant now : instantsAround(scenario)) {
      const Instant next = firstBoundary(boundaries, now, [](Instant) { return true; });
      const auto after = std::upper_bound(boundaries.begin(), boundaries.end(), now);
      const Instant last = after == boundaries.begin() ? kBeginningOfTime : *(after - 1);
      if (snapshot->nextChange(now) != next || snapshot->lastChange(now) != last) {
        return std::to_string(now) + ": last " + std::to_string(snapshot->lastChange(now)) + " for " + std::to_string(last) + ", next "
          + std::to_string(snapshot->nextChange(now)) + " for " + std::to_string(next);
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("changes between two instants name every name whose answer changes")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const auto snapshot = Snapshot::compile(scenario.policy);
    const auto boundaries = Oracle(*scenario.policy).boundaries();
    const auto instants = sample(scenario, random, instantsAround(scenario), kInstants);
    for (const Instant after : instants) {
      for (const Instant upTo : instants) {
        if (upTo < after) {
          continue;
        }
        const auto changes = snapshot->changesBetween(after, upTo);
        const std::string when = " in (" + std::to_string(after) + ", " + std::to_string(upTo) + "]";
        if (!isTidy(changes)) {
          return "untidy" + when;
        }
        for (const auto& name : namesAround(scenario)) {
          const State before = stateOf(*snapshot, name, after);
          const State now = stateOf(*snapshot, name, upTo);
          if (before != now && !covers(changes, name, !before.sameAnswers(now))) {
            return name.toText() + " is missing" + when;
          }
        }
        for (const auto& change : changes) {
          const bool real = std::any_of(boundaries.begin(), boundaries.end(), [&](Instant boundary) {
            const State before = stateOf(*snapshot, change.name, boundary - 1);
            const State now = stateOf(*snapshot, change.name, boundary);
            return after < boundary && boundary <= upTo && (change.below ? !before.sameAnswers(now) : before != now);
          });
          if (!real) {
            return change.name.toText() + " is named for nothing" + when;
          }
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("changes since another policy name every name whose answer differs")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    Scenario later = scenario;
    later.policy = finished(random.percent(80) ? edited(*scenario.policy, random) : generatePolicy(random));
    const auto before = Snapshot::compile(scenario.policy);
    const auto after = Snapshot::compile(later.policy);
    auto names = namesAround(scenario);
    const auto others = namesAround(later);
    names.insert(names.end(), others.begin(), others.end());
    for (const Instant now : sample(scenario, random, instantsAround(later), kInstants)) {
      const auto changes = after->changesSince(*before, now);
      if (!isTidy(changes)) {
        return "untidy at " + std::to_string(now) + ", since then:\n" + describe(*later.policy);
      }
      for (const auto& name : names) {
        const State was = stateOf(*before, name, now);
        const State is = stateOf(*after, name, now);
        bool answers = !was.sameAnswers(is);
        if (was.governed && is.governed) {
          const auto old = before->own(before->find(name.wire()), now);
          const auto fresh = after->own(after->find(name.wire()), now);
          answers = answers || old.ttl != fresh.ttl || old.changes != fresh.changes;
        }
        if ((answers || was != is) && !covers(changes, name, answers)) {
          return name.toText() + " is missing at " + std::to_string(now) + ", since then:\n" + describe(*later.policy);
        }
      }
    }
    return after->changesSince(*after, 0).empty() ? std::nullopt : std::optional<std::string>("changes since itself");
  });
}

} // namespace caapolicy::test
