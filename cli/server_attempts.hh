// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the running server remembers of denied names, asked for by pdns_control.
#pragma once

#include "cli/output.hh"
#include "cli/program.hh"
#include "cli/shell.hh"

#include <string>
#include <vector>

namespace caapolicy::cli {

// Where the server is, as pdns_control takes it; empty: its defaults.
struct ServerPlace {
  std::string configDir, configName, socketDir;
};
void addServerOptions(CLI::App& command, ServerPlace& place);

// An object for each name, the latest first, as `pdns_control caapolicy-attempts json` has them. Throws Failure(kFailed) where
// the server can't be asked.
std::vector<Json> askForAttempts(const ServerPlace& place, Complaints complaints = Complaints::Shown);
// The same from a text, an object a line. `source` is blamed for lines that are none.
std::vector<Json> parseAttempts(const std::string& text, const std::string& source);

} // namespace caapolicy::cli
