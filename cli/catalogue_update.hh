// SPDX-License-Identifier: GPL-2.0-or-later
//
// What CCADB's report has otherwise than the built-in CA catalogue, as the file of an operator's catalogue.
#pragma once

#include "cli/ccadb_report.hh"
#include "cli/output.hh"
#include "policy/catalogue.hh"

#include <string>
#include <vector>

namespace caapolicy::cli {

struct CatalogueUpdate {
  struct Change {
    std::string id;
    std::string name;
    std::vector<std::string> added, removed; // domains, against the built-in catalogue
    bool isNew{false};                       // the built-in one has no such CA
    bool isGone{false};                      // the report has none of its domains: it stays, with a note of that
    bool isKept{false};                      // a person wrote the entry in the file: it stays as it is
  };
  std::vector<Change> changes; // in the order of ids
  Json file;                   // the new content
};

// `before`: the file as it is, {} for none. Entries in it that an update didn't make stay as they are. `today` as 2026-11-22.
CatalogueUpdate updateCatalogue(const Catalogue& builtIn, const CcadbReport& report, const Json& before, const std::string& today);

} // namespace caapolicy::cli
