// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading_support.hh"

#include "policy/tree.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;

TEST_CASE("of a key that is in a map twice the first one is kept", "[tree]")
{
  // Few keys are compared with each other, many are not.
  for (const uint32_t keys : {2U, 5U, 15U, 16U, 17U, 1000U}) {
    INFO(keys);
    TreeNode map;
    map.kind = TreeNode::Kind::Map;
    for (uint32_t index = 0; index < keys; ++index) {
      map.entries.push_back({"a key of some length " + std::to_string(index), {0, index + 1, 1, 1}, {}});
    }
    std::vector<Diagnostic> problems;
    dropDuplicateKeys(map, problems);
    CHECK(map.entries.size() == keys);
    CHECK(problems.empty());

    TreeEntry again = map.entries[1];
    again.keyWhere.line = 5000;
    map.entries.insert(map.entries.begin() + 2, again);
    again.keyWhere.line = 6000;
    map.entries.push_back(again);
    dropDuplicateKeys(map, problems);
    REQUIRE(map.entries.size() == keys);
    for (uint32_t index = 0; index < keys; ++index) {
      CHECK(map.entries[index].keyWhere.line == index + 1);
    }
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].code == "duplicate-key");
    CHECK(problems[0].where.line == 5000);
    CHECK(problems[1].where.line == 6000);
    REQUIRE(problems[1].related);
    CHECK(problems[1].related->line == 2);
  }
}
