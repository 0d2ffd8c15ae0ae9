// SPDX-License-Identifier: GPL-2.0-or-later
//
// Two policies beside each other: whose requests does the one allow that the other denies, and when? By what they
// mean, not by what is written: a grant that another one covers, or an approval that moved to another file, makes no difference.
//
// Where neither subtree governs a name, the CAA of its zone decides, which a policy can't know. A policy that doesn't govern a name is taken
// for one that allows everything there: a name that leaves a policy is wider by it, and one that enters it is not. Likewise a name
// whose aliases are no longer flattened is wider: the zone of the target decides.
//
// Pure function over two snapshots, which must outlive the result; any thread may call it. Costs a pass over the listed
// names of both, and for each over the instants at which it changes.
#pragma once

#include "permissions.hh"
#include "snapshot.hh"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace caapolicy {

// Permissions of the same CA for the same account that come and go together.
struct PermissionChange {
  std::vector<Purpose> purposes;
  std::string ca;                   // empty: any
  std::string account;              // likewise
  std::vector<std::string> methods; // none: any
  Instant from{0}, until{kEndOfTime};
  // A grant that it comes from: of the policy that has it. None: it is of a setting (`mail`, `vmc`), or of no policy.
  std::optional<Location> where;
  // What the other policy permits of it, at `from`, whatever purpose its entries are marked with.
  Permissions ofIt;
};

struct NameChange {
  // What it is about: the name itself; the names below it that have no entry of their own; or both. The last one only where they
  // change alike.
  enum class Reach : uint8_t { Name, Below, Both };

  Name name;
  Reach reach{Reach::Name};
  const Subtree* before{nullptr}; // governing; null: none
  const Subtree* after{nullptr};
  std::vector<PermissionChange> added, removed;
  bool flattened{false}, unflattened{false}; // aliases
  // Records that permit nothing, and the TTL, as texts; from `from` on.
  std::vector<std::string> recordsBefore, recordsAfter;

  // Something is allowed that was denied.
  bool widens() const { return !added.empty() || unflattened; }
  // Nothing changes here, though it does around it.
  bool isUnchanged() const { return !widens() && removed.empty() && !flattened && recordsBefore == recordsAfter; }
};

// In canonical order. What happens before `from` doesn't count.
std::vector<NameChange> compare(const Snapshot& before, const Snapshot& after, Instant from);

} // namespace caapolicy
