// SPDX-License-Identifier: GPL-2.0-or-later
//
// How permissions are shown to people and to programs.
#pragma once

#include "cli/output.hh"
#include "policy/compare.hh"

#include <string>
#include <vector>

namespace caapolicy::cli {

// "letsencrypt.org, account https://…, method dns-01 or http-01"
std::string whoText(const std::string& ca, const std::string& account, const std::vector<std::string>& methods);
// "the name and the wildcard"
std::string purposesText(const std::vector<Purpose>& purposes);
Json purposesJson(const std::vector<Purpose>& purposes);

} // namespace caapolicy::cli
