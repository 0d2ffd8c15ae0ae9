// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/name_order.hh"

#include "policy/ascii.hh"

#include <algorithm>
#include <optional>

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

// Of a name that is nothing but a hash; nothing where it is not.
std::optional<NameHash> hashIn(const DNSName& name)
{
  const WireBuffer buffer(name);
  const std::string bytes = buffer.name().size() < 2 ? std::string() : fromBase32Hex(std::string(firstLabel(buffer.name())));
  NameHash hash;
  if (bytes.size() != hash.size()) {
    return std::nullopt;
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

DNSName nameOf(const NameHash& hash) { return DNSName(lowerCase(toBase32Hex(std::string(hash.begin(), hash.end())))); }

// Searches the gap between two neighbours on the circle of hashes.
class HashGap {
public:
  HashGap(const ZonePlacer& placer, const HashOrders& orders, uint32_t serial) :
    d_placer(placer), d_orders(orders), d_listedWhen{placer.now(), serial},
    d_storedWhen{placer.now(), placer.snapshot().nextChange(placer.now()), orders.listed.number()}
  {
  }

  // Above `hash`, below `upper`.
  std::optional<HashedName> after(const NameHash& hash, const NameHash& upper) const
  {
    if (hash < upper) {
      return first({&hash, &upper});
    }
    auto found = first({&hash, nullptr});
    return found ? found : first({nullptr, &upper});
  }

  // Above `lower`, not above `hash`.
  std::optional<HashedName> before(const NameHash& lower, const NameHash& hash) const
  {
    if (lower < hash) {
      return last({&lower, &hash});
    }
    auto found = last({nullptr, &hash});
    return found ? found : last({&lower, nullptr});
  }

private:
  std::optional<HashedName> first(const HashRange& range) const
  {
    const auto accepts = [this](WireName name) { return isInOrder(name); };
    auto found = d_orders.listed.first(range, d_listedWhen, accepts);
    auto nearer = d_orders.stored.first({range.from, found ? &found->hash : range.end}, d_storedWhen, accepts);
    return nearer ? nearer : found;
  }

  std::optional<HashedName> last(const HashRange& range) const
  {
    const auto accepts = [this](WireName name) { return isInOrder(name); };
    auto found = d_orders.listed.last(range, d_listedWhen, accepts);
    auto nearer = d_orders.stored.last({found ? &found->hash : range.from, range.end}, d_storedWhen, accepts);
    return nearer ? nearer : found;
  }

  // Of the names that the wrapped zone's order has as well it doesn't matter.
  bool isInOrder(WireName wire) const
  {
    const DNSName name = toDnsName(wire);
    const auto view = d_placer.snapshot().find(isWildcard(wire) ? parentOf(wire) : wire);
    if (!view.governed() && !view.listed()) {
      return false;
    }
    const TypesAt types = d_placer.lookup(name);
    const Placement placement = d_placer.place(name, view, types).placement;
    return placement.copies || placement.caa || (placement.exists && !types.any);
  }

  const ZonePlacer& d_placer;
  const HashOrders& d_orders;
  const HashedListed::When d_listedWhen;
  const HashedZone::When d_storedWhen;
};

} // namespace

void fitNeighbours(const ZonePlacer& placer, const DNSName& target, DNSName& before, DNSName& after)
{
  Gap gap(placer, target, before, after);
  gap.search();
  before = toDnsName(gap.before().wire());
  after = toDnsName(gap.after().wire());
}

void fitHashedNeighbours(const ZonePlacer& placer, const HashOrders& orders, const DNSName& hash, const std::optional<DNSName>& known,
                         DNSName& unhashed, DNSName& before, DNSName& after)
{
  const auto wanted = hashIn(hash);
  const auto lower = hashIn(before);
  const auto upper = hashIn(after);
  if (!wanted || !lower || !upper) {
    return;
  }
  const HashGap gap(placer, orders, orders.stored.madeFor().serial);
  if (const auto found = gap.after(*wanted, *upper)) {
    after = nameOf(found->hash);
  }
  if (known) { // the bind backend gives another name here, and with that another name's types
    before = hash;
    unhashed = *known;
    return;
  }
  if (*lower == *wanted) {
    return;
  }
  if (const auto found = gap.before(*lower, *wanted)) {
    before = nameOf(found->hash);
    unhashed = toDnsName(found->name);
  }
}

} // namespace caapolicy
