// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command line that would approve a request, for people to copy.
#pragma once

#include <string>

namespace caapolicy::cli {

struct ApproveLine {
  std::string name;
  std::string issuer;
  std::string account, method; // empty: none
  bool wildcard{false};
};

std::string approveLine(const ApproveLine& line);

} // namespace caapolicy::cli
