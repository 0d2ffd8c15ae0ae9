// SPDX-License-Identifier: GPL-2.0-or-later
//
// A CA's request as options of the command line: what `explain` and `live` give a verdict on.
#pragma once

#include "cli/program.hh"
#include "policy/catalogue.hh"
#include "policy/evaluate.hh"
#include "policy/model.hh"

#include <map>
#include <string>

namespace caapolicy::cli {

struct RequestOptions {
  std::string ca, account, method;
  bool wildcard{false};

  bool given() const { return !ca.empty(); }
  // Throws Failure(kUsage) where the rest is given without a CA, and for a method that there is not.
  void check() const;
  // Makes a name under `issuers` or an id of the catalogue the issuer domain that it stands for. Throws Failure(kUsage) for what is neither.
  void nameCa(const std::map<std::string, Issuer>& issuers, const Catalogue& catalogue);
  CaRequest forName(const Name& name) const;
};

// In lower case; throws Failure(kUsage) for a validation method that there is not.
std::string parseMethod(const std::string& text);

// They have to live as long as the command.
void addRequestOptions(CLI::App& command, RequestOptions& options);

// "letsencrypt.org for *.shop.example.com, no account, dns-01"
std::string requestText(const CaRequest& request);

} // namespace caapolicy::cli
