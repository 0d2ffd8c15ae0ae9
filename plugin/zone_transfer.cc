// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_transfer.hh"

#include "plugin/flattened_alias.hh"
#include "plugin/stored_caa.hh"

namespace caapolicy {

namespace {

std::string wireOf(const DNSName& name) { return std::string(WireBuffer(name).name()); }

} // namespace

ZoneTransfer::ZoneTransfer(std::shared_ptr<const Serving> serving, Zone zone, uint32_t cacheSeconds) :
  d_serving(std::move(serving)),
  d_zone(std::move(zone)),
  d_apex(wireOf(d_zone.apex)),
  d_cacheSeconds(cacheSeconds),
  d_now(time(nullptr))
{
}

bool ZoneTransfer::pass(const DNSZoneRecord& record)
{
  const WireBuffer buffer(record.dr.d_name);
  const WireName name = buffer.name();
  if (!isAtOrBelow(name, d_apex)) {
    return true; // PowerDNS says what it thinks of it
  }
  std::string key(name);
  if (isWildcard(name)) {
    d_wildcardRecords[key].push_back(record);
  }
  const bool held = isCaa(record.dr) || isFlattened(record.dr, name);
  if (held) {
    d_held[key].push_back(record);
  }
  d_names[std::move(key)].add(record.dr);
  return !held;
}

// If the name turns out to be one whose alias is flattened.
bool ZoneTransfer::isFlattened(const DNSRecord& record, WireName name) const
{
  return record.d_type == QType::CNAME && d_serving->snapshot->flattens(d_serving->snapshot->find(name));
}

const TypesAt& ZoneTransfer::typesAt(WireName name) const
{
  static const TypesAt kNothing;
  const auto found = d_names.find(std::string(name));
  return found == d_names.end() ? kNothing : found->second;
}

// Empty non-terminals exist as well.
void ZoneTransfer::noteAncestors()
{
  std::vector<std::string> names;
  names.reserve(d_names.size());
  for (const auto& entry : d_names) {
    names.push_back(entry.first);
  }
  for (const auto& entry : names) {
    for (WireName name = entry; name != d_apex;) {
      name = parentOf(name);
      auto& types = d_names[std::string(name)];
      if (types.any) {
        break;
      }
      types.any = true;
    }
  }
}

// As surroundingsOf() finds it by queries. But who gets the zone follows a DNAME, whether this server does or not.
NameFacts ZoneTransfer::factsOf(WireName name, WireName& encloser) const
{
  const TypesAt& at = typesAt(name);
  NameFacts facts;
  facts.exists = at.any;
  facts.storedCaa = at.caa;
  facts.cname = at.aliased(d_zone);
  facts.storedCname = at.cname;
  facts.dname = at.dname;
  facts.occluded = at.ns && name != d_apex;
  encloser = d_apex;
  bool enclosed = false;
  for (WireName ancestor = name; ancestor != d_apex && !facts.occluded;) {
    ancestor = parentOf(ancestor);
    const TypesAt& above = typesAt(ancestor);
    facts.occluded = (above.ns && ancestor != d_apex) || (above.dname && !facts.exists);
    if (above.any && !enclosed) {
      encloser = ancestor;
      enclosed = true;
    }
  }
  if (!facts.exists && !facts.occluded) {
    const WildcardFacts star = typesAt(Name::fromWire(encloser).child("*").wire()).asWildcard(d_zone);
    facts.covered = star.exists;
    facts.redirected = star.redirects;
  }
  return facts;
}

void ZoneTransfer::finish()
{
  noteAncestors();
  for (const auto& [name, types] : d_names) {
    placeAt(name);
  }
  for (const auto& listed : d_serving->snapshot->listedAtOrBelow(d_apex)) {
    if (!typesAt(listed.name).any) {
      placeAt(listed.name);
    }
  }
}

// The name itself and its `*` child. A wildcard itself is placed with the name above it, which exists as well.
void ZoneTransfer::placeAt(WireName name)
{
  const Snapshot& snapshot = *d_serving->snapshot;
  const auto view = snapshot.find(name);
  WireName encloser;
  const NameFacts facts = factsOf(name, encloser);
  if (!isWildcard(name)) {
    emit(name, placeName(snapshot, name, view, facts, d_now), encloser);
  }

  if (name.size() + 2 > kMaxNameLength) {
    return;
  }
  const Name wildcard = Name::fromWire(name).child("*");
  emit(wildcard.wire(), placeWildcard(snapshot, name, view, facts, typesAt(wildcard.wire()).asWildcard(d_zone), d_now), encloser);
}

void ZoneTransfer::emit(WireName owner, const Placement& placement, WireName encloser)
{
  const auto held = d_held.find(std::string(owner));
  if (held != d_held.end()) {
    size_t leftOut = 0;
    for (auto& record : held->second) {
      if (isCaa(record.dr) && placement.dropStored) {
        ++leftOut;
        continue;
      }
      auto& out = record.dr.d_type == QType::CNAME && placement.flatten ? d_flattened : d_out;
      out.push_back(std::move(record));
    }
    if (leftOut > 0) {
      StoredCaa::leftOut().saw(owner, leftOut);
    }
    d_held.erase(held);
  }
  const DNSName name = toDnsName(owner);
  if (placement.copies || placement.caa || (placement.exists && !typesAt(owner).any)) {
    d_placed.push_back(name);
  }
  if (placement.copies) {
    for (DNSZoneRecord record : d_wildcardRecords.at(std::string(Name::fromWire(encloser).child("*").wire()))) {
      if (record.dr.d_type != QType::ENT && !(isCaa(record.dr) && placement.dropStored)) {
        record.dr.d_name = name;
        d_out.push_back(std::move(record));
      }
    }
  }
  if (placement.caa) {
    appendCaa(d_out, *d_serving, *placement.caa, name, d_zone.id, lifetimeOf(*placement.caa, d_now, d_cacheSeconds));
  }
}

void ZoneTransfer::flatten()
{
  if (!d_flattened.empty()) {
    appendTransferred(d_out, d_flattened);
  }
}

bool ZoneTransfer::next(DNSZoneRecord& record)
{
  if (d_next == d_out.size()) {
    return false;
  }
  record = d_out[d_next++];
  return true;
}

} // namespace caapolicy
