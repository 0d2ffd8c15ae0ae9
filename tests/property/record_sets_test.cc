// SPDX-License-Identifier: GPL-2.0-or-later
//
// Promise 2, and the settings that a name inherits.
#include "scenario.hh"

#include "policy/snapshot.hh"

#include <catch2/catch.hpp>

#include <algorithm>

namespace caapolicy::test {

namespace {

constexpr size_t kInstants = 6;

std::vector<std::string> valuesOf(const RecordSet& set, const std::string& tag)
{
  std::vector<std::string> values;
  for (const auto& record : set.records) {
    if (record.tag == tag) {
      values.push_back(record.value);
    }
  }
  return values;
}

std::optional<std::string> wrongWith(const RecordSet& set, const std::vector<const Grant*>& grants, const Inherited& settings)
{
  const auto issue = valuesOf(set, "issue");
  if (issue.empty()) {
    return "no `issue`, so every CA may issue";
  }
  if (grants.empty() && (issue != std::vector<std::string>{";"} || !valuesOf(set, "issuewild").empty())) {
    return "not closed, but nobody is granted anything";
  }
  if (set.grants != !grants.empty()) {
    return "does not know whether it grants";
  }
  if (valuesOf(set, "issuemail").empty() != !settings.mail || valuesOf(set, "issuevmc").empty() != !settings.vmc) {
    return "restricts mail or marks, and should not, or the other way round";
  }
  if (valuesOf(set, "iodef") != settings.iodef.value_or(std::vector<std::string>{})
      || valuesOf(set, "contactemail") != settings.contactemail.value_or(std::vector<std::string>{})) {
    return "other `iodef` or `contactemail` than it inherits";
  }
  for (auto record = set.records.begin(); record != set.records.end(); ++record) {
    if (record->flags != 0) {
      return "flags that some CAs take for critical";
    }
    if (std::count(set.records.begin(), set.records.end(), *record) != 1) {
      return "`" + record->toText() + "` twice";
    }
    const auto parameters = [&record](const char* name) {
      size_t count = 0;
      for (size_t at = record->value.find(name); at != std::string::npos; at = record->value.find(name, at + 1)) {
        ++count;
      }
      return count;
    };
    if (parameters("accounturi=") > 1 || parameters("validationmethods=") > 1) {
      return "`" + record->toText() + "` satisfies nobody";
    }
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("each record set stands alone and is closed")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const Oracle oracle(*scenario.policy);
    const auto snapshot = Snapshot::compile(scenario.policy);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      for (const auto& name : namesAround(scenario)) {
        const auto view = snapshot->find(name.wire());
        if (!view.governed()) {
          continue;
        }
        const auto settings = oracle.settings(name);
        const std::string where = name.toText() + " at " + std::to_string(now) + ": ";
        const auto own = snapshot->own(view, now);
        const auto child = snapshot->child(view, now);
        if (auto problem = wrongWith(*own.set, oracle.grants(name, now), settings)) {
          return where + *problem;
        }
        // A label that no policy has.
        if (auto problem = wrongWith(*child.set, oracle.grants(name.child("unlisted"), now), settings)) {
          return where + "below: " + *problem;
        }
        if (own.ttl != settings.ttl.value_or(kDefaultTtl) || child.ttl != own.ttl) {
          return where + "TTL " + std::to_string(own.ttl);
        }
        if (snapshot->recordSet(own.setIndex).get() != own.set || snapshot->recordSet(child.setIndex).get() != child.set) {
          return where + "index of the record set";
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("a name is published when the policy needs it")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const Oracle oracle(*scenario.policy);
    const auto snapshot = Snapshot::compile(scenario.policy);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      for (const auto& name : namesAround(scenario)) {
        if (snapshot->published(snapshot->find(name.wire()), now) != oracle.published(name, now)) {
          return name.toText() + " at " + std::to_string(now);
        }
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("a set is explained by the grants that it is made of")
{
  requireForAll([](const Scenario& scenario) -> std::optional<std::string> {
    Random random(scenario.seed);
    const Oracle oracle(*scenario.policy);
    const auto snapshot = Snapshot::compile(scenario.policy);
    for (const Instant now : sample(scenario, random, instantsAround(scenario), kInstants)) {
      for (const auto& name : namesAround(scenario)) {
        const auto reason = snapshot->explain(name.wire(), now);
        std::vector<Grant> given;
        for (const auto& source : reason.sources) {
          given.push_back(*source.grant);
        }
        std::vector<Grant> wanted;
        for (const Grant* grant : oracle.grants(name, now)) {
          wanted.push_back(*grant);
        }
        const auto byPlace = [](const Grant& left, const Grant& right) { return left.where < right.where; };
        std::sort(given.begin(), given.end(), byPlace);
        std::sort(wanted.begin(), wanted.end(), byPlace);
        if (given != wanted || reason.subtree != oracle.governing(name)) {
          return name.toText() + " at " + std::to_string(now) + ": " + std::to_string(given.size()) + " grants explained, "
            + std::to_string(wanted.size()) + " hold";
        }
      }
    }
    return std::nullopt;
  });
}

} // namespace caapolicy::test
