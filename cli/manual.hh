// SPDX-License-Identifier: GPL-2.0-or-later
//
// The manual pages, in roff: made from what the program itself knows, so that they say what it does.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace caapolicy::cli {

// caapolicy(1), from the command line with all its subcommands.
std::string commandManual(const CLI::App& app);
// caapolicy.yaml(5), from the key table.
std::string policyManual();

} // namespace caapolicy::cli
