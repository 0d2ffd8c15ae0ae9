// SPDX-License-Identifier: GPL-2.0-or-later
//
// The value of `issue`, `issuewild`, `issuemail` and `issuevmc` by the grammar of RFC 8659 4.2, and the parameters
// of RFC 8657 in it. Pure functions; any thread may call them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

struct CaaParameter {
  std::string name; // as it stands
  std::string value;
  bool operator==(const CaaParameter&) const = default;
};

struct CaaValue {
  std::string issuer; // as it stands; empty: no CA is meant
  std::vector<CaaParameter> parameters;
  bool operator==(const CaaValue&) const = default;
};

// None: the value does not match the grammar, which means the same as an empty issuer (RFC 8659 4.2).
std::optional<CaaValue> parseCaaValue(std::string_view text);

// The labels of `validationmethods` (RFC 8657 4): an empty value is an empty list. None: it is not well formed.
std::optional<std::vector<std::string>> parseMethodList(std::string_view text);

// The form that an `accounturi` must have (RFC 3986 3: a scheme, a colon, and no byte that a URI has no room for).
bool isUri(std::string_view text);

// A property tag that means something to a CA, in any case: one that is critical and is not known denies (RFC 8659 4.1).
bool isKnownCaaTag(std::string_view tag);

// Letters of ASCII alike in either case.
bool equalIgnoringCase(std::string_view a, std::string_view b);

} // namespace caapolicy
