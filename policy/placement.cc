// SPDX-License-Identifier: GPL-2.0-or-later
#include "placement.hh"

namespace caapolicy {

namespace {

// No certificate can name a name with an underscore label, so it needs no CAA. But stored CAA, which is not to be served,
// is replaced there as well: it may be all that makes the name exist.
bool carriesCaa(const Snapshot::View& view, WireName name, bool storedCaa)
{
  return view.governed() && (storedCaa || !hasUnderscoreLabel(name));
}

bool isPublished(const Snapshot& snapshot, const Snapshot::View& view, const NameFacts& facts, Instant now)
{
  return !facts.exists && !facts.redirected && snapshot.published(view, now);
}

// `_` names are no hosts: what looks for them, as the validation of a certificate at `_acme-challenge`, follows the alias.
bool isFlattened(const Snapshot& snapshot, const Snapshot::View& view, WireName name, const NameFacts& facts)
{
  return facts.storedCname && snapshot.flattens(view) && !hasUnderscoreLabel(name);
}

// Climbing from an unlisted name below N must not stop at what only N may have.
bool childDiffers(const Snapshot& snapshot, const Snapshot::View& view, Instant now)
{
  return snapshot.own(view, now).setIndex != snapshot.child(view, now).setIndex;
}

} // namespace

Placement placeName(const Snapshot& snapshot, WireName name, const Snapshot::View& view, const NameFacts& facts, Instant now)
{
  Placement placement;
  placement.exists = facts.exists;
  if (facts.occluded) {
    return placement;
  }
  if (isPublished(snapshot, view, facts, now)) {
    placement.exists = true;
    placement.copies = facts.covered;
  }
  if (!placement.exists) {
    return placement;
  }
  placement.dropStored = view.governed();
  placement.flatten = isFlattened(snapshot, view, name, facts);
  if ((!facts.cname || placement.flatten) && carriesCaa(view, name, facts.storedCaa)) {
    placement.caa = snapshot.own(view, now);
  }
  return placement;
}

Placement placeWildcard(const Snapshot& snapshot, WireName name, const Snapshot::View& view, const NameFacts& facts,
                        const WildcardFacts& wildcard, Instant now)
{
  Placement placement;
  placement.exists = wildcard.exists;
  if (facts.occluded || facts.dname) {
    return placement;
  }
  const bool carries = carriesCaa(view, name, wildcard.storedCaa);
  if (wildcard.exists) {
    placement.dropStored = view.governed();
    if (carries && !wildcard.redirects) {
      placement.caa = snapshot.child(view, now);
    }
    return placement;
  }
  const bool published = isPublished(snapshot, view, facts, now);
  placement.copies = published && facts.covered; // N's publication would hide the wildcard from the names below it
  // A wildcard is no name that anybody climbs from, so nothing guards the names below its owner.
  const bool alias = facts.cname && !isFlattened(snapshot, view, name, facts);
  const bool guard = carries && !isWildcard(name) && (facts.exists || published) && (alias || childDiffers(snapshot, view, now));
  placement.exists = placement.copies || guard;
  if (placement.exists) {
    placement.dropStored = view.governed();
    if (carries) {
      placement.caa = snapshot.child(view, now);
    }
  }
  return placement;
}

std::optional<Snapshot::Answer> answerForNonexistent(const Snapshot& snapshot, WireName name, const Snapshot::View& view,
                                                     const NameFacts& facts, Instant now)
{
  if (facts.occluded || facts.covered || !carriesCaa(view, name, false) || isWildcard(name)) {
    return std::nullopt;
  }
  return snapshot.own(view, now);
}

} // namespace caapolicy
