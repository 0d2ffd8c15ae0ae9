// SPDX-License-Identifier: GPL-2.0-or-later
//
// Loading a policy: cold, and again after one of its files has changed. Bytes are those that malloc has handed out, for the
// snapshot and what the loader keeps for the next time.
#include "bench_input.hh"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <sstream>

namespace caapolicy::bench {

namespace {

size_t heapBytes()
{
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void cold(benchmark::State& state, const Input& input)
{
  size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    malloc_trim(0);
    const size_t before = heapBytes();
    auto loader = loaderOf(input);
    state.ResumeTiming();
    auto snapshot = loadOrExit(*loader).snapshot;
    state.PauseTiming();
    bytes = heapBytes() - before;
    snapshot.reset();
    loader.reset();
    state.ResumeTiming();
  }
  state.counters["bytes_each"] = static_cast<double>(bytes) / input.approvals;
}

// Gives the first approval of a file another end: the text changes between two that are equally long.
void change(const std::filesystem::path& file)
{
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  std::string content = text.str();
  const size_t year = content.find("203");
  if (year == std::string::npos) {
    std::cerr << file << " has no approval to change\n";
    std::exit(1);
  }
  content[year + 3] = content[year + 3] == '6' ? '7' : '6';
  const std::filesystem::path other = file.string() + ".new";
  std::ofstream(other) << content;
  std::filesystem::rename(other, file);
}

void again(benchmark::State& state, const Input& input)
{
  const auto files = input.files();
  const auto& file = files[files.size() / 2];
  const auto loader = loaderOf(input);
  auto snapshot = loadOrExit(*loader).snapshot;
  for (auto _ : state) {
    state.PauseTiming();
    change(file);
    state.ResumeTiming();
    auto next = loadOrExit(*loader).snapshot;
    benchmark::DoNotOptimize(next->changesSince(*snapshot, kNow).size());
    snapshot.swap(next);
  }
}

void registerAll(const std::vector<Input>& inputs)
{
  for (const Input& input : inputs) {
    const auto files = input.files();
    const std::string name = std::to_string(input.approvals) + files.front().extension().string() + "/" + std::to_string(files.size());
    const auto add = [&](const std::string& what, void (*function)(benchmark::State&, const Input&), int times) {
      benchmark::RegisterBenchmark((what + name).c_str(), [input, function](benchmark::State& state) { function(state, input); })
        ->Iterations(times)->UseRealTime()->Unit(benchmark::kMillisecond);
    };
    add("cold/", cold, 1);
    add("again/", again, 5);
  }
}

} // namespace

} // namespace caapolicy::bench

int main(int argc, char** argv) { return caapolicy::bench::runBenchmarks(argc, argv, caapolicy::bench::registerAll); }
