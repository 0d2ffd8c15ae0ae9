// SPDX-License-Identifier: GPL-2.0-or-later
//
// The CAs that are known: their issuer domains (RFC 8659 4.2), what the URIs of their accounts look like, and whether they honour
// `accounturi` and `validationmethods` (RFC 8657). policy/ca-catalogue.json is built in; an operator's file adds to it.
//
// Immutable once it is made: any thread may read it. Nothing here reads a file.
#pragma once

#include "clock.hh"
#include "diagnostic.hh"
#include "tree.hh"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

// From here on the CA/Browser Forum's Baseline Requirements (ballot SC098v2) oblige every CA that browsers trust to
// process both parameters of RFC 8657: 2027-03-15T00:00:00Z.
inline constexpr Instant kParametersDue = 1805068800;

// Whether a CA honours a parameter. What nobody has found out is unknown, not no.
enum class Honours : uint8_t { Unknown, No, Yes };
std::string_view toText(Honours honours); // "yes"

struct Parameter {
  Honours honours{Honours::Unknown};
  std::string since; // a day, "2022-12-16"; empty: not known
};

// Where something of a CA was read.
struct CaSource {
  std::string about; // the key that it is about: "domains"
  std::string url;
  std::string date; // a day
};

struct Ca {
  std::string id;                         // as in the policy: `ca: letsencrypt`
  std::string name;                       // for people
  std::vector<std::string> domains;       // issuer domains, lower case; at least one: the id stands for the first
  std::vector<std::string> organizations; // as CCADB has it in certificates (O=)
  bool isPublic{false};                   // browsers trust it: the Baseline Requirements oblige it
  std::vector<std::string> accounts;      // what the URIs of its accounts begin with; none: not known
  std::vector<std::string> staging;       // the same of servers whose certificates nobody trusts
  Parameter accounturi, validationmethods;
  std::string note;
  std::vector<CaSource> sources;
  bool isOwn{false}; // an operator's file has it, or changes it

  // At that instant: as it is known, or else as it must.
  Honours honoursAt(const Parameter& parameter, Instant now) const;
};

class Catalogue {
public:
  // Made at the first call, which any thread may make; stays for ever.
  static const Catalogue& builtIn();

  // Null: there is none.
  const Ca* find(std::string_view id) const;
  // Several CAs may have a domain as theirs.
  std::vector<const Ca*> ofDomain(const std::string& domain) const;
  bool hasDomain(const std::string& domain) const { return d_ofDomain.count(domain) != 0; }
  // The CAs that have such accounts.
  std::vector<const Ca*> ofAccount(std::string_view uri) const;
  std::vector<const Ca*> ofStagingAccount(std::string_view uri) const;

  const std::map<std::string, Ca, std::less<>>& cas() const { return d_cas; }
  std::vector<std::string_view> ids() const;
  std::vector<std::string_view> domains() const;

  // Puts what a file has on top: entries are added; of those that are there the keys that the file has are replaced, and one that
  // is null is taken out. Reports what is wrong with the file; entries that have no domain then are left out.
  void overlay(const TreeNode& root, std::vector<Diagnostic>& problems);

private:
  void index();

  std::map<std::string, Ca, std::less<>> d_cas;
  std::unordered_map<std::string, std::vector<const Ca*>> d_ofDomain;

public:
  Catalogue() = default;
  // The index points into the map.
  Catalogue(const Catalogue& other) : d_cas(other.d_cas) { index(); }
  Catalogue& operator=(const Catalogue&) = delete;
};

// Names that no CA can have, as examples and tests use them (RFC 2606, RFC 6761): `ca.example`, `ca.example.com`.
bool isReservedDomain(std::string_view domain);

} // namespace caapolicy
