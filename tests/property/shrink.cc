// SPDX-License-Identifier: GPL-2.0-or-later
#include "shrink.hh"

#include <algorithm>

namespace caapolicy::test {

namespace {

using Candidates = std::vector<Scenario>;

template <typename Change>
void tryPolicy(Candidates& candidates, const Scenario& from, const Change& change)
{
  WrittenPolicy policy = *from.policy;
  change(policy);
  tidy(policy);
  Scenario candidate = from;
  candidate.policy = finished(std::move(policy));
  candidates.push_back(std::move(candidate));
}

void withoutSubtrees(Candidates& candidates, const Scenario& from)
{
  for (size_t i = 0; i < from.policy->subtrees.size(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    tryPolicy(candidates, from, [at](WrittenPolicy& policy) { policy.subtrees.erase(policy.subtrees.begin() + at); });
    const Subtree& subtree = from.policy->subtrees[i];
    for (size_t grant = 0; grant < subtree.allow.size(); ++grant) {
      tryPolicy(candidates, from, [i, grant](WrittenPolicy& policy) {
        auto& allow = policy.subtrees[i].allow;
        allow.erase(allow.begin() + static_cast<std::ptrdiff_t>(grant));
      });
    }
    if (subtree.inherit) {
      tryPolicy(candidates, from, [i](WrittenPolicy& policy) { policy.subtrees[i].inherit = false; });
    }
    if (subtree.denied) {
      tryPolicy(candidates, from, [i](WrittenPolicy& policy) { policy.subtrees[i].denied = false; });
    }
    if (subtree.cname == CnameMode::Flatten) {
      tryPolicy(candidates, from, [i](WrittenPolicy& policy) { policy.subtrees[i].cname = CnameMode::Keep; });
    }
    const auto dropSetting = [&](auto Inherited::*setting) {
      if (subtree.settings.*setting) {
        tryPolicy(candidates, from, [i, setting](WrittenPolicy& policy) { (policy.subtrees[i].settings.*setting).reset(); });
      }
    };
    dropSetting(&Inherited::ttl);
    dropSetting(&Inherited::iodef);
    dropSetting(&Inherited::contactemail);
    dropSetting(&Inherited::mail);
    dropSetting(&Inherited::vmc);
  }
  const auto dropDefault = [&](auto Inherited::*setting) {
    if (from.policy->defaults.*setting) {
      tryPolicy(candidates, from, [setting](WrittenPolicy& policy) { (policy.defaults.*setting).reset(); });
    }
  };
  dropDefault(&Inherited::ttl);
  dropDefault(&Inherited::iodef);
  dropDefault(&Inherited::contactemail);
  dropDefault(&Inherited::mail);
  dropDefault(&Inherited::vmc);
}

void withoutApprovals(Candidates& candidates, const Scenario& from)
{
  for (size_t i = 0; i < from.policy->approvals.size(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    const auto tryApproval = [&](const auto& change) {
      tryPolicy(candidates, from, [i, &change](WrittenPolicy& policy) { change(policy.approvals[i]); });
    };
    const Approval& approval = from.policy->approvals[i];
    tryPolicy(candidates, from, [at](WrittenPolicy& policy) { policy.approvals.erase(policy.approvals.begin() + at); });
    if (approval.grants.size() > 1) {
      tryApproval([](Approval& changed) { changed.grants.pop_back(); });
      tryApproval([](Approval& changed) { changed.grants.erase(changed.grants.begin()); });
    }
    if (approval.subtree) {
      tryApproval([](Approval& changed) { changed.subtree = false; });
    }
    if (approval.from != kBeginningOfTime) {
      tryApproval([](Approval& changed) { changed.from = kBeginningOfTime; });
    }
    if (approval.until != kEndOfTime) {
      tryApproval([](Approval& changed) { changed.until = kEndOfTime; });
    }
    const auto bound = [](const Grant& grant) { return !grant.issuer.accounts.empty() || !grant.issuer.methods.empty(); };
    if (std::any_of(approval.grants.begin(), approval.grants.end(), bound)) {
      tryApproval([](Approval& changed) {
        for (auto& grant : changed.grants) {
          grant.issuer.accounts.clear();
          grant.issuer.methods.clear();
        }
      });
    }
  }
}

void withoutRecords(Candidates& candidates, const Scenario& from)
{
  for (const auto& [name, node] : from.zone.nodes) {
    if (name != from.zone.apex) {
      candidates.push_back(from);
      candidates.back().zone.nodes.erase(name);
    }
    if (node.caa && !node.types.empty()) {
      candidates.push_back(from);
      candidates.back().zone.nodes[name].caa.reset();
    }
    if (node.has("TXT") && (node.caa || node.types.size() > 1)) {
      candidates.push_back(from);
      candidates.back().zone.nodes[name].types.erase("TXT");
    }
  }
}

Candidates smallerThan(const Scenario& scenario)
{
  Candidates candidates;
  withoutSubtrees(candidates, scenario);
  withoutApprovals(candidates, scenario);
  withoutRecords(candidates, scenario);
  return candidates;
}

} // namespace

Scenario shrink(const Scenario& scenario, const Property& property)
{
  Scenario smallest = scenario;
  smallest.thorough = true;
  for (bool found = true; found;) {
    const Candidates candidates = smallerThan(smallest);
    const auto fails = [&property](const Scenario& candidate) { return property(candidate).has_value(); };
    const auto failing = std::find_if(candidates.begin(), candidates.end(), fails);
    found = failing != candidates.end();
    if (found) {
      smallest = *failing;
    }
  }
  return smallest;
}

} // namespace caapolicy::test
