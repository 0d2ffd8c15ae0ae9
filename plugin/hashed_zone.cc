// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/hashed_zone.hh"

#include "plugin/hashed_orders.hh"
#include "plugin/thread.hh"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace caapolicy {

namespace {

constexpr Instant kLongest = 60; // seconds
constexpr size_t kBlock = 128;
constexpr uint8_t kOptOut = 1;

// Those to be hashed, in canonical wire form.
std::unordered_set<std::string> namesOf(const Zone& zone, bool emptyOnes, const ZoneRecords& records)
{
  std::unordered_set<std::string> names;
  std::unordered_set<std::string> owners;
  const WireBuffer apexBuffer(zone.apex);
  const WireName apex = apexBuffer.name();
  records([&](const DNSZoneRecord& record) {
    const WireBuffer buffer(record.dr.d_name);
    TypesAt types;
    types.add(record);
    if (types.aliased(zone)) {
      if (const auto wildcard = wildcardBelow(record.dr.d_name)) {
        names.emplace(WireBuffer(*wildcard).name());
      }
    }
    if (emptyOnes && record.dr.d_type != QType::ENT && isAtOrBelow(buffer.name(), apex)) {
      owners.emplace(buffer.name());
    }
  });
  for (const auto& owner : owners) {
    for (WireName name = owner; name != apex;) {
      name = parentOf(name);
      if (owners.find(std::string(name)) == owners.end() && !names.emplace(name).second) {
        break; // those above have been seen
      }
    }
  }
  return names;
}

struct Cached {
  std::mutex mutex; // held while it is made
  std::shared_ptr<const HashedZone> zone;
};

Cached& cachedFor(const HashedZoneFor& wanted)
{
  static std::mutex mutex;
  static std::map<std::pair<DNSName, int>, Cached> all;
  const std::lock_guard lock(mutex);
  return all[{wanted.zone.apex, wanted.zone.id}];
}

void lookAgain(Cached& cached, const HashedZone& old, const WrappedMaker& another)
{
  try {
    const auto wrapped = another();
    const HashedZoneFor& same = old.madeFor();
    auto made = std::make_shared<const HashedZone>(
      same, [&](const auto& visit) { forEachRecord(*wrapped, same.zone, visit); }, &old);
    const std::lock_guard lock(cached.mutex);
    if (cached.zone.get() == &old) {
      cached.zone = std::move(made);
    }
  }
  catch (const PDNSException& error) { // the next minute, then
    g_log << Logger::Error << "[caapolicy] the zone `" << old.madeFor().zone.apex << "` can't be read: " << error.reason << endl;
  }
  catch (const std::exception& error) {
    g_log << Logger::Error << "[caapolicy] the zone `" << old.madeFor().zone.apex << "` can't be read: " << error.what() << endl;
  }
}

} // namespace

bool HashedZoneFor::sameAs(const HashedZoneFor& other) const
{
  return serial == other.serial && zone.id == other.zone.id && zone.apex == other.zone.apex && zone.lua == other.zone.lua
    && parameters.d_flags == other.parameters.d_flags && hashAlike(parameters, other.parameters);
}

HashedZone::HashedZone(HashedZoneFor madeFor, const ZoneRecords& records, const HashedZone* before) :
  d_for(std::move(madeFor)), d_due(time(nullptr) + kLongest)
{
  const auto names = namesOf(d_for.zone, (d_for.parameters.d_flags & kOptOut) != 0, records);
  std::unordered_map<WireName, const NameHash*> known;
  if (before != nullptr && hashAlike(before->d_for.parameters, d_for.parameters)) {
    for (const auto& block : before->d_blocks) {
      for (const Entry& entry : block->entries) {
        known.emplace(before->nameOf(entry), &entry.hash);
      }
    }
  }
  std::vector<Entry> entries;
  entries.reserve(names.size());
  for (const auto& name : names) {
    const auto old = known.find(name);
    const NameHash hash = old != known.end() ? *old->second : hashWith(d_for.parameters, toDnsName(name));
    entries.push_back({hash, static_cast<uint32_t>(d_names.size())});
    d_names += name;
  }
  d_names.shrink_to_fit();
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  for (auto at = entries.begin(); at != entries.end();) {
    const auto end = at + std::min<std::ptrdiff_t>(kBlock, entries.end() - at);
    auto block = std::make_unique<Block>();
    block->entries.assign(at, end);
    d_blocks.push_back(std::move(block));
    at = end;
  }
}

WireName HashedZone::nameOf(const Entry& entry) const
{
  size_t end = entry.name; // each label begins with its length; the root's is 0
  while (d_names[end] != 0) {
    end += 1U + static_cast<unsigned char>(d_names[end]);
  }
  return WireName(d_names).substr(entry.name, end + 1 - entry.name);
}

std::optional<HashedName> HashedZone::taken(const Entry& entry, const AcceptsName& accepts) const
{
  const WireName name = nameOf(entry);
  return accepts(name) ? std::optional(HashedName{entry.hash, std::string(name)}) : std::nullopt;
}

bool HashedZone::passesOver(const Block& block, const When& when)
{
  return BarrenNote::holds(block.barren.load(std::memory_order_relaxed), when.number, when.now);
}

// For as long as nobody looks again.
void HashedZone::noteBarren(const Block& block, const When& when)
{
  block.barren.store(BarrenNote::make(when.number, std::min(when.now + 2 * kLongest, when.nextChange)), std::memory_order_relaxed);
}

std::optional<HashedName> HashedZone::first(const HashRange& range, const When& when, const AcceptsName& accepts) const
{
  return firstTaken(
    d_blocks, range, [&](const Block& block) { return passesOver(block, when); }, [&](const Entry& entry) { return taken(entry, accepts); },
    [&](const Block& block) { noteBarren(block, when); });
}

std::optional<HashedName> HashedZone::last(const HashRange& range, const When& when, const AcceptsName& accepts) const
{
  return lastTaken(
    d_blocks, range, [&](const Block& block) { return passesOver(block, when); }, [&](const Entry& entry) { return taken(entry, accepts); },
    [&](const Block& block) { noteBarren(block, when); });
}

bool HashedZone::isDue(Instant now) const
{
  Instant due = d_due.load(std::memory_order_relaxed);
  return now >= due && d_due.compare_exchange_strong(due, now + kLongest);
}

void forEachRecord(DNSBackend& wrapped, const Zone& zone, const std::function<void(const DNSZoneRecord&)>& visit)
{
  DNSZoneRecord record;
  if (wrapped.list(zone.apex, zone.id, false)) {
    while (wrapped.get(record)) {
      visit(record);
    }
  }
}

std::shared_ptr<const HashedZone> hashedZoneFor(const HashedZoneFor& wanted, const ZoneRecords& records, const WrappedMaker& another)
{
  Cached& cached = cachedFor(wanted);
  std::shared_ptr<const HashedZone> zone;
  {
    const std::lock_guard lock(cached.mutex); // others wait: they would make the same
    if (!cached.zone || !cached.zone->madeFor().sameAs(wanted)) {
      cached.zone = std::make_shared<const HashedZone>(wanted, records, cached.zone.get());
    }
    zone = cached.zone;
  }
  if (zone->isDue(time(nullptr))) {
    startThread([&cached, zone, another] { lookAgain(cached, *zone, another); });
  }
  return zone;
}

} // namespace caapolicy
