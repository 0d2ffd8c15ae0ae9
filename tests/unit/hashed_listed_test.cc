// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/hashed_listed.hh"

#include "policy/compile.hh"
#include "policy_builder.hh"

#include <map>
#include <random>
#include <set>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

// Stands in for SHA-1; counts.
struct Hasher {
  size_t calls{0};

  static NameHash of(WireName name)
  {
    uint64_t state = std::hash<std::string_view>{}(name);
    NameHash hash;
    for (auto& byte : hash) {
      byte = static_cast<unsigned char>(state >> 56);
      state = state * 6364136223846793005U + 1442695040888963407U;
    }
    return hash;
  }
  HashFunction function()
  {
    return [this](WireName name) {
      ++calls;
      return of(name);
    };
  }
};

std::string wildcardOf(WireName name)
{
  using namespace std::string_literals;
  return "\1*"s.append(name);
}

// What is found when everything is accepted, all around.
std::vector<std::string> namesIn(const HashedListed& order, Instant now)
{
  std::vector<std::string> names;
  std::optional<HashedName> at = order.first({nullptr, nullptr}, {now, 1}, [](WireName) { return true; });
  while (at) {
    names.push_back(at->name);
    at = order.first({&at->hash, nullptr}, {now, 1}, [](WireName) { return true; });
  }
  return names;
}

std::vector<std::string> backwards(const HashedListed& order, Instant now)
{
  std::vector<std::string> names;
  std::optional<HashedName> at = order.last({nullptr, nullptr}, {now, 1}, [](WireName) { return true; });
  while (at) {
    names.insert(names.begin(), at->name);
    NameHash below = at->hash; // the one before it: no bound is below the first
    for (size_t i = below.size(); i-- > 0 && below[i]-- == 0;) {
    }
    at = order.last({nullptr, &below}, {now, 1}, [](WireName) { return true; });
  }
  return names;
}

// Independent of the order: what the snapshot has under the apex at `now`.
std::vector<std::string> expected(const Snapshot& snapshot, WireName apex, Instant now)
{
  std::map<NameHash, std::string> byHash;
  for (const auto& [name, view] : snapshot.listedAtOrBelow(apex)) {
    const bool published = snapshot.published(view, now);
    if (published) {
      byHash.emplace(Hasher::of(name), std::string(name));
    }
    if (published || (view.governed() && snapshot.own(view, now).setIndex != snapshot.child(view, now).setIndex)) {
      byHash.emplace(Hasher::of(wildcardOf(name)), wildcardOf(name));
    }
  }
  std::vector<std::string> names;
  for (const auto& entry : byHash) {
    names.push_back(entry.second);
  }
  return names;
}

std::shared_ptr<const Snapshot> compile(Compiler& compiler, std::shared_ptr<const Policy> policy)
{
  auto compiled = compiler.compile(std::move(policy));
  auto snapshot = compiled.snapshot;
  compiler.adopt(std::move(compiled));
  return snapshot;
}

struct Random {
  std::mt19937 engine{42};
  size_t below(size_t end) { return engine() % end; }
};

} // namespace

