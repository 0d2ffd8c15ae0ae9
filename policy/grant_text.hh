// SPDX-License-Identifier: GPL-2.0-or-later
//
// A grant in words.
#pragma once

#include "model.hh"

#include <string>
#include <vector>

namespace caapolicy {

std::string joined(const std::vector<std::string>& words); // "a, b"
std::string wildcardText(Wildcard wildcard);               // "no wildcard"
std::string grantText(const Grant& grant);                 // "letsencrypt.org, no wildcard, any account, method dns-01"

} // namespace caapolicy
