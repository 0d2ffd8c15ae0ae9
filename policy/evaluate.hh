// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a certification authority decides when it finds CAA records: RFC 8659 (climbing, property tags, critical
// flag, value grammar), RFC 8657 (accounts and methods) and RFC 9495 (issuemail). Used to prove that what the module
// serves means what the policy says, and to explain a verdict to a person.
//
// Pure functions without state; any thread may call them.
#pragma once

#include "name.hh"
#include "record_set.hh"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace caapolicy {

// What a certificate is for, as far as CAA can tell.
enum class Property : uint8_t {
  Issue,     // a TLS certificate; a wildcard name turns to issuewild (RFC 8659 4.3)
  IssueMail, // S/MIME (RFC 9495)
  IssueVmc,  // a mark certificate
};

struct CaRequest {
  Name name;             // the identifier without its `*.`
  bool wildcard{false};  // the identifier was `*.name`
  Property property{Property::Issue};
  std::string ca;        // the issuer domain name that the CA knows as its own, lower case
  std::string account;   // account URI; empty: the request has none
  std::string method;    // validation method label; empty: the request has none
};

// What DNS says of one name.
struct NoCaa {};                                   // the name has no CAA, or does not exist
using CnameTarget = Name;                          // the name is an alias (RFC 8659 3: its target's CAA counts)
using CaaLookup = std::variant<NoCaa, CnameTarget, RecordSet>;
using CaaSource = std::function<CaaLookup(const Name&)>;

struct Verdict {
  bool allow{false};
  // What a CA decides that takes the stricter reading wherever CAs are known to differ; never allows more.
  bool strictAllow{false};
  // The name whose record set decided, as it was climbed to, before any CNAME; none: no set was found.
  std::optional<Name> decidedAt;
  std::string reason;       // one sentence part, lower case, no full stop
  std::string strictReason; // why strictAllow differs; empty when it does not
};

// Climbs from the request's name to the root and decides (RFC 8659 3 and 4). A CNAME chain longer than 16, or one that
// loops, denies: a CA cannot finish its lookup.
Verdict evaluate(const CaRequest& request, const CaaSource& source);

} // namespace caapolicy
