// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/live_climb.hh"

#include <algorithm>

namespace caapolicy::cli {

namespace {

// The records of `a` that `b` lacks. Their order has no meaning.
std::vector<CaaRecord> lacking(const std::vector<CaaRecord>& a, const std::vector<CaaRecord>& b)
{
  std::vector<CaaRecord> records;
  std::copy_if(a.begin(), a.end(), std::back_inserter(records), [&](const CaaRecord& record) { return std::find(b.begin(), b.end(), record) == b.end(); });
  return records;
}

} // namespace

uint32_t LiveClimb::longestTtl() const
{
  return std::max_element(steps.begin(), steps.end(), [](const Lookup& a, const Lookup& b) { return a.ttl < b.ttl; })->ttl;
}

LiveClimb climbLive(const Name& name, LookupSource& source)
{
  LiveClimb climb;
  for (Name at = name; !at.isRoot(); at = at.parent()) {
    climb.steps.push_back(source.ask(at));
    if (const Outcome outcome = climb.steps.back().outcome; outcome != Outcome::NoCaa && outcome != Outcome::NoName) {
      break;
    }
  }
  return climb;
}

std::optional<Verdict> judge(const LiveClimb& climb, const CaRequest& request)
{
  if (climb.failed() || climb.leaves()) {
    return std::nullopt;
  }
  // Aliases have been followed already, as RFC 8659 3 has it: the climb goes on at the parent of the alias.
  return evaluate(request, [&](const Name& name) -> CaaLookup {
    const Lookup* decider = climb.decider();
    return decider != nullptr && decider->name == name ? CaaLookup{decider->set} : CaaLookup{NoCaa{}};
  });
}

std::optional<Comparison> compare(const LiveClimb& climb, const Snapshot& snapshot, Instant at)
{
  if (climb.failed() || (climb.leaves() && (climb.steps.size() == 1 || !climb.steps.back().aliases.empty()))) {
    return std::nullopt;
  }
  // Of a name that doesn't exist, or has nothing of its own, the policy speaks all the same; for an alias its target speaks, and where
  // that has no CAA, the parent of the alias.
  Comparison comparison;
  comparison.name = climb.steps.front().name;
  for (const auto& step : climb.steps) {
    if (!step.aliases.empty()) {
      comparison.name = step.outcome == Outcome::Records ? step.owner() : step.name.parent();
    }
  }
  const auto view = snapshot.find(comparison.name.wire());
  comparison.governed = view.governed();
  if (comparison.governed) {
    const RecordSet& expected = *snapshot.own(view, at).set;
    const RecordSet seen = climb.decider() == nullptr ? RecordSet{} : climb.decider()->set;
    comparison.missing = lacking(expected.records, seen.records);
    comparison.extra = lacking(seen.records, expected.records);
  }
  return comparison;
}

} // namespace caapolicy::cli
