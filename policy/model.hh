// SPDX-License-Identifier: GPL-2.0-or-later
//
// The policy document as plain data: what was written, resolved (issuer names, paths, U-labels) and checked, but not
// yet compiled. Made by the loader, turned into a Snapshot by the compiler, and kept by it to explain itself.
// Nothing in here knows YAML or PowerDNS.
#pragma once

#include "clock.hh"
#include "name.hh"
#include "source.hh"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caapolicy {

// A CA with the accounts and validation methods that it is bound to (RFC 8657).
struct Issuer {
  std::string ca;                    // issuer domain name (RFC 8659 4.2), lower case, no trailing dot
  std::vector<std::string> accounts; // account URIs (RFC 8657 3); none: any account
  std::vector<std::string> methods;  // validation methods (RFC 8657 4), lower case; none: any method
  bool operator==(const Issuer&) const = default;
};

// An issuer, and how the policy has it: "le-web".
struct LinkedIssuer {
  Issuer issuer;
  std::string writtenAs;
  bool operator==(const LinkedIssuer&) const = default;
};

// Which certificates a grant speaks of.
enum class Wildcard : uint8_t {
  No,   // only the name itself
  Also, // the name, and the wildcard below it
  Only, // only the wildcard
};

struct Grant {
  Issuer issuer;
  std::string writtenAs; // the issuer as the policy has it: "le-web"
  Wildcard wildcard{Wildcard::No};
  Location where;
  bool operator==(const Grant&) const = default;
};

// `issuemail` (RFC 9495) or `issuevmc`: an empty list is `deny`. Methods have no meaning here.
using OtherIssuers = std::vector<Issuer>;

// What may be granted at or below a subtree, by anyone.
struct Limits {
  std::optional<std::vector<Issuer>> issuers;
  bool requireAccount{false};
  bool requireMethod{false};
  bool wildcard{true};             // false: no wildcard may be granted
  std::optional<int64_t> lifetime; // seconds; an approval must have an `until` within this of its beginning
  Location where;
  // Where each limit stands; meaningful for those that are set.
  Location issuersWhere, requireWhere, wildcardWhere, lifetimeWhere;
  bool operator==(const Limits&) const = default;
};

enum class CnameMode : uint8_t { Keep, Flatten };

// Settings that a subtree inherits from the nearest subtree above that has them, in the end from `defaults`.
struct Inherited {
  std::optional<uint32_t> ttl; // seconds
  std::optional<std::vector<std::string>> iodef;
  std::optional<std::vector<std::string>> contactemail;
  std::optional<std::vector<std::string>> contactphone;
  std::optional<OtherIssuers> mail;
  std::optional<OtherIssuers> vmc;
  bool operator==(const Inherited&) const = default;
};

struct Subtree {
  Name name;
  std::vector<Grant> allow;
  bool inherit{false}; // also what the subtree above grants here
  Inherited settings;
  std::optional<Limits> limits;
  CnameMode cname{CnameMode::Keep};
  bool denied{false}; // its delegated file has never been good: nothing is granted at or below it, by anyone
  Location where;     // of the name
  bool operator==(const Subtree&) const = default;
};

struct Approval {
  Name name;
  std::vector<Grant> grants; // one for each of its issuers, all with the same scope
  bool subtree{false};       // true: every name below as well, as far as the governing subtree reaches
  Instant from{kBeginningOfTime};
  Instant until{kEndOfTime}; // live when from <= now < until
  std::string reason, ticket, by;
  Location where; // of the name
};

// A zone that the module answers for when it wraps no backend.
struct ZoneSettings {
  Name name;
  Name primary;                  // SOA MNAME
  Name hostmaster;               // SOA RNAME
  std::vector<Name> nameservers; // NS; at least one
  Location where;
  bool operator==(const ZoneSettings&) const = default;
};

inline constexpr uint32_t kDefaultTtl = 300;

class FileApprovals;

// The approvals of one file, and which one that is.
struct PlacedApprovals {
  std::shared_ptr<const FileApprovals> approvals; // never null
  uint32_t file{0};                               // in Policy::files
};

struct Policy {
  std::vector<SourceFile> files; // files[0] is the root file
  Inherited defaults;
  std::vector<Subtree> subtrees;          // in canonical order, each name once
  std::vector<PlacedApprovals> approvals; // in the order of files, each file once
  std::vector<ZoneSettings> zones;
};

} // namespace caapolicy
