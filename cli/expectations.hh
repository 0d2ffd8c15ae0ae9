// SPDX-License-Identifier: GPL-2.0-or-later
//
// What people expect of a policy, read from a file:
//
//   - {name: shop.example.com, ca: letsencrypt.org, method: dns-01, expect: allow}
//   - {name: pay.example.com, expect: deny}
//
// What a request leaves out (`ca`, `account`, `method`) may be anything: `allow` has to hold whatever it is, and so has `deny`.
#pragma once

#include "policy/diagnostic.hh"
#include "policy/permissions.hh"
#include "policy/name.hh"
#include "policy/clock.hh"

#include <optional>
#include <vector>

namespace caapolicy::cli {

struct Expectation {
  Name name;
  Permission request; // empty parts: anything
  std::optional<Instant> at;
  bool allow{false};
  Location where;
};

// With problems, what is returned is of no use. `text` is the content of a file that diagnostics give `fileIndex`.
std::vector<Expectation> readExpectations(std::string_view text, uint32_t fileIndex, std::vector<Diagnostic>& problems);

} // namespace caapolicy::cli
