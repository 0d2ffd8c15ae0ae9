// SPDX-License-Identifier: GPL-2.0-or-later
//
// What could stand on a command line next; the shells ask, so all of them get the same.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace caapolicy::cli {

struct Candidate {
  std::string word;
  std::string about; // may be empty
  bool operator==(const Candidate&) const = default;
};

// A value is wanted of a command's option or positional: `command` is as "ca show", `argument` as "--issuer" or "name", and
// `policy` what --policy has, if it is there.
struct Wanted {
  std::string command, argument, policy;
};

struct Candidates {
  bool files{false}; // paths, which shells know best
  std::vector<Candidate> words;
};

// `words` are those behind the program's name; the last one is being written, and may be empty. Subcommands and options are those
// of the app; `valuesOf` is asked for values that the app doesn't know. Only what begins like the last word is returned.
Candidates candidatesFor(const CLI::App& app, const std::vector<std::string>& words, const std::function<std::vector<Candidate>(const Wanted&)>& valuesOf);

} // namespace caapolicy::cli
