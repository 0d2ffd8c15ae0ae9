// SPDX-License-Identifier: GPL-2.0-or-later
#include "check_redundant.hh"

#include "issuer_match.hh"

#include <algorithm>

namespace caapolicy {

namespace {

bool coversScope(Wildcard outer, Wildcard inner)
{
  return outer == inner || outer == Wildcard::Also;
}

bool coversLife(const Approval& outer, const Approval& inner)
{
  return outer.from <= inner.from && inner.until <= outer.until;
}

// Of an approval's grant, that it is all that another approval's grant is. Both reach the name of `inner`: of those, only an
// exact approval of that name reaches no further.
bool covers(const Approval& outer, const Grant& outerGrant, const Approval& inner, const Grant& innerGrant)
{
  return (outer.subtree || !inner.subtree) && coversLife(outer, inner) && coversScope(outerGrant.wildcard, innerGrant.wildcard)
    && isWithin(innerGrant.issuer, outerGrant.issuer);
}

bool covers(const GrantSource& outer, const Grant& grant, const Approval& approval)
{
  return outer.approval != nullptr ? covers(*outer.approval, *outer.grant, approval, grant)
                                   : coversScope(outer.grant->wildcard, grant.wildcard) && isWithin(grant.issuer, outer.grant->issuer);
}

bool isExactly(const GrantSource& source, const Approval& approval)
{
  return source.approval != nullptr && source.approval->where == approval.where;
}

bool makesNeedless(const GrantSource& other, const Grant& grant, const Approval& approval)
{
  if (isExactly(other, approval) || !covers(other, grant, approval)) {
    return false;
  }
  const bool same = other.approval != nullptr && other.approval->name == approval.name && covers(approval, grant, *other.approval, *other.grant);
  return !same || other.approval->where < approval.where; // of two that are the same, the second
}

} // namespace

std::optional<GrantSource> findCovering(PolicyIndex& index, const Approval& approval)
{
  std::optional<GrantSource> first;
  for (const Grant& grant : approval.grants) {
    const auto covering = index.findReaching(approval.name.wire(), grant.issuer.ca,
                                             [&](const GrantSource& source) { return makesNeedless(source, grant, approval); });
    if (!covering) {
      return std::nullopt;
    }
    if (!first) {
      first = covering;
    }
  }
  return first;
}

} // namespace caapolicy
