// SPDX-License-Identifier: GPL-2.0-or-later
//
// A zone as it is stored somewhere: as much of it as CAA has to do with, and the rest as texts.
// Plain data, and what placement.hh wants to know of it.
#pragma once

#include "name.hh"
#include "placement.hh"
#include "record_set.hh"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace caapolicy {

// What stands at one name.
struct StoredNode {
  std::optional<RecordSet> caa;
  uint32_t caaTtl{0};
  bool cname{false}, dname{false}, ns{false};
  std::vector<std::string> others; // all other records, without the owner: "300 IN A 192.0.2.1"
};

struct StoredZone {
  Name apex;
  std::map<Name, StoredNode> nodes; // those with records, in canonical order; `*.N` too

  // The node of a name; null: it has no records.
  const StoredNode* at(const Name& name) const;
  // It has records, or a name below it has.
  bool exists(const Name& name) const;
  // Below a delegation or a DNAME, or a delegation itself: what is here is another zone's business.
  bool occluded(const Name& name) const;
  // The nearest ancestor that exists, of a name in the zone that does not.
  Name encloserOf(const Name& name) const;

  NameFacts factsOf(const Name& name) const;
  WildcardFacts wildcardFactsOf(const Name& name) const; // of `*.name`
};

} // namespace caapolicy
