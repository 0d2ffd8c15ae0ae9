// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is wrong with a command line, in words that say what to write instead.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace caapolicy::cli {

// Two lines: the fault, and whose --help to see. `app` is the root, as far as it got with the line.
std::string usageError(const CLI::App& app, int argc, const char* const* argv, const CLI::ParseError& error);

} // namespace caapolicy::cli
