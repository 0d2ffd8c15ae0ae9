// SPDX-License-Identifier: GPL-2.0-or-later
//
// The synthesized zone, made from a zone and a snapshot by placement.hh in the two ways that a server makes it: name by
// name as queries ask, and whole, as a zone transfer sends it and a secondary then serves it.
#pragma once

#include "oracle.hh"
#include "zone.hh"

#include "policy/evaluate.hh"
#include "policy/placement.hh"

namespace caapolicy::test {

// The names that the aliases of generated zones lead to, outside of every policy.
const Name& targetWithoutCaa();
const Name& targetThatAllowsAll();

class SynthesizedZone {
public:
  // Both outlive it.
  SynthesizedZone(const Snapshot& snapshot, const Zone& wrapped, Instant now);

  // What a secondary holds: a name is in it when it or a name below it has a record.
  const Zone& transferred() const { return d_transferred; }
  // What a query finds out of the zone's placement: for any name, `*.N` too.
  Placement placementOf(const Name& name) const;
  // What a query is told of a name that is not in the synthesized zone, if it is told anything.
  std::optional<Snapshot::Answer> answerFor(const Name& name) const;

  // CAA as a secondary answers it, and as `nonexistent-names=nxdomain` does.
  CaaLookup lookUp(const Name& name) const;
  // CAA as `nonexistent-names=answer` has it.
  CaaLookup lookUpAnswering(const Name& name) const;

private:
  NameFacts factsOf(const Name& name) const;
  void place(const Name& name, ZoneRecords& into) const;
  Zone transfer() const;

  const Snapshot& d_snapshot;
  const Zone& d_wrapped;
  Instant d_now;
  Zone d_transferred;
};

// No CAA of this zone decides for the name: it is an alias that is not flattened, or another zone's, or has a label that no certificate can
// have. Everything else in a zone must be as the policy says.
bool isExcepted(const Oracle& oracle, const Zone& wrapped, const Name& name);

} // namespace caapolicy::test
