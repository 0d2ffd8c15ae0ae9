// SPDX-License-Identifier: GPL-2.0-or-later
//
// Holds the issuers that a policy names against the CA catalogue, as they are read. All that it finds are warnings: a CA may
// exist that the catalogue doesn't know, and what it knows may have changed.
//
// One thread uses an object at a time.
#pragma once

#include "catalogue.hh"
#include "diagnostic.hh"
#include "model.hh"

#include <string>
#include <unordered_set>
#include <vector>

namespace caapolicy {

class IssuerCheck {
public:
  // `catalogue` outlives the object.
  IssuerCheck(const Catalogue& catalogue, Instant now) : d_catalogue(&catalogue), d_now(now) {}

  const Catalogue& catalogue() const { return *d_catalogue; }

  // An issuer with nothing but a domain. Each domain is told of once.
  void lookAt(const std::string& domain, const Location& where);
  // One with accounts or methods; the places of each of them.
  void lookAt(const Issuer& issuer, const Location& where, const std::vector<Location>& accounts, const std::vector<Location>& methods);

  std::vector<Diagnostic> warnings; // in the order of finding

private:
  void lookAtAccount(const std::string& account, const Location& where, const std::string& domain, const std::vector<const Ca*>& cas);

  const Catalogue* d_catalogue;
  Instant d_now;
  std::unordered_set<std::string> d_unknown; // domains that were told of
};

} // namespace caapolicy
