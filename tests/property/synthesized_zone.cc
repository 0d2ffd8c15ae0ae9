// SPDX-License-Identifier: GPL-2.0-or-later
#include "synthesized_zone.hh"

#include "vocabulary.hh"

namespace caapolicy::test {

namespace {

bool redirects(const ZoneNode& node) { return node.has("CNAME") || node.has("DNAME") || node.has("NS"); }

bool hasStarLabel(Name name)
{
  while (!name.isRoot() && !isWildcard(name.wire())) {
    name = name.parent();
  }
  return !name.isRoot();
}

CaaLookup caaOf(const Zone::Found& found)
{
  if (found.kind != Zone::Kind::Exact && found.kind != Zone::Kind::ByWildcard) {
    return NoCaa{}; // another zone's, or nothing
  }
  if (found.node->alias) {
    return *found.node->alias;
  }
  return found.node->caa ? CaaLookup{*found.node->caa} : CaaLookup{NoCaa{}};
}

} // namespace

const Name& targetWithoutCaa()
{
  static const Name target = nameOf("plain.example.net");
  return target;
}

const Name& targetThatAllowsAll()
{
  static const Name target = nameOf("open.example.net");
  return target;
}

SynthesizedZone::SynthesizedZone(const Snapshot& snapshot, const Zone& wrapped, Instant now) :
  d_snapshot(snapshot), d_wrapped(wrapped), d_now(now), d_transferred(transfer())
{
}

NameFacts SynthesizedZone::factsOf(const Name& name) const
{
  NameFacts facts;
  const ZoneNode* node = d_wrapped.at(name);
  facts.exists = node != nullptr;
  facts.storedCaa = facts.exists && node->caa.has_value();
  facts.cname = facts.exists && node->has("CNAME");
  facts.storedCname = facts.cname;
  facts.dname = facts.exists && node->has("DNAME");
  const Zone::Found found = d_wrapped.lookUp(name);
  facts.occluded = found.kind == Zone::Kind::Referral || found.kind == Zone::Kind::Redirected;
  facts.covered = found.kind == Zone::Kind::ByWildcard;
  facts.redirected = facts.covered && redirects(*found.node);
  return facts;
}

Placement SynthesizedZone::placementOf(const Name& name) const
{
  if (!isWildcard(name.wire())) {
    return placeName(d_snapshot, name.wire(), d_snapshot.find(name.wire()), factsOf(name), d_now);
  }
  const Name parent = name.parent();
  const ZoneNode* star = d_wrapped.at(name);
  const WildcardFacts wildcard{star != nullptr, star != nullptr && star->caa.has_value(), star != nullptr && redirects(*star)};
  return placeWildcard(d_snapshot, parent.wire(), d_snapshot.find(parent.wire()), factsOf(parent), wildcard, d_now);
}

void SynthesizedZone::place(const Name& name, ZoneRecords& into) const
{
  const Placement placement = placementOf(name);
  ZoneNode node;
  if (const ZoneNode* stored = d_wrapped.at(name)) {
    node = *stored;
  }
  else if (placement.copies) {
    const Name covered = isWildcard(name.wire()) ? name.parent() : name;
    node = *d_wrapped.at(d_wrapped.encloserOf(covered).child("*"));
  }
  if (placement.flatten) {
    node.types = {{"A", {"of " + node.alias->toText()}}};
    node.alias.reset();
  }
  if (placement.dropStored) {
    node.caa.reset();
  }
  if (placement.caa) { // beside what was not dropped: a server merges them
    node.caa = node.caa.value_or(RecordSet{});
    const auto& records = placement.caa->set->records;
    node.caa->records.insert(node.caa->records.end(), records.begin(), records.end());
  }
  if (!node.empty()) {
    into.nodes[name] = std::move(node);
  }
}

Zone SynthesizedZone::transfer() const
{
  ZoneRecords records{d_wrapped.apex(), {}};
  const auto placeWithWildcard = [&](const Name& name) {
    place(name, records);
    place(name.child("*"), records);
  };
  for (const auto& [name, node] : d_wrapped.names()) {
    if (!isWildcard(name.wire())) {
      placeWithWildcard(name);
    }
  }
  for (const auto& listed : d_snapshot.listedAtOrBelow(d_wrapped.apex().wire())) {
    const Name name = Name::fromWire(listed.name);
    if (d_wrapped.at(name) == nullptr) {
      placeWithWildcard(name);
    }
  }
  return Zone(std::move(records));
}

CaaLookup SynthesizedZone::lookUp(const Name& name) const
{
  if (name == targetThatAllowsAll()) {
    return allowAll();
  }
  return caaOf(d_transferred.lookUp(name));
}

std::optional<Snapshot::Answer> SynthesizedZone::answerFor(const Name& name) const
{
  if (!isAtOrBelow(name.wire(), d_wrapped.apex().wire()) || placementOf(name).exists) {
    return std::nullopt;
  }
  return answerForNonexistent(d_snapshot, name.wire(), d_snapshot.find(name.wire()), factsOf(name), d_now);
}

CaaLookup SynthesizedZone::lookUpAnswering(const Name& name) const
{
  const auto answer = answerFor(name);
  return answer ? CaaLookup{*answer->set} : lookUp(name);
}

bool isExcepted(const Oracle& oracle, const Zone& wrapped, const Name& name)
{
  if (hasUnderscoreLabel(name.wire()) || hasStarLabel(name)) {
    return true;
  }
  const Zone::Found found = wrapped.lookUp(name);
  switch (found.kind) {
  case Zone::Kind::Outside:
  case Zone::Kind::Referral:
  case Zone::Kind::Redirected:
    return true;
  case Zone::Kind::Exact:
    return found.node->alias.has_value() && !oracle.flattens(name);
  case Zone::Kind::ByWildcard:
    return found.node->alias.has_value();
  case Zone::Kind::NoName:
    break;
  }
  return false;
}

} // namespace caapolicy::test
