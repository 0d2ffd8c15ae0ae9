// SPDX-License-Identifier: GPL-2.0-or-later
//
// What CAs are known to do otherwise than one might expect, each with its source.
#pragma once

#include "cli/live_climb.hh"

#include <string>
#include <vector>

namespace caapolicy::cli {

struct CaNote {
  std::string id; // for JSON
  std::string text;
  std::string source;
};

// All of them.
std::vector<CaNote> allCaNotes();
// Those that matter to what was seen. `differs`: servers, or what was seen and the policy.
std::vector<CaNote> caNotesFor(const std::vector<LiveClimb>& climbs, bool wildcard, bool differs);

} // namespace caapolicy::cli
