// SPDX-License-Identifier: GPL-2.0-or-later
//
// A zone in memory, answering as RFC 1034 4.3.2 has it: delegations, DNAME (RFC 6672), aliases, wildcards and empty
// non-terminals (RFC 4592).
#pragma once

#include "policy/name.hh"
#include "policy/record_set.hh"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace caapolicy::test {

// What stands at one name.
struct ZoneNode {
  std::map<std::string, std::set<std::string>> types; // but for CAA: type -> the data of its records
  std::optional<RecordSet> caa;
  std::optional<Name> alias; // the target of the CNAME in `types`

  bool has(const std::string& type) const { return types.contains(type); }
  bool empty() const { return types.empty() && !caa; }
};

// The records of a zone, as written.
struct ZoneRecords {
  Name apex;
  std::map<Name, ZoneNode> nodes; // those with records, in canonical order
};

class Zone {
public:
  explicit Zone(ZoneRecords records);
  Zone(const Zone&) = delete; // points into itself
  Zone& operator=(const Zone&) = delete;

  enum class Kind : uint8_t {
    Outside,    // not in this zone
    Referral,   // at or below a delegation
    Redirected, // below a DNAME
    NoName,     // NXDOMAIN
    Exact,      // the name exists, maybe as an empty non-terminal
    ByWildcard,
  };
  struct Found {
    Kind kind;
    Name owner;           // of the node, of the delegation, of the DNAME
    const ZoneNode* node; // for Exact and ByWildcard
  };
  Found lookUp(const Name& name) const;

  // What is at this very name, without regard to delegations; null: it does not exist. An empty non-terminal does.
  const ZoneNode* at(const Name& name) const;
  // The nearest ancestor that exists, of a name in the zone that does not.
  Name encloserOf(const Name& name) const;

  const ZoneRecords& records() const { return d_records; }
  const Name& apex() const { return d_records.apex; }
  // Every name that exists, empty non-terminals too.
  const std::map<Name, const ZoneNode*>& names() const { return d_names; }

private:
  ZoneRecords d_records;
  std::map<Name, const ZoneNode*> d_names;
  std::unordered_map<Name, const ZoneNode*> d_index; // the same
};

} // namespace caapolicy::test
