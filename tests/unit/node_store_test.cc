// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/node_store.hh"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace caapolicy;

namespace {

// What a node is made of, kept beside the store.
struct Kept {
  Name name;
  uint32_t subtree{kNone};
  bool isDeclared{false}, isDenied{false}, reachesBelow{false};
  std::vector<Segment> segments;
  std::vector<ApprovalRef> approvals;

  uint32_t addTo(NodeStore& store) const { return store.add({name.wire(), subtree, isDeclared, isDenied, reachesBelow, segments, approvals}); }
};

Kept kept(const std::string& label, size_t segments, size_t approvals)
{
  Kept made;
  made.name = Name().child("example").child(label);
  made.subtree = static_cast<uint32_t>(segments);
  for (uint32_t index = 0; index < segments; ++index) {
    made.segments.push_back({Instant{index} * 1000, index, (index + 1) & kNoSet, index % 2});
  }
  for (uint32_t index = 0; index < approvals; ++index) {
    made.approvals.push_back({index, index + 7});
  }
  return made;
}

bool sameNode(const Node& node, const Kept& wanted)
{
  const auto segments = node.segments();
  const auto approvals = node.approvals();
  return node.name() == wanted.name.wire() && node.subtree() == wanted.subtree && node.isDeclared() == wanted.isDeclared
    && node.isDenied() == wanted.isDenied && node.reachesBelow() == wanted.reachesBelow
    && std::equal(segments.begin(), segments.end(), wanted.segments.begin(), wanted.segments.end(),
                  [](const Segment& left, const Segment& right) { return left.from == right.from && left.sameAs(right); })
    && std::equal(approvals.begin(), approvals.end(), wanted.approvals.begin(), wanted.approvals.end(),
                  [](const ApprovalRef& left, const ApprovalRef& right) { return left.slot == right.slot && left.index == right.index; });
}

} // namespace

TEST_CASE("a node is what was put in", "[node-store]")
{
  struct Row {
    const char* name;
    Kept content;
  };
  std::vector<Row> rows{
    {"the root, with nothing", {}},
    {"no segment and no approval", kept("a", 0, 0)},
    {"segments", kept("bc", 3, 0)},
    {"approvals", kept("def", 0, 3)},
    {"all", kept("ghij", 4, 5)},
    {"as long a name as there is", kept("k", 2, 2)},
    {"declared", kept("l", 1, 0)},
    {"denied", kept("m", 1, 0)},
    {"reaching below", kept("n", 1, 1)},
    {"not governed", kept("o", 1, 0)},
    {"larger than a chunk", kept("p", 200000, 100000)},
    {"after that", kept("q", 1, 1)},
  };
  Name& longest = rows[5].content.name;
  longest = Name();
  for (const size_t length : std::vector<size_t>{61, 63, 63, 63}) {
    longest = longest.child(std::string(length, 'x'));
  }
  REQUIRE(longest.wire().size() == kMaxNameLength);
  rows[6].content.isDeclared = true;
  rows[7].content.isDenied = true;
  rows[8].content.reachesBelow = true;
  rows[9].content.subtree = kNone;
  rows[9].content.segments[0].own = kNoSet;
  rows[9].content.segments[0].child = kNoSet;

  NodeStore store;
  std::vector<uint32_t> handles;
  for (const Row& row : rows) {
    handles.push_back(row.content.addTo(store));
  }
  store.seal();
  for (size_t index = 0; index < rows.size(); ++index) {
    INFO(rows[index].name);
    CHECK(sameNode(store[handles[index]], rows[index].content));
  }
}

TEST_CASE("nodes in several chunks, sealed and copied", "[node-store]")
{
  NodeStore store;
  std::vector<Kept> all;
  std::vector<uint32_t> handles;
  const auto fill = [&](NodeStore& into, size_t count) {
    for (; count > 0; --count) {
      all.push_back(kept("n" + std::to_string(all.size()), all.size() % 5, all.size() % 3));
      handles.push_back(all.back().addTo(into));
    }
  };
  const auto requireAll = [&](const NodeStore& of, size_t count) {
    size_t wrong = 0;
    for (size_t index = 0; index < count; ++index) {
      wrong += !sameNode(of[handles[index]], all[index]);
    }
    REQUIRE(wrong == 0);
  };
  fill(store, 50000); // three chunks and a part
  requireAll(store, 50000);
  std::vector<uint32_t> sorted = handles;
  std::sort(sorted.begin(), sorted.end());
  REQUIRE(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  store.seal();
  requireAll(store, 50000);
  store.seal(); // once more is nothing

  NodeStore second = store;
  CHECK(&second[handles[0]] == &store[handles[0]]); // shared
  fill(second, 10);
  second.seal();
  NodeStore third = second;
  fill(third, 30000);
  third.seal();
  requireAll(third, all.size());
  requireAll(second, 50010);
  requireAll(store, 50000);
  CHECK(&third[handles[50001]] == &second[handles[50001]]);

  second = NodeStore(); // what is shared stays
  store = NodeStore();
  requireAll(third, all.size());
}

TEST_CASE("a store knows when one made anew would be better", "[node-store]")
{
  NodeStore store;
  std::vector<uint32_t> handles;
  for (size_t index = 0; index < 4; ++index) {
    handles.push_back(kept("n", 1, 0).addTo(store));
  }
  store.seal();
  CHECK_FALSE(store.isWasteful());
  store.drop(handles[0]);
  store.drop(handles[1]);
  CHECK_FALSE(store.isWasteful());
  store.drop(handles[2]);
  CHECK(store.isWasteful());

  NodeStore pieces; // many steps with nothing dropped
  size_t steps = 0;
  while (!pieces.isWasteful() && steps < 5000) {
    kept("n", 1, 0).addTo(pieces);
    pieces.seal();
    ++steps;
  }
  CHECK(steps == 1001);
}
