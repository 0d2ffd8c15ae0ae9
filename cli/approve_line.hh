// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command line that would approve a request, or an approval anew, for people to copy.
#pragma once

#include "policy/snapshot.hh"

#include <string>
#include <vector>

namespace caapolicy::cli {

struct ApproveLine {
  std::string name;
  std::string issuer;
  std::vector<std::string> accounts{}, methods{};
  Wildcard wildcard{Wildcard::No};
  bool subtree{false};
  std::string span{}; // empty: for ever
};

std::string approveLine(const ApproveLine& line);

// For as long as it was approved for before, from now on; 30 days where that is not known.
std::string renewalLine(const Approval& approval, const Grant& grant);

} // namespace caapolicy::cli
