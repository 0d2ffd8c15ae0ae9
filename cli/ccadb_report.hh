// SPDX-License-Identifier: GPL-2.0-or-later
//
// CCADB's report of CAA identifiers (AllCAAIdentifiersReportCSVV2): a row for each CA certificate, with the issuer domains that
// its owner recognizes. Of its columns, two are read: `Recognized CAA Domains`, and `Subject` for the organization in it. An
// older form of the report has `CA Owner` in its place.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace caapolicy::cli {

struct CcadbReport {
  struct Organization {
    std::string name; // as the first row of it has it
    std::set<std::string> domains;
  };
  std::map<std::string, Organization> organizations; // by sameName() of their names
  std::set<std::string> domains;                     // of all
  size_t rows{0};
};

inline constexpr const char* kCcadbReportUrl = "https://ccadb.my.salesforce-sites.com/ccadb/AllCAAIdentifiersReportCSVV2";

// Throws CsvError. Words in the column of domains that are none ("None", "N/A") are passed over.
CcadbReport parseCcadbReport(std::string_view text);

// Names that differ only in case, spaces and punctuation are of the same organization: "DigiCert, Inc.", "DIGICERT INC".
std::string sameName(std::string_view name);

} // namespace caapolicy::cli
