// SPDX-License-Identifier: GPL-2.0-or-later
//
// Other programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace caapolicy::cli {

// As a POSIX shell takes it for one word.
std::string quotedForShell(const std::string& word);

struct Finished {
  int status{0}; // exit status; 127: there is no such program
  std::string output;
};
enum class Complaints : uint8_t { Shown, Hidden };
// Runs a program to its end; its stderr is ours, or nobody's. Throws Failure(kFailed) when it can't be run.
Finished runProgram(const std::vector<std::string>& words, Complaints complaints = Complaints::Shown);

} // namespace caapolicy::cli
