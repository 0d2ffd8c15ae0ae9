// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a CAA record set permits, as a set of values that can be compared: is everything that this one permits permitted by
// that one too? By the reading of the standards (RFC 8659 4, RFC 8657, RFC 9495) that evaluate.hh decides by, with one
// difference: accounts and methods bind `issuemail` and `issuevmc` as well, as some CAs read them.
//
// Pure functions; any thread may call them.
#pragma once

#include "record_set.hh"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace caapolicy {

// What a certificate is for.
enum class Purpose : uint8_t { Name, Wildcard, Mail, Mark };

// One account of one CA by one method. Each part but the first may be empty: any.
struct Permission {
  Purpose purpose{Purpose::Name};
  std::string ca; // lower case
  std::string account;
  std::string method;

  auto operator<=>(const Permission&) const = default;
  bool covers(const Permission& other) const;
};

// Sorted, each once, and none that another covers: sets that permit the same are equal. There are endlessly many CAs,
// accounts and methods, so no number of them adds up to "any".
using Permissions = std::vector<Permission>;

Permissions permissionsOf(const RecordSet& set);
// What holds where no record set is.
const Permissions& everything();

bool covers(const Permissions& permissions, const Permission& permission);
// Those of `permissions` that `others` don't cover.
Permissions beyond(const Permissions& permissions, const Permissions& others);

} // namespace caapolicy
