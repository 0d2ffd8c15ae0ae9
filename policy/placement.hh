// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which names of a zone carry what: the one place that says how the policy and the wrapped zone make the
// synthesized zone. Queries and zone transfers both decide here, so that they agree.
//
// "Wrapped zone" is the zone as the wrapped backend holds it. Pure functions; any thread may call them.
#pragma once

#include "snapshot.hh"

#include <optional>

namespace caapolicy {

// What the wrapped zone has at a name that is not a wildcard owner. Only what the stated condition asks for is looked at.
struct NameFacts {
  bool storedCaa{false};  // exists: it has CAA records
  bool exists{false};     // it has data at the name, or below it (an empty non-terminal)
  bool occluded{false};   // at or below a zone cut other than the apex, or, if it does not exist, below a DNAME
  bool cname{false};      // exists: it is an alias
  bool storedCname{false}; // cname: by a CNAME record, which can be flattened
  bool dname{false};      // exists: names below it are redirected, so nothing can be published there
  bool covered{false};    // does not exist: a wildcard of the wrapped zone answers for it
  bool redirected{false}; // covered: that wildcard holds a CNAME, DNAME or NS, so nothing can be published beside it
};

// What the wrapped zone has at `*.N`.
struct WildcardFacts {
  bool exists{false};
  bool storedCaa{false}; // it has CAA records
  bool redirects{false}; // it holds a CNAME, DNAME or NS
};

struct Placement {
  // The name exists in the synthesized zone.
  bool exists{false};
  // The wrapped zone's CAA records at this name, stored or copied, must not be served.
  bool dropStored{false};
  // It carries copies of what the wildcard that covered it in the wrapped zone holds.
  bool copies{false};
  // Its CNAME record is not served, but the addresses of its target.
  bool flatten{false};
  // The CAA records that it carries; none: it carries no synthesized ones.
  std::optional<Snapshot::Answer> caa;
};

// For a name whose first label is not `*`.
Placement placeName(const Snapshot& snapshot, WireName name, const Snapshot::View& view, const NameFacts& facts, Instant now);

// For `*.N`, where `name`, `view` and `facts` are N's.
Placement placeWildcard(const Snapshot& snapshot, WireName name, const Snapshot::View& view, const NameFacts& facts,
                        const WildcardFacts& wildcard, Instant now);

// What a CAA query for a name is told that is in neither the wrapped nor the synthesized zone, when such queries
// are answered (`nonexistent-names=answer`).
std::optional<Snapshot::Answer> answerForNonexistent(const Snapshot& snapshot, WireName name, const Snapshot::View& view,
                                                     const NameFacts& facts, Instant now);

} // namespace caapolicy
