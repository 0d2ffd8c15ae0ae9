// SPDX-License-Identifier: GPL-2.0-or-later
#include "interval.hh"

#include <algorithm>

namespace caapolicy {

Intervals normalized(std::vector<Interval> intervals)
{
  std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) { return a.from < b.from; });
  Intervals merged;
  for (const Interval& interval : intervals) {
    if (interval.from >= interval.until) {
      continue;
    }
    if (!merged.empty() && interval.from <= merged.back().until) {
      merged.back().until = std::max(merged.back().until, interval.until);
    }
    else {
      merged.push_back(interval);
    }
  }
  return merged;
}

bool contains(const Intervals& intervals, Instant instant)
{
  const auto after = std::upper_bound(intervals.begin(), intervals.end(), instant,
                                      [](Instant wanted, const Interval& interval) { return wanted < interval.from; });
  return after != intervals.begin() && instant < (after - 1)->until;
}

Intervals without(const Intervals& intervals, const Intervals& taken)
{
  Intervals rest;
  auto cut = taken.begin();
  for (Interval interval : intervals) {
    while (cut != taken.end() && cut->until <= interval.from) {
      ++cut;
    }
    for (auto next = cut; next != taken.end() && next->from < interval.until; ++next) {
      if (interval.from < next->from) {
        rest.push_back({interval.from, next->from});
      }
      interval.from = next->until;
    }
    if (interval.from < interval.until) {
      rest.push_back(interval);
    }
  }
  return rest;
}

} // namespace caapolicy
