// SPDX-License-Identifier: GPL-2.0-or-later
//
// Small policies for tests, written in code.
#pragma once

#include "policy/snapshot.hh"
#include "tests/packed.hh"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

namespace caapolicy::test {

inline Name name(std::string_view text)
{
  const auto parsed = Name::parseHostName(text);
  REQUIRE(parsed.fault == NameFault::None);
  return parsed.name;
}

inline Grant grant(std::string ca, Wildcard wildcard = Wildcard::No) { return {{ca, {}, {}}, ca, wildcard, {0, 1, 1, 1}}; }

class PolicyBuilder {
public:
  PolicyBuilder() { d_policy.files.push_back({"policy.yaml", "", ""}); }

  Subtree& subtree(std::string_view at, std::vector<Grant> allow = {})
  {
    Subtree subtree;
    subtree.name = name(at);
    subtree.allow = std::move(allow);
    subtree.where = {0, static_cast<uint32_t>(++d_line), 3, 1};
    return d_policy.subtrees.emplace_back(std::move(subtree));
  }

  Approval& approve(std::string_view at, Grant grant, Instant from = kBeginningOfTime, Instant until = kEndOfTime)
  {
    Approval approval;
    approval.name = name(at);
    approval.grants = {std::move(grant)};
    approval.from = from;
    approval.until = until;
    approval.where = {0, static_cast<uint32_t>(++d_line), 3, 1};
    return d_approvals.emplace_back(std::move(approval));
  }

  Policy& policy() { return d_policy; } // without its approvals
  std::vector<Approval>& approvals() { return d_approvals; }

  std::shared_ptr<const Snapshot> compile() const
  {
    auto policy = std::make_shared<Policy>(d_policy);
    std::stable_sort(policy->subtrees.begin(), policy->subtrees.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    policy->approvals = packed(d_approvals);
    return Snapshot::compile(policy);
  }

private:
  Policy d_policy;
  std::vector<Approval> d_approvals;
  int d_line{0};
};

} // namespace caapolicy::test
