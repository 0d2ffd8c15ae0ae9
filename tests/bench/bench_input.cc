// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench_input.hh"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>

namespace caapolicy::bench {

namespace {

std::string wireName(const std::string& text)
{
  return std::string(Name::parseHostName(text).name.wire());
}

} // namespace

std::vector<std::filesystem::path> Input::files() const
{
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "approvals.d")) {
    found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string deviceName(uint32_t number) { return wireName(fmt::format("device-{:07}.devices.example.com", number)); }
std::string missingName(uint32_t number) { return wireName(fmt::format("device-{:07}x.devices.example.com", number)); }

std::unique_ptr<Loader> loaderOf(const Input& input) { return std::make_unique<Loader>(input.policy(), std::vector<std::string>{}, LoadLimits{}, Texts::Forget); }

LoadResult loadOrExit(Loader& loader)
{
  LoadResult result = loader.load(kNow);
  if (!result.snapshot || result.hasErrors()) {
    std::cerr << "the policy of the benchmark has errors\n";
    std::exit(1);
  }
  return result;
}

int runBenchmarks(int argc, char** argv, void (*registerAll)(const std::vector<Input>& inputs))
{
  benchmark::Initialize(&argc, argv);
  std::vector<Input> inputs;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("-") || argument.find('=') == std::string::npos) {
      std::cerr << "usage: " << argv[0] << " [--benchmark_…] COUNT=FOLDER…\n";
      return 2;
    }
    inputs.emplace_back(argument);
  }
  registerAll(inputs);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

} // namespace caapolicy::bench