TEST_CASE("an order of hashes that follows the policy is as one made anew", "[hashed_listed]")
{
  const size_t names = GENERATE(size_t{0}, size_t{1}, size_t{40}, size_t{2'000});
  Random random;
  auto policy = std::make_shared<Policy>();
  for (const char* subtree : {"example.com", "other.example"}) {
    policy->subtrees.emplace_back().name = name(subtree);
  }
  Compiler compiler;
  // A file of many approvals that rarely changes, and one of few.
  const auto fileOf = [](const std::set<size_t>& there, uint32_t file) {
    PolicyBuilder builder;
    for (const size_t number : there) {
      const auto from = static_cast<Instant>(number % 5) * 100;
      builder.approve("n" + std::to_string(number) + ".example.com", grant("a.example"), from, number % 3 == 0 ? from + 250 : kEndOfTime);
      builder.approve("n" + std::to_string(number) + ".other.example", grant("a.example"));
    }
    auto files = packed(builder.approvals());
    return files.empty() ? PlacedApprovals{FileApprovals::pack({}), file} : PlacedApprovals{files.front().approvals, file};
  };
  const auto change = [&](std::set<size_t>& there, size_t number) {
    for (size_t i = 0; i < number; ++i) {
      const size_t which = random.below(3 * names + 2);
      if (!there.insert(which).second) {
        there.erase(which);
      }
    }
  };
  std::set<size_t> many;
  std::set<size_t> few;
  change(many, names);
  PlacedApprovals rare = fileOf(many, 0);
  const auto compiled = [&] {
    auto next = std::make_shared<Policy>(*policy);
    next->approvals = {rare, fileOf(few, 1)};
    return compile(compiler, next);
  };
  const Name apex = name("example.com");
  Hasher hasher;
  auto snapshot = compiled();
  auto order = std::make_shared<const HashedListed>(snapshot, std::string(apex.wire()), hasher.function());
  for (int step = 0; step < 40; ++step) {
    change(few, random.below(6));
    if (step % 10 == 9) {
      change(many, names / 2);
      rare = fileOf(many, 0);
    }
    if (step % 20 == 19) {
      compiler = Compiler(); // all nodes are elsewhere
    }
    snapshot = compiled();
    order = std::make_shared<const HashedListed>(*order, snapshot);
    for (const Instant now : {-1, 0, 150, 349, 350, 10'000}) {
      const auto wanted = expected(*snapshot, apex.wire(), now);
      REQUIRE(namesIn(*order, now) == wanted);
      REQUIRE(backwards(*order, now) == wanted);
    }
    const auto [begin, end] = snapshot->listedWithin(apex.wire());
    REQUIRE(order->size() == 2 * (end - begin));
  }
}

TEST_CASE("only names with a new node are hashed", "[hashed_listed]")
{
  Compiler compiler;
  PolicyBuilder builder;
  builder.subtree("example.com");
  for (int i = 0; i < 3'000; ++i) {
    builder.approve("n" + std::to_string(i) + ".example.com", grant("a.example"));
  }
  auto policy = std::make_shared<Policy>(builder.policy());
  policy->approvals = packed(builder.approvals());
  Hasher hasher;
  const HashedListed first(compile(compiler, policy), std::string(name("example.com").wire()), hasher.function());
  CHECK(hasher.calls == 2 * 3'001);
  hasher.calls = 0;
  PolicyBuilder more;
  more.approve("new.example.com", grant("a.example"));
  policy = std::make_shared<Policy>(*policy);
  policy->approvals.push_back({packed(more.approvals()).front().approvals, 1});
  const HashedListed second(first, compile(compiler, policy)); // new, its parent, which has a new node, and `*` of both
  CHECK(hasher.calls == 4);
  CHECK(second.size() == first.size() + 2);
  const HashedListed anew(second, Snapshot::compile(policy)); // all nodes are elsewhere
  CHECK(hasher.calls == 4);
  CHECK(anew.size() == second.size());
}

TEST_CASE("a walk does not ask again for what was not accepted, until something changes", "[hashed_listed]")
{
  PolicyBuilder builder;
  builder.subtree("example.com");
  for (int i = 0; i < 3'000; ++i) {
    builder.approve("n" + std::to_string(i) + ".example.com", grant("a.example"), 1'000, 2'000);
  }
  Hasher hasher;
  const HashedListed order(builder.compile(), std::string(name("example.com").wire()), hasher.function());
  size_t asked = 0;
  const auto refused = [&](Instant now, uint32_t serial) {
    asked = 0;
    const auto refuse = [&](WireName) {
      ++asked;
      return false;
    };
    CHECK_FALSE(order.first({nullptr, nullptr}, {now, serial}, refuse));
    return asked;
  };
  CHECK(refused(999, 1) <= 2);  // the apex and its `*`: the rest is not there yet
  CHECK(refused(1'000, 1) > 6'000);
  CHECK(refused(1'001, 1) == 0);
  CHECK(refused(1'001, 2) > 6'000); // another serial
  CHECK(refused(1'200, 2) > 6'000); // a while later
  CHECK(refused(1'999, 2) > 6'000);
  CHECK(refused(2'000, 2) <= 2); // they have ended
}
