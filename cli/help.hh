// SPDX-License-Identifier: GPL-2.0-or-later
//
// What `--help` prints: positionals by the names that their descriptions use, and the common options with each command.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace caapolicy::cli {

class Help : public CLI::Formatter {
public:
  Help();

  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const override;
  std::string make_option_name(const CLI::Option* option, bool isPositional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

// "NAME", or "--issuer ISSUER".
std::string optionWithValue(const CLI::Option& option);
// "caapolicy ca show"
std::string commandPath(const CLI::App& app);

} // namespace caapolicy::cli
