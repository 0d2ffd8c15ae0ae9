// SPDX-License-Identifier: GPL-2.0-or-later
#include "oracle.hh"

#include <algorithm>
#include <set>

namespace caapolicy::test {

namespace {

bool atOrBelow(const Name& name, const Name& ancestor)
{
  for (Name at = name;; at = at.parent()) {
    if (at == ancestor) {
      return true;
    }
    if (at.isRoot()) {
      return false;
    }
  }
}

bool isLive(const Approval& approval, Instant now) { return approval.from <= now && now < approval.until; }

bool listsOrIsFree(const std::vector<std::string>& list, const std::string& wanted)
{
  return list.empty() || std::find(list.begin(), list.end(), wanted) != list.end();
}

bool matches(const Grant& grant, const CaRequest& request)
{
  const bool scope = request.wildcard ? grant.wildcard != Wildcard::No : grant.wildcard != Wildcard::Only;
  return scope && grant.issuer.ca == request.ca && listsOrIsFree(grant.issuer.accounts, request.account)
    && listsOrIsFree(grant.issuer.methods, request.method);
}

// Mail and marks: the generator binds their issuers to no account and no method.
bool otherAllows(const std::optional<OtherIssuers>& issuers, const std::string& ca)
{
  return !issuers || std::any_of(issuers->begin(), issuers->end(), [&ca](const Issuer& issuer) { return issuer.ca == ca; });
}

} // namespace

const Subtree* Oracle::governing(const Name& name) const
{
  const Subtree* nearest = nullptr;
  for (const auto& subtree : d_policy.subtrees) {
    if (atOrBelow(name, subtree.name) && (nearest == nullptr || atOrBelow(subtree.name, nearest->name))) {
      nearest = &subtree;
    }
  }
  return nearest;
}

const Subtree* Oracle::above(const Subtree& subtree) const
{
  return subtree.name.isRoot() ? nullptr : governing(subtree.name.parent());
}

bool Oracle::denied(const Name& name) const
{
  return std::any_of(d_policy.subtrees.begin(), d_policy.subtrees.end(),
                     [&name](const Subtree& subtree) { return subtree.denied && atOrBelow(name, subtree.name); });
}

std::vector<const Grant*> Oracle::grants(const Name& name, Instant now) const
{
  std::vector<const Grant*> found;
  if (denied(name)) {
    return found;
  }
  const auto add = [&found](const std::vector<Grant>& grants) {
    for (const auto& grant : grants) {
      found.push_back(&grant);
    }
  };
  for (const Subtree* level = governing(name); level != nullptr; level = level->inherit ? above(*level) : nullptr) {
    add(level->allow);
    for (const auto& approval : d_policy.approvals) {
      const bool reaches = approval.subtree ? atOrBelow(name, approval.name) : name == approval.name;
      if (reaches && isLive(approval, now) && governing(approval.name) == level) {
        add(approval.grants);
      }
    }
  }
  return found;
}

Inherited Oracle::settings(const Name& name) const
{
  Inherited settings;
  const auto take = [&settings](const Inherited& from) {
    const auto fill = [](auto& into, const auto& value) { into = into ? into : value; };
    fill(settings.ttl, from.ttl);
    fill(settings.iodef, from.iodef);
    fill(settings.contactemail, from.contactemail);
    fill(settings.contactphone, from.contactphone);
    fill(settings.mail, from.mail);
    fill(settings.vmc, from.vmc);
  };
  for (const Subtree* level = governing(name); level != nullptr; level = above(*level)) {
    take(level->settings);
  }
  take(d_policy.defaults);
  return settings;
}

bool Oracle::allows(const CaRequest& request, const std::vector<const Grant*>& grants, const Inherited& settings)
{
  switch (request.property) {
  case Property::IssueMail:
    return otherAllows(settings.mail, request.ca);
  case Property::IssueVmc:
    return otherAllows(settings.vmc, request.ca);
  case Property::Issue:
    break;
  }
  return std::any_of(grants.begin(), grants.end(), [&request](const Grant* grant) { return matches(*grant, request); });
}

bool Oracle::flattens(const Name& name) const
{
  const Subtree* subtree = governing(name);
  return subtree != nullptr && subtree->cname == CnameMode::Flatten && !isWildcard(name.wire()) && !hasUnderscoreLabel(name.wire());
}

bool Oracle::published(const Name& name, Instant now) const
{
  const auto& subtrees = d_policy.subtrees;
  const auto& approvals = d_policy.approvals;
  return std::any_of(subtrees.begin(), subtrees.end(), [&](const Subtree& subtree) { return atOrBelow(subtree.name, name); })
    || std::any_of(approvals.begin(), approvals.end(), [&](const Approval& approval) {
         return atOrBelow(approval.name, name) && isLive(approval, now) && governing(approval.name) != nullptr && !denied(approval.name);
       });
}

std::vector<Instant> Oracle::boundaries() const
{
  std::set<Instant> instants;
  for (const auto& approval : d_policy.approvals) {
    instants.insert({approval.from, approval.until});
  }
  instants.erase(kBeginningOfTime);
  instants.erase(kEndOfTime);
  return {instants.begin(), instants.end()};
}

} // namespace caapolicy::test
