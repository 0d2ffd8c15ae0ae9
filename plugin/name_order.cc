// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/name_order.hh"

#include "policy/ascii.hh"

#include <algorithm>
#include <map>
#include <mutex>

namespace caapolicy {

namespace {

Name toName(const DNSName& name) { return Name::fromWire(WireBuffer(name).name()); }

// Searches the gap between two neighbours of the wrapped zone.
//
// The zone has no name in it, but for empty non-terminals above its upper end (and what is below a delegation at its lower end, where
// nothing is placed). So there is little to ask the wrapped backend for.
class Gap {
public:
  Gap(const ZonePlacer& placer, const DNSName& target, const DNSName& before, const DNSName& after) :
    d_outside(placer),
    d_placer([this](const DNSName& name) { return lookup(name); }, placer.zone(), placer.snapshot(), placer.now()),
    d_apex(toName(placer.zone().apex)), d_target(toName(target)), d_lower(toName(before)), d_upper(toName(after)),
    d_before(d_lower), d_after(d_upper)
  {
  }
  Gap(const Gap&) = delete;
  Gap& operator=(const Gap&) = delete;

  // A name that the policy has placed in the gap is a listed one, `*.N` for an N that is listed or an alias, or an empty non-terminal.
  void search()
  {
    const Snapshot& snapshot = d_placer.snapshot();
    const size_t middle = snapshot.listedAfter(d_target.wire());
    for (size_t index = middle; index-- > 0;) {
      const Name listed = Name::fromWire(snapshot.listedAt(index));
      if (!inGap(listed)) {
        break;
      }
      considerWildcardOf(listed);
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
    // Names stand with those below them: an N outside the gap that has `*.N` in it is above the target or above the lower end, as it
    // is by now.
    forSelfAndAncestors(d_target, [this](const Name& name) { considerWildcardOf(name); });
    forSelfAndAncestors(Name(d_before), [this](const Name& name) { considerWildcardOf(name); });
    if (d_upper != d_apex) {
      forSelfAndAncestors(d_upper.parent(), [this](const Name& name) {
        if (isWildcard(name.wire())) {
          considerWildcardOf(name.parent());
        }
        else {
          consider(name);
        }
      });
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

  bool isBetween(const Name& name, const Name& lower, const Name& upper) const
  {
    return isAtOrBelow(name.wire(), d_apex.wire()) && lower < name && (upper == d_apex || name < upper);
  }
  bool inGap(const Name& name) const { return isBetween(name, d_before, d_after); }
  bool isNonTerminal(const Name& name) const { return d_upper != d_apex && isAtOrBelow(d_upper.wire(), name.wire()); }

  // What the wrapped zone has at a name: it is asked about names outside the gap as it was at first.
  TypesAt lookup(const DNSName& name) const
  {
    const Name canonical = toName(name);
    if (!isBetween(canonical, d_lower, d_upper)) {
      return d_outside.lookup(name);
    }
    TypesAt types;
    types.any = isNonTerminal(canonical);
    return types;
  }

  void considerWildcardOf(const Name& name)
  {
    if (name.wire().size() + 2 > kMaxNameLength) {
      return;
    }
    const Name wildcard = name.child("*");
    if (inGap(wildcard) && isPlacedWildcard(wildcard, name)) {
      take(wildcard);
    }
  }

  // True when the name is a neighbour of the target now.
  bool consider(const Name& name)
  {
    if (!inGap(name) || !isPlaced(name)) {
      return false;
    }
    take(name);
    return true;
  }

  void take(const Name& name) { (name <= d_target ? d_before : d_after) = name; }

  bool isPlaced(const Name& name) const
  {
    const auto view = d_placer.snapshot().find(name.wire());
    return (d_placer.snapshot().published(view, d_placer.now()) || (view.governed() && isNonTerminal(name)))
      && hasRecords(toDnsName(name.wire()), view);
  }

  bool isPlacedWildcard(const Name& wildcard, const Name& parent) const
  {
    const auto view = d_placer.snapshot().find(parent.wire());
    return (view.governed() || view.listed()) && (isNonTerminal(wildcard) || d_placer.mayAddWildcard(toDnsName(parent.wire()), view))
      && hasRecords(toDnsName(wildcard.wire()), view);
  }

  // A name without records has no NSEC.
  bool hasRecords(const DNSName& name, const Snapshot::View& view) const
  {
    const Placement placement = d_placer.place(name, view, lookup(name)).placement;
    return placement.exists && (placement.caa || placement.copies);
  }

  const ZonePlacer& d_outside;
  const ZonePlacer d_placer; // that knows of the gap
  const Name d_apex;
  const Name d_target;
  const Name d_lower; // the neighbours in the wrapped zone
  const Name d_upper;
  Name d_before; // and so far
  Name d_after;
};

// On the circle of hashes, is `between` met before `end` when going up from `start`?
bool comesFirst(std::string_view start, std::string_view between, std::string_view end)
{
  if (start < end) {
    return start < between && between < end;
  }
  return start < between || between < end;
}

// Of a name that is nothing but a hash; empty where it is not.
std::string_view hashIn(const WireBuffer& buffer)
{
  return buffer.name().size() < 2 ? std::string_view() : firstLabel(buffer.name());
}

DNSName nameOfHash(std::string_view hash)
{
  char wire[kMaxLabelLength + 2] = {};
  wire[0] = static_cast<char>(hash.size());
  hash.copy(wire + 1, hash.size());
  return toDnsName({wire, hash.size() + 2});
}

} // namespace

void fitNeighbours(const ZonePlacer& placer, const DNSName& target, DNSName& before, DNSName& after)
{
  Gap gap(placer, target, before, after);
  gap.search();
  before = toDnsName(gap.before().wire());
  after = toDnsName(gap.after().wire());
}

bool HashedFor::sameAs(const HashedFor& other) const
{
  return serving == other.serving && version == other.version && lastChange == other.lastChange && zoneId == other.zoneId
    && serial == other.serial && apex == other.apex && parameters.d_algorithm == other.parameters.d_algorithm
    && parameters.d_iterations == other.parameters.d_iterations && parameters.d_salt == other.parameters.d_salt;
}

HashedNames::HashedNames(HashedFor madeFor, const std::vector<DNSName>& names) : d_for(std::move(madeFor)), d_made(time(nullptr))
{
  d_entries.reserve(names.size());
  for (const auto& name : names) {
    const std::string hash = lowerCase(toBase32Hex(hashQNameWithSalt(d_for.parameters, name)));
    Entry& entry = d_entries.emplace_back();
    hash.copy(entry.hash.data(), entry.hash.size());
    entry.name = static_cast<uint32_t>(d_names.size());
    d_names += wireOf(name);
  }
  d_names.shrink_to_fit();
  std::sort(d_entries.begin(), d_entries.end(), [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
}

// The index of the first entry that is not below the hash.
size_t HashedNames::firstFrom(std::string_view hash) const
{
  return static_cast<size_t>(std::lower_bound(d_entries.begin(), d_entries.end(), hash,
                                              [](const Entry& entry, std::string_view wanted) { return entry.text() < wanted; })
                             - d_entries.begin());
}

DNSName HashedNames::nameOf(const Entry& entry) const
{
  return {d_names.data() + entry.name, static_cast<int>(std::min(d_names.size() - entry.name, kMaxNameLength)), 0, false};
}

void HashedNames::fit(const DNSName& hash, bool known, DNSName& unhashed, DNSName& before, DNSName& after) const
{
  if (d_entries.empty()) {
    if (known) {
      before = hash;
    }
    return;
  }
  const WireBuffer hashBuffer(hash);
  const WireBuffer beforeBuffer(before);
  const WireBuffer afterBuffer(after);
  const auto wanted = hashIn(hashBuffer);
  const size_t from = firstFrom(wanted);
  const bool exact = from < d_entries.size() && d_entries[from].text() == wanted;
  const Entry& next = d_entries[(from + (exact ? 1 : 0)) % d_entries.size()];
  if (comesFirst(wanted, next.text(), hashIn(afterBuffer))) {
    after = nameOfHash(next.text());
  }
  if (exact) {
    before = hash;
    unhashed = nameOf(d_entries[from]);
    return;
  }
  if (known) {
    before = hash;
    return;
  }
  const auto found = hashIn(beforeBuffer);
  const Entry& last = d_entries[(from + d_entries.size() - 1) % d_entries.size()];
  if (found != wanted && comesFirst(found, last.text(), wanted)) {
    before = nameOfHash(last.text());
    unhashed = nameOf(last);
  }
}

std::shared_ptr<const HashedNames> hashedNamesFor(const HashedFor& wanted, const std::function<std::vector<DNSName>()>& names)
{
  static std::mutex mutex;
  static std::map<std::pair<DNSName, int>, std::shared_ptr<const HashedNames>> cache;

  const std::lock_guard lock(mutex); // others wait: they would make the same
  auto& made = cache[{wanted.apex, wanted.zoneId}];
  if (!made || !made->isFor(wanted, time(nullptr))) {
    made = std::make_shared<HashedNames>(wanted, names());
  }
  return made;
}

} // namespace caapolicy
