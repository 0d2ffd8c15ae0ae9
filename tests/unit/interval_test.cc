// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/interval.hh"

#include <catch2/catch.hpp>

#include <ostream>

namespace caapolicy {

inline std::ostream& operator<<(std::ostream& out, const Interval& interval) { return out << interval.from << ".." << interval.until; }

} // namespace caapolicy

using namespace caapolicy;

TEST_CASE("intervals are sorted and joined", "[interval]")
{
  struct Row {
    const char* name;
    std::vector<Interval> given;
    Intervals wanted;
  };
  const Row rows[] = {
    {"none", {}, {}},
    {"one", {{1, 2}}, {{1, 2}}},
    {"out of order", {{5, 6}, {1, 2}}, {{1, 2}, {5, 6}}},
    {"empty ones and such as end before they begin", {{3, 3}, {5, 4}, {1, 2}}, {{1, 2}}},
    {"touching", {{1, 2}, {2, 3}}, {{1, 3}}},
    {"overlapping", {{1, 5}, {3, 8}}, {{1, 8}}},
    {"one within another", {{1, 9}, {3, 4}, {8, 10}}, {{1, 10}}},
    {"the same twice", {{1, 2}, {1, 2}}, {{1, 2}}},
    {"a longer one from the same beginning", {{1, 2}, {1, 4}}, {{1, 4}}},
    {"always", {{3, 4}, kAlways}, {kAlways}},
    {"an empty one between two that don't touch", {{1, 2}, {2, 2}, {3, 4}}, {{1, 2}, {3, 4}}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(normalized(row.given) == row.wanted);
  }
}

TEST_CASE("an interval holds from its beginning until before its end", "[interval]")
{
  const Intervals intervals{{1, 3}, {5, 6}, {8, kEndOfTime}};
  struct Row {
    Instant instant;
    bool isIn;
  };
  const Row rows[] = {{kBeginningOfTime, false}, {0, false}, {1, true}, {2, true}, {3, false}, {4, false}, {5, true}, {6, false}, {7, false}, {8, true}, {9, true}};
  for (const Row& row : rows) {
    CAPTURE(row.instant);
    CHECK(contains(intervals, row.instant) == row.isIn);
    CHECK_FALSE(contains({}, row.instant));
  }
  CHECK(contains({kAlways}, kBeginningOfTime));
}

TEST_CASE("intervals without others", "[interval]")
{
  struct Row {
    const char* name;
    Intervals given, taken, wanted;
  };
  const Row rows[] = {
    {"nothing from nothing", {}, {}, {}},
    {"nothing", {{1, 2}}, {}, {{1, 2}}},
    {"from nothing", {}, {{1, 2}}, {}},
    {"all", {{1, 2}, {4, 6}}, {{1, 2}, {4, 6}}, {}},
    {"more than all", {{1, 2}, {4, 6}}, {{0, 9}}, {}},
    {"the beginning", {{1, 5}}, {{0, 2}}, {{2, 5}}},
    {"the end", {{1, 5}}, {{4, 7}}, {{1, 4}}},
    {"the middle", {{1, 5}}, {{2, 3}}, {{1, 2}, {3, 5}}},
    {"several of one", {{1, 9}}, {{2, 3}, {4, 5}, {8, 12}}, {{1, 2}, {3, 4}, {5, 8}}},
    {"one of several", {{1, 3}, {4, 6}, {7, 9}}, {{2, 8}}, {{1, 2}, {8, 9}}},
    {"what only touches", {{3, 5}}, {{1, 3}, {5, 7}}, {{3, 5}}},
    {"what lies between", {{1, 2}, {5, 6}}, {{3, 4}}, {{1, 2}, {5, 6}}},
    {"one that reaches into the next", {{1, 4}, {6, 9}}, {{2, 7}, {8, 9}}, {{1, 2}, {7, 8}}},
    {"from always", {kAlways}, {{1, 2}}, {{kBeginningOfTime, 1}, {2, kEndOfTime}}},
    {"always", {{1, 2}}, {kAlways}, {}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(without(row.given, row.taken) == row.wanted);
  }
}
