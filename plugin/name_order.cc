// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/name_order.hh"

#include <algorithm>
#include <map>
#include <mutex>

namespace caapolicy {

namespace {

Name toName(const DNSName& name) { return Name::fromWire(WireBuffer(name).name()); }

// Searches the gap between two neighbours of the wrapped zone.
class Gap {
public:
  Gap(const ZonePlacer& placer, const DNSName& target, const DNSName& before, const DNSName& after) :
    d_placer(placer), d_apex(toName(placer.zone().apex)), d_target(toName(target)), d_before(toName(before)), d_after(toName(after))
  {
  }

  void search()
  {
    // A name of the gap that is no listed name is an empty non-terminal above its upper end, or `*.N` for an N that is above
    // one of its ends, above the target, or listed.
    forSelfAndAncestors(d_target, [this](const Name& name) {
      consider(name);
      considerWildcardOf(name);
    });
    forSelfAndAncestors(d_before, [this](const Name& name) { considerWildcardOf(name); });
    if (d_after != d_apex) {
      forSelfAndAncestors(d_after.parent(), [this](const Name& name) {
        consider(name);
        considerWildcardOf(name);
      });
    }
    const Snapshot& snapshot = d_placer.snapshot();
    const size_t middle = snapshot.listedAfter(d_target.wire());
    for (size_t index = middle; index-- > 0;) {
      const Name listed = Name::fromWire(snapshot.listedAt(index));
      if (!inGap(listed)) {
        break;
      }
      forSelfAndAncestors(listed, [this](const Name& name) { considerWildcardOf(name); });
      if (consider(listed)) {
        break;
      }
    }
    for (size_t index = middle; index < snapshot.listedCount(); ++index) {
      const Name listed = Name::fromWire(snapshot.listedAt(index));
      if (!inGap(listed) || consider(listed)) {
        break;
      }
    }
  }

  const Name& before() const { return d_before; }
  const Name& after() const { return d_after; }

private:
  template <typename Function>
  void forSelfAndAncestors(Name name, Function function) const
  {
    while (isAtOrBelow(name.wire(), d_apex.wire())) {
      function(name);
      if (name == d_apex) {
        return;
      }
      name = name.parent();
    }
  }

  bool inGap(const Name& name) const
  {
    return isAtOrBelow(name.wire(), d_apex.wire()) && d_before < name && (d_after == d_apex || name < d_after);
  }

  void considerWildcardOf(const Name& name)
  {
    if (name.wire().size() + 2 <= kMaxNameLength) {
      consider(name.child("*"));
    }
  }

  // True when the name is a neighbour of the target now.
  bool consider(const Name& name)
  {
    if (!inGap(name) || !isPlaced(name)) {
      return false;
    }
    (name <= d_target ? d_before : d_after) = name;
    return true;
  }

  bool isPlaced(const Name& name) const
  {
    const auto view = d_placer.snapshot().find(isWildcard(name.wire()) ? parentOf(name.wire()) : name.wire());
    if (!view.governed() && !view.listed()) {
      return false;
    }
    const Placement placement = d_placer.place(toDnsName(name.wire())).placement;
    return placement.exists && (placement.caa || placement.copies); // a name without records has no NSEC
  }

  const ZonePlacer& d_placer;
  const Name d_apex;
  const Name d_target;
  Name d_before;
  Name d_after;
};

std::string keyOf(const Zone& zone, const NSEC3PARAMRecordContent& parameters)
{
  return zone.apex.toString() + "/" + std::to_string(zone.id) + "/" + parameters.getZoneRepresentation();
}

} // namespace

void fitNeighbours(const ZonePlacer& placer, const DNSName& target, DNSName& before, DNSName& after)
{
  Gap gap(placer, target, before, after);
  gap.search();
  before = toDnsName(gap.before().wire());
  after = toDnsName(gap.after().wire());
}

HashedNames::HashedNames(std::vector<Entry> entries) : d_entries(std::move(entries))
{
  std::sort(d_entries.begin(), d_entries.end(), [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
}

const HashedNames::Entry* HashedNames::above(const std::string& hash) const
{
  if (d_entries.empty()) {
    return nullptr;
  }
  const auto found = std::upper_bound(d_entries.begin(), d_entries.end(), hash,
                                      [](const std::string& wanted, const Entry& entry) { return wanted < entry.hash; });
  return found == d_entries.end() ? &d_entries.front() : &*found;
}

const HashedNames::Entry* HashedNames::below(const std::string& hash) const
{
  if (d_entries.empty()) {
    return nullptr;
  }
  const auto found = std::lower_bound(d_entries.begin(), d_entries.end(), hash,
                                      [](const Entry& entry, const std::string& wanted) { return entry.hash < wanted; });
  return found == d_entries.begin() ? &d_entries.back() : &*(found - 1);
}

const HashedNames::Entry* HashedNames::at(const std::string& hash) const
{
  const auto found = std::lower_bound(d_entries.begin(), d_entries.end(), hash,
                                      [](const Entry& entry, const std::string& wanted) { return entry.hash < wanted; });
  return found != d_entries.end() && found->hash == hash ? &*found : nullptr;
}

std::shared_ptr<const HashedNames> hashedNamesOf(const std::shared_ptr<const Serving>& serving, const Zone& zone,
                                                 const NSEC3PARAMRecordContent& parameters, uint32_t serial,
                                                 const std::function<std::vector<DNSName>()>& placedNames)
{
  struct Made {
    std::weak_ptr<const Serving> serving;
    uint32_t serial{0};
    Instant lastChange{0};
    Instant made{0};
    std::shared_ptr<const HashedNames> names;
  };
  // A zone may get other records under the same serial. That is wrong, but people do it.
  constexpr Instant kLongest = 60;
  static std::mutex mutex;
  static std::map<std::string, Made> cache;

  const Instant now = time(nullptr);
  const Instant lastChange = serving->snapshot->lastChange(now);
  const std::lock_guard lock(mutex); // others wait: they would make the same
  Made& made = cache[keyOf(zone, parameters)];
  if (!made.names || made.serving.lock() != serving || made.serial != serial || made.lastChange != lastChange
      || now - made.made > kLongest) {
    std::vector<HashedNames::Entry> entries;
    for (const auto& name : placedNames()) {
      entries.push_back({toLower(toBase32Hex(hashQNameWithSalt(parameters, name))), name});
    }
    made = {serving, serial, lastChange, now, std::make_shared<HashedNames>(std::move(entries))};
  }
  return made.names;
}

} // namespace caapolicy
