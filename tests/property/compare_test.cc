// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the comparison of two policies says, against what the oracle says of each request by each of them.
#include "edited.hh"
#include "scenario.hh"
#include "vocabulary.hh"

#include "policy/compare.hh"

#include <catch2/catch.hpp>

#include <algorithm>

namespace caapolicy::test {

namespace {

constexpr size_t kNames = 12;
constexpr size_t kInstants = 4;

// A policy that doesn't govern a name allows everything there.
bool allowed(const Oracle& oracle, const CaRequest& request, Instant now)
{
  return oracle.governing(request.name) == nullptr || Oracle::allows(request, oracle.grants(request.name, now), oracle.settings(request.name));
}

// The entry that speaks of a name; null: nothing changes there.
const NameChange* entryFor(const std::vector<NameChange>& changes, const Name& name)
{
  using Reach = NameChange::Reach;
  for (Name at = name;; at = at.parent()) {
    for (const auto& change : changes) {
      if (change.name == at && (change.reach == Reach::Both || (change.reach == Reach::Name) == (at == name))) {
        return &change;
      }
    }
    if (at.isRoot()) {
      return nullptr;
    }
  }
}

// One that only this permission stands for.
CaRequest requestFor(const Name& name, const PermissionChange& change, Purpose purpose, const std::string& method)
{
  CaRequest request{name, purpose == Purpose::Wildcard, caapolicy::Property::Issue, change.ca, change.account, method};
  request.property = purpose == Purpose::Mail ? caapolicy::Property::IssueMail : purpose == Purpose::Mark ? caapolicy::Property::IssueVmc : caapolicy::Property::Issue;
  const auto orFresh = [](std::string& text, const char* fresh) { text = text.empty() ? fresh : text; };
  orFresh(request.ca, "fresh.example");
  orFresh(request.account, "https://acme.example/acct/fresh");
  orFresh(request.method, "ca-fresh");
  return request;
}

// Every added or removed permission is one that the oracle knows of too, at its first and its last second.
std::optional<std::string> isReal(const Name& name, const std::vector<PermissionChange>& changes, const Oracle& with, const Oracle& without, Instant from)
{
  for (const auto& change : changes) {
    auto methodsOf = change.methods;
    if (methodsOf.empty()) {
      methodsOf.emplace_back();
    }
    for (const auto& method : methodsOf) {
      for (const Purpose purpose : change.purposes) {
        const CaRequest request = requestFor(name, change, purpose, method);
        for (const Instant now : {change.from, change.until == kEndOfTime ? std::max<Instant>(change.from, 1000000) : change.until - 1}) {
          if (!allowed(with, request, now) || allowed(without, request, now) || now < from) {
            return "no difference at " + std::to_string(now) + ": " + test::describe(request);
          }
        }
      }
    }
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("a comparison of two policies has every difference, and no other")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    Scenario later = scenario;
    later.policy = finished(random.percent(80) ? edited(*scenario.policy, random) : generatePolicy(random));
    const std::string other = "; the other policy:\n" + describe(*later.policy);
    const Oracle before(*scenario.policy), after(*later.policy);
    const auto old = Snapshot::compile(scenario.policy);
    const auto fresh = Snapshot::compile(later.policy);
    const Instant from = random.pick(instantsAround(scenario));
    const auto changes = compare(*old, *fresh, from);

    for (const auto& change : changes) {
      const Name name = change.reach == NameChange::Reach::Below ? change.name.child("never-listed") : change.name;
      if (auto problem = isReal(name, change.added, after, before, from)) {
        return change.name.toText() + " is added for nothing: " + *problem + other;
      }
      if (auto problem = isReal(name, change.removed, before, after, from)) {
        return change.name.toText() + " is removed for nothing: " + *problem + other;
      }
    }
    auto names = namesAround(scenario);
    const auto others = namesAround(later);
    names.insert(names.end(), others.begin(), others.end());
    auto instants = instantsAround(scenario);
    const auto laterInstants = instantsAround(later);
    instants.insert(instants.end(), laterInstants.begin(), laterInstants.end());
    std::erase_if(instants, [from](Instant instant) { return instant < from; });
    instants.push_back(from);
    for (const auto& name : sample(scenario, random, names, kNames)) {
      const NameChange* entry = entryFor(changes, name);
      for (const Instant now : sample(scenario, random, instants, kInstants)) {
        for (const auto& request : requestsFor(name)) {
          const bool was = allowed(before, request, now);
          const bool is = allowed(after, request, now);
          if (is && !was && (entry == nullptr || !entry->widens())) {
            return "not said to be wider at " + std::to_string(now) + ": " + describe(request) + other;
          }
          if (was && !is && (entry == nullptr || entry->removed.empty())) {
            return "not said to be narrower at " + std::to_string(now) + ": " + describe(request) + other;
          }
        }
      }
    }
    return compare(*old, *old, from).empty() ? std::nullopt : std::optional<std::string>("differs from itself");
  });
}

} // namespace caapolicy::test
