// SPDX-License-Identifier: GPL-2.0-or-later
//
// Spans of time, `from` included and `until` not, as an approval has them. Pure functions.
#pragma once

#include "clock.hh"

#include <vector>

namespace caapolicy {

struct Interval {
  Instant from, until;
  bool operator==(const Interval&) const = default;
};

inline constexpr Interval kAlways{kBeginningOfTime, kEndOfTime};

// Sorted, disjoint and not touching. The functions below take and give only such.
using Intervals = std::vector<Interval>;

// Empty ones are left out.
Intervals normalized(std::vector<Interval> intervals);
bool contains(const Intervals& intervals, Instant instant);
// What of `intervals` is not in `taken`.
Intervals without(const Intervals& intervals, const Intervals& taken);

} // namespace caapolicy
