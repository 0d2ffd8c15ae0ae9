// SPDX-License-Identifier: GPL-2.0-or-later
//
// Policies that inputs.py has made, for the benchmarks in this process: each is an argument COUNT=FOLDER of the program.
#pragma once

#include "policy/loader.hh"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace caapolicy::bench {

struct Input {
  explicit Input(const std::string& argument) : approvals(static_cast<uint32_t>(std::stoul(argument))), folder(argument.substr(argument.find('=') + 1)) {}

  uint32_t approvals;
  std::filesystem::path folder;

  std::filesystem::path policy() const { return folder / "policy.yaml"; }
  // The files of approvals, in their order.
  std::vector<std::filesystem::path> files() const;
};

// An instant at which all approvals are live.
inline constexpr Instant kNow = 1'800'000'000;

// The canonical wire form of a name, as inputs.py numbers them: an approved one, and one that is nowhere but sorts beside it.
std::string deviceName(uint32_t number);
std::string missingName(uint32_t number);

// A loader for files of any size.
std::unique_ptr<Loader> loaderOf(const Input& input);
// Ends the process, and says why, if the policy has an error.
LoadResult loadOrExit(Loader& loader);

// For a program whose benchmarks are registered by `registerAll`: reads the arguments, Google Benchmark's own first.
int runBenchmarks(int argc, char** argv, void (*registerAll)(const std::vector<Input>& inputs));

} // namespace caapolicy::bench
