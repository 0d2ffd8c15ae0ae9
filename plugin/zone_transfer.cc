// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_transfer.hh"

#include "plugin/flattened_alias.hh"
#include "plugin/stored_caa.hh"

#include <algorithm>

namespace caapolicy {

namespace {

// Whose contents a transfer keeps, of a policy that may have many more for other zones: 6 MiB.
constexpr size_t kMostSetsAtHand = size_t{1} << 16;

// `*.N`, without a heap allocation. N must be short enough.
class WildcardBuffer {
public:
  explicit WildcardBuffer(WireName name) : d_size(name.size() + 2)
  {
    d_bytes[0] = 1;
    d_bytes[1] = '*';
    name.copy(d_bytes + 2, name.size());
  }
  WireName name() const { return {d_bytes, d_size}; }

private:
  char d_bytes[kMaxNameLength + 1];
  size_t d_size;
};

template <typename Map>
auto& entryOf(Map& map, WireName name)
{
  const auto known = map.find(name);
  return known != map.end() ? known->second : map.try_emplace(std::string(name)).first->second;
}

} // namespace

ZoneTransfer::ZoneTransfer(std::shared_ptr<const Serving> serving, Zone zone, uint32_t cacheSeconds) :
  d_serving(std::move(serving)),
  d_zone(std::move(zone)),
  d_apex(WireBuffer(d_zone.apex).name()),
  d_cacheSeconds(cacheSeconds),
  d_now(time(nullptr)),
  d_writer(std::min(d_serving->snapshot->recordSetCount(), kMostSetsAtHand))
{
}

bool ZoneTransfer::pass(DNSZoneRecord& record)
{
  const WireBuffer buffer(record.dr.d_name);
  const WireName name = buffer.name();
  if (!isAtOrBelow(name, d_apex)) {
    return true; // PowerDNS says what it thinks of it
  }
  auto known = d_names.find(name);
  if (known == d_names.end()) {
    known = d_names.try_emplace(std::string(name)).first;
    d_order.push_back(&*known);
  }
  known->second.add(record);
  if (isWildcard(name)) {
    entryOf(d_wildcardRecords, name).push_back(record);
  }
  const bool held = isCaa(record.dr) || isFlattened(record.dr, name);
  if (held) {
    entryOf(d_held, name).push_back(std::move(record));
  }
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
  const auto found = d_names.find(name);
  return found == d_names.end() ? kNothing : found->second;
}

// Most zones have few wildcards or none, and there is one to look for at each name.
const TypesAt& ZoneTransfer::wildcardAt(WireName wildcard) const
{
  static const TypesAt kNothing;
  return d_hasWildcards ? typesAt(wildcard) : kNothing;
}

// Empty non-terminals exist as well.
void ZoneTransfer::noteAncestors()
{
  ByName<TypesAt> missing;
  for (const auto& [owner, types] : d_names) {
    for (WireName name = owner; name != d_apex;) {
      name = parentOf(name);
      if (d_names.contains(name) || missing.contains(name)) {
        break; // this one sees to those above it
      }
      const auto added = missing.try_emplace(std::string(name)).first;
      added->second.any = true;
      d_order.push_back(&*added);
    }
  }
  d_names.merge(missing);
  d_hasWildcards = std::any_of(d_names.begin(), d_names.end(), [](const auto& entry) { return isWildcard(entry.first); });
  d_atApex = typesAt(d_apex);
}

// As surroundingsOf() finds it by queries. But who gets the zone follows a DNAME, whether this server does or not.
NameFacts ZoneTransfer::factsOf(WireName name, const TypesAt& at, WireName& encloser) const
{
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
    const TypesAt& above = ancestor == d_apex ? d_atApex : typesAt(ancestor);
    facts.occluded = (above.ns && ancestor != d_apex) || (above.dname && !facts.exists);
    if (above.any && !enclosed) {
      encloser = ancestor;
      enclosed = true;
    }
  }
  if (!facts.exists && !facts.occluded) {
    const WildcardFacts star = wildcardAt(WildcardBuffer(encloser).name()).asWildcard(d_zone);
    facts.covered = star.exists;
    facts.redirected = star.redirects;
  }
  return facts;
}

void ZoneTransfer::finish()
{
  noteAncestors();
  const Snapshot& snapshot = *d_serving->snapshot;
  d_nextListed = snapshot.listedAfter(d_apex); // the apex itself is in the wrapped zone
}

// Names that the wrapped zone has, and then those that it lacks. In canonical order what is below a name stands right after it.
bool ZoneTransfer::placeNext()
{
  if (d_nextName < d_order.size()) {
    const auto& [name, types] = *d_order[d_nextName++];
    placeAt(name, types);
    return true;
  }
  const Snapshot& snapshot = *d_serving->snapshot;
  if (d_nextListed == snapshot.listedCount() || !isAtOrBelow(snapshot.listedAt(d_nextListed), d_apex)) {
    return false;
  }
  const WireName listed = snapshot.listedAt(d_nextListed++);
  if (const TypesAt& at = typesAt(listed); !at.any) {
    placeAt(listed, at);
  }
  return true;
}

// The name itself and its `*` child. A wildcard itself is placed with the name above it, which exists as well.
void ZoneTransfer::placeAt(WireName name, const TypesAt& at)
{
  const Snapshot& snapshot = *d_serving->snapshot;
  const auto view = snapshot.find(name);
  WireName encloser;
  const NameFacts facts = factsOf(name, at, encloser);
  if (!isWildcard(name)) {
    emit(name, placeName(snapshot, name, view, facts, d_now), encloser);
  }
  if (name.size() + 2 <= kMaxNameLength) {
    const WildcardBuffer wildcard(name);
    emit(wildcard.name(), placeWildcard(snapshot, name, view, facts, wildcardAt(wildcard.name()).asWildcard(d_zone), d_now), encloser);
  }
}

void ZoneTransfer::emit(WireName owner, const Placement& placement, WireName encloser)
{
  emitHeld(owner, placement);
  if (!placement.copies && !placement.caa && (!placement.exists || typesAt(owner).any)) {
    return;
  }
  const DNSName name = toDnsName(owner);
  if (placement.copies) {
    for (DNSZoneRecord record : d_wildcardRecords.find(WildcardBuffer(encloser).name())->second) {
      if (record.dr.d_type != QType::ENT && !(isCaa(record.dr) && placement.dropStored)) {
        record.dr.d_name = name;
        d_out.push_back(std::move(record));
      }
    }
  }
  if (placement.caa) {
    d_writer.appendCaa(d_out, *d_serving, *placement.caa, name, d_zone.id, lifetimeOf(*placement.caa, d_now, d_cacheSeconds));
  }
}

void ZoneTransfer::emitHeld(WireName owner, const Placement& placement)
{
  const auto held = d_held.find(owner);
  if (held == d_held.end()) {
    return;
  }
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

bool ZoneTransfer::next(DNSZoneRecord& record)
{
  while (d_next == d_out.size()) {
    d_out.clear();
    d_next = 0;
    if (placeNext()) {
      continue;
    }
    if (d_flattened.empty()) {
      return false;
    }
    appendTransferred(d_out, d_flattened);
    d_flattened.clear();
  }
  record = std::move(d_out[d_next++]);
  return true;
}

} // namespace caapolicy
