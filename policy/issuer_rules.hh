// SPDX-License-Identifier: GPL-2.0-or-later
//
// How the parts of a CAA record that a policy names must be written. The checks return what is wrong, as a part of
// a sentence; none when nothing is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

// A name under `issuers`: [a-z0-9][a-z0-9_-]*.
bool isIssuerName(std::string_view text);

// An issuer domain (RFC 8659 4.2), in lower case and without its trailing dot, or what is wrong with it.
struct IssuerDomain {
  std::string domain; // empty: see fault
  std::string fault;
};
IssuerDomain parseIssuerDomain(std::string_view text);

// An account URI (RFC 8657 3) that fits into a CAA value (RFC 8659 4.2): absolute, printable ASCII, no `;`.
std::optional<std::string> accountFault(std::string_view text);

// A validation method (RFC 8657 4) in lower case: one that ACME has, or a CA's own.
bool isKnownMethod(std::string_view method);
const std::vector<std::string_view>& acmeMethods();
// With these methods alone no CA can validate a wildcard (CA/Browser Forum Baseline Requirements 3.2.2.4.19 and 3.2.2.4.20, RFC 8555 8.3
// and RFC 8737 3: what is proved on a host itself says nothing of the names below it). Not for no methods, which are any.
bool proveHostOnly(const std::vector<std::string>& methods);

// A place for reports of a CA (RFC 8659 4.4).
bool isReportUrl(std::string_view text);
bool isEmailAddress(std::string_view text);
bool isPhoneNumber(std::string_view text);

} // namespace caapolicy
