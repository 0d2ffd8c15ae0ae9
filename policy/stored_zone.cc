// SPDX-License-Identifier: GPL-2.0-or-later
#include "stored_zone.hh"

namespace caapolicy {

namespace {

bool redirects(const StoredNode& node) { return node.cname || node.dname || node.ns; }

} // namespace

const StoredNode* StoredZone::at(const Name& name) const
{
  const auto found = nodes.find(name);
  return found == nodes.end() ? nullptr : &found->second;
}

bool StoredZone::exists(const Name& name) const
{
  const auto first = nodes.lower_bound(name);
  return name == apex || (first != nodes.end() && isAtOrBelow(first->first.wire(), name.wire()));
}

bool StoredZone::occluded(const Name& name) const
{
  for (Name at = name; at != apex; at = at.parent()) {
    if (at.isRoot()) {
      return true; // not in this zone
    }
    const StoredNode* node = this->at(at);
    if (node != nullptr && (node->ns || (node->dname && at != name))) {
      return true;
    }
  }
  const StoredNode* top = at(apex);
  return top != nullptr && top->dname && name != apex;
}

Name StoredZone::encloserOf(const Name& name) const
{
  Name encloser = name.parent();
  while (!exists(encloser)) {
    encloser = encloser.parent();
  }
  return encloser;
}

NameFacts StoredZone::factsOf(const Name& name) const
{
  NameFacts facts;
  const StoredNode* node = at(name);
  facts.exists = exists(name);
  facts.storedCaa = node != nullptr && node->caa.has_value();
  facts.cname = facts.storedCname = node != nullptr && node->cname;
  facts.dname = node != nullptr && node->dname;
  facts.occluded = occluded(name);
  if (!facts.exists && !facts.occluded) {
    const Name star = encloserOf(name).child("*");
    const StoredNode* wildcard = at(star);
    facts.covered = wildcard != nullptr || exists(star);
    facts.redirected = wildcard != nullptr && redirects(*wildcard);
  }
  return facts;
}

WildcardFacts StoredZone::wildcardFactsOf(const Name& name) const
{
  const Name star = name.child("*");
  const StoredNode* node = at(star);
  return {exists(star), node != nullptr && node->caa.has_value(), node != nullptr && redirects(*node)};
}

} // namespace caapolicy
