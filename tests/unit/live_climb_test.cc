// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a CA sees, from answers that are made up: those that servers give only now and then.
#include "cli/live_climb.hh"
#include "policy_builder.hh"

#include <catch2/catch.hpp>

#include <map>

using namespace caapolicy;
using namespace caapolicy::cli;
using namespace caapolicy::test;

namespace {

const std::vector<std::string> kDenied{";"};

RecordSet setOf(const std::vector<std::string>& issue)
{
  RecordSet set;
  for (const auto& value : issue) {
    set.records.push_back({0, "issue", value});
  }
  return set;
}

// Names that it has not been told of don't exist, for 60 s.
class Answers : public LookupSource {
public:
  Lookup& at(const std::string& text, Outcome outcome, uint32_t ttl = 300)
  {
    Lookup lookup;
    lookup.name = name(text);
    lookup.outcome = outcome;
    lookup.ttl = ttl;
    return d_lookups[text] = lookup;
  }
  Lookup& records(const std::string& text, const std::vector<std::string>& issue, uint32_t ttl = 300)
  {
    Lookup& lookup = at(text, Outcome::Records, ttl);
    lookup.set = setOf(issue);
    return lookup;
  }
  Lookup ask(const Name& name) override
  {
    const auto found = d_lookups.find(name.toText());
    if (found != d_lookups.end()) {
      return found->second;
    }
    Lookup lookup;
    lookup.name = name;
    lookup.outcome = Outcome::NoName;
    lookup.ttl = 60;
    return lookup;
  }

private:
  std::map<std::string, Lookup> d_lookups;
};

std::shared_ptr<const Snapshot> policy()
{
  PolicyBuilder builder;
  builder.subtree("example.com");
  builder.approve("shop.example.com", grant("ca.example", Wildcard::Also));
  return builder.compile();
}

std::vector<std::string> askedIn(const LiveClimb& climb)
{
  std::vector<std::string> names;
  for (const auto& step : climb.steps) {
    names.push_back(step.name.toText());
  }
  return names;
}

std::optional<Comparison> comparisonOf(const std::string& text, Answers& answers) { return compare(climbLive(name(text), answers), *policy(), 0); }

} // namespace

TEST_CASE("the climb ends at the first set, below the root")
{
  Answers answers;
  answers.at("b.example.com", Outcome::NoCaa, 30);
  answers.records("example.com", kDenied, 20);
  const auto climb = climbLive(name("a.b.example.com"), answers);
  CHECK(askedIn(climb) == std::vector<std::string>{"a.b.example.com", "b.example.com", "example.com"});
  REQUIRE(climb.decider() != nullptr);
  CHECK(climb.decider()->name == name("example.com"));
  CHECK(climb.longestTtl() == 60);

  const auto none = climbLive(name("www.example.net"), answers);
  CHECK(askedIn(none) == std::vector<std::string>{"www.example.net", "example.net", "net"});
  CHECK(none.decider() == nullptr);
  CHECK_FALSE(none.failed());
  CHECK(judge(none, {name("www.example.net"), false, Property::Issue, "ca.example", "", ""})->allow);
}

TEST_CASE("a failure ends the climb, and nobody can say what would have been above")
{
  const auto outcome = GENERATE(Outcome::Failed, Outcome::NotServed);
  Answers answers;
  answers.at("example.com", outcome);
  answers.records("com", {"ca.example"});
  const auto climb = climbLive(name("www.example.com"), answers);
  CHECK(askedIn(climb) == std::vector<std::string>{"www.example.com", "example.com"});
  CHECK_FALSE(judge(climb, {name("www.example.com"), false, Property::Issue, "ca.example", "", ""}));
}

TEST_CASE("a verdict is on the set that was found, by whatever way")
{
  Answers answers;
  answers.at("shop.example.com", Outcome::NoCaa).aliases = {{name("edge.example.net"), 300}};
  answers.records("example.com", {"ca.example"});
  const auto climb = climbLive(name("shop.example.com"), answers);
  const auto verdict = judge(climb, {name("shop.example.com"), false, Property::Issue, "ca.example", "", ""});
  REQUIRE(verdict);
  CHECK(verdict->allow);
  CHECK(verdict->decidedAt == name("example.com"));
  CHECK_FALSE(judge(climb, {name("shop.example.com"), false, Property::Issue, "other.example", "", ""})->allow);
}

TEST_CASE("compared with the policy")
{
  Answers answers;
  SECTION("a name that is not there has the set that the policy gives it, wherever it was found")
  {
    answers.records("example.com", kDenied);
    CHECK(comparisonOf("x.example.com", answers)->same());
  }
  SECTION("an approval that a name below it inherits, because a cache took the guard for absent")
  {
    answers.records("shop.example.com", {"ca.example"});
    const auto comparison = comparisonOf("x.shop.example.com", answers);
    CHECK(comparison->name == name("x.shop.example.com"));
    CHECK(comparison->missing == setOf(kDenied).records);
    CHECK(comparison->extra == setOf({"ca.example"}).records);
  }
  SECTION("no set at all")
  {
    const auto comparison = comparisonOf("x.example.com", answers);
    CHECK(comparison->missing == setOf(kDenied).records);
    CHECK(comparison->extra.empty());
  }
  SECTION("the order of records means nothing, each of them does")
  {
    PolicyBuilder builder;
    builder.subtree("example.com", {grant("a.example", Wildcard::Also), grant("b.example", Wildcard::Also)});
    const auto snapshot = builder.compile();
    answers.records("example.com", {"b.example", "a.example"});
    CHECK(compare(climbLive(name("example.com"), answers), *snapshot, 0)->same());
    answers.records("example.com", {"b.example"});
    CHECK(compare(climbLive(name("example.com"), answers), *snapshot, 0)->missing == setOf({"a.example"}).records);
  }
  SECTION("an alias goes by its target")
  {
    answers.records("www.example.com", {"ca.example"}).aliases = {{name("api.example.com"), 300}, {name("shop.example.com"), 300}};
    const auto comparison = comparisonOf("www.example.com", answers);
    CHECK(comparison->name == name("shop.example.com"));
    CHECK(comparison->same());
  }
  SECTION("an alias to a target that the policy has no say in")
  {
    answers.records("shop.example.com", {"other.example"}).aliases = {{name("edge.example.net"), 300}};
    const auto comparison = comparisonOf("shop.example.com", answers);
    CHECK(comparison->name == name("edge.example.net"));
    CHECK_FALSE(comparison->governed);
  }
  SECTION("an alias to a target without CAA goes by what is above the alias")
  {
    answers.at("shop.example.com", Outcome::NoCaa).aliases = {{name("edge.example.net"), 300}};
    answers.records("example.com", kDenied);
    const auto comparison = comparisonOf("shop.example.com", answers);
    CHECK(comparison->name == name("example.com"));
    CHECK(comparison->same());
  }
  SECTION("not where the lookup failed, or the server doesn't have it")
  {
    answers.at("shop.example.com", GENERATE(Outcome::Failed, Outcome::NotServed));
    CHECK_FALSE(comparisonOf("shop.example.com", answers));
  }
  SECTION("a server that has the zone, but no CAA in it, differs")
  {
    answers.at("com", Outcome::NotServed);
    CHECK(comparisonOf("shop.example.com", answers)->missing == setOf({"ca.example"}).records);
  }
}
