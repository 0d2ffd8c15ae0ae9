// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/gathered_changes.hh"

#include "policy_builder.hh"

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

std::shared_ptr<const Snapshot> snapshotOf(const std::vector<std::string>& subtrees)
{
  PolicyBuilder builder;
  for (const auto& subtree : subtrees) {
    builder.subtree(subtree);
  }
  return builder.compile();
}

std::vector<Snapshot::Change> changesBelow(const std::string& parent, size_t number, bool below)
{
  std::vector<Snapshot::Change> changes;
  for (size_t i = 0; i < number; ++i) {
    changes.push_back({name("n" + std::to_string(i) + "." + parent), below});
  }
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return changes;
}

} // namespace

TEST_CASE("a few changes stay as they are")
{
  const auto snapshot = snapshotOf({"example.com"});
  const auto subtrees = changesBelow("example.com", 64, true);
  CHECK(gathered(subtrees, *snapshot) == subtrees);
  const auto names = changesBelow("example.com", 10'000, false);
  CHECK(gathered(names, *snapshot) == names);
}

TEST_CASE("many changes are those of the topmost governed subtrees that they are in")
{
  const auto snapshot = snapshotOf({"dev.example.com", "a.dev.example.com", "example.org"});
  auto changes = changesBelow("a.dev.example.com", 65, true);
  const auto more = changesBelow("example.org", 65, true);
  changes.insert(changes.end(), more.begin(), more.end());
  const std::vector<Snapshot::Change> wanted{{name("dev.example.com"), true}, {name("example.org"), true}};
  CHECK(gathered(changes, *snapshot) == wanted);
  CHECK(gathered(changesBelow("example.org", 10'001, false), *snapshot) == std::vector<Snapshot::Change>{{name("example.org"), true}});
}

TEST_CASE("many changes of names that the policy governs no more stay those of the names")
{
  const auto changes = changesBelow("example.net", 65, true);
  CHECK(gathered(changes, *snapshotOf({"example.org"})) == changes);
}
