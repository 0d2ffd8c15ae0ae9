// SPDX-License-Identifier: GPL-2.0-or-later
#include "check_redundant.hh"

#include "issuer_match.hh"

#include <algorithm>
#include <tuple>

namespace caapolicy {

namespace {

bool coversScope(Wildcard outer, Wildcard inner)
{
  return outer == inner || outer == Wildcard::Also;
}

bool coversLife(const GrantSource& outer, const Approval& inner)
{
  return outer.approval == nullptr || (outer.approval->from <= inner.from && inner.until <= outer.approval->until);
}

// Both for sources that reach the name of `inner`: of those, only an exact approval of that name reaches no further.
bool coversNames(const GrantSource& outer, const Approval& inner)
{
  return outer.approval == nullptr || outer.approval->subtree || !inner.subtree;
}

bool covers(const GrantSource& outer, const Grant& grant, const Approval& approval)
{
  return coversNames(outer, approval) && coversLife(outer, approval) && coversScope(outer.grant->wildcard, grant.wildcard)
    && isWithin(grant.issuer, outer.grant->issuer);
}

bool comesFirst(const Approval& a, const Approval& b)
{
  const auto place = [](const Approval& approval) {
    return std::make_tuple(approval.where.file, approval.where.line, approval.where.column, &approval);
  };
  return place(a) < place(b);
}

bool makesNeedless(const GrantSource& other, const Grant& grant, const Approval& approval)
{
  if (other.approval == &approval || !covers(other, grant, approval)) {
    return false;
  }
  const bool same = other.approval != nullptr && other.approval->name == approval.name
    && covers(GrantSource{&grant, &approval, nullptr}, *other.grant, *other.approval);
  return !same || comesFirst(*other.approval, approval);
}

} // namespace

std::optional<GrantSource> findCovering(const PolicyIndex& index, const Approval& approval)
{
  std::optional<GrantSource> first;
  for (const Grant& grant : approval.grants) {
    const auto sources = index.reaching(approval.name.wire(), grant.issuer.ca);
    const auto covering = std::find_if(sources.begin(), sources.end(),
                                       [&](const GrantSource& source) { return makesNeedless(source, grant, approval); });
    if (covering == sources.end()) {
      return std::nullopt;
    }
    if (!first) {
      first = *covering;
    }
  }
  return first;
}

} // namespace caapolicy
