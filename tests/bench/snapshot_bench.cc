// SPDX-License-Identifier: GPL-2.0-or-later
//
// The lookup of S(name): random names, approved ones and ones that are nowhere. Names are copied to one place before they are
// looked up, as a server has the name of a question at hand: what is measured is the snapshot's memory, not the question's.
// And what a read of such memory takes, which is most of a lookup.
#include "bench_input.hh"

#include "policy/huge_pages.hh"

#include <algorithm>
#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <numeric>
#include <random>

namespace caapolicy::bench {

namespace {

// So many lookups between two looks at the clock, which costs as much as some of them.
constexpr size_t kBatch = 16;
constexpr int kBatches = 1 << 14;

using Names = std::array<std::string, kBatch>;

// One after the other, whatever memory it takes.
void lookUp(const Snapshot& snapshot, const Names& names)
{
  for (const auto& name : names) {
    benchmark::DoNotOptimize(snapshot.own(snapshot.find(name), kNow).set);
  }
}

// In steps with time between them, as a query goes about it in front of a backend, which is asked meanwhile.
void lookUpAhead(const Snapshot& snapshot, const Names& names)
{
  std::array<size_t, kBatch> hashes;
  std::transform(names.begin(), names.end(), hashes.begin(), [&](const std::string& name) { return snapshot.fetch(name); });
  for (const size_t hash : hashes) {
    snapshot.fetch(hash);
  }
  lookUp(snapshot, names);
}

struct Kind {
  const char* name;
  std::string (*makeName)(uint32_t);
  void (*lookUp)(const Snapshot&, const Names&);
};

constexpr Kind kKinds[] = {{"approved", deviceName, lookUp}, {"missing", missingName, lookUp}, {"ahead", deviceName, lookUpAhead}};

// p50 of the smallest policy, which comes first, for each kind.
std::map<std::string, double>& smallest()
{
  static std::map<std::string, double> values;
  return values;
}

void requireRight(const Snapshot& snapshot, const std::string& name, bool listed)
{
  const auto view = snapshot.find(name);
  if (!view.governed() || view.listed() != listed || snapshot.own(view, kNow).set == nullptr) {
    std::cerr << "a lookup gives something else\n";
    std::exit(1);
  }
}

void lookup(benchmark::State& state, const Input& input, const Kind& kind)
{
  using Clock = std::chrono::steady_clock;
  const auto loader = loaderOf(input);
  const auto snapshot = loadOrExit(*loader).snapshot;
  std::mt19937 random(1);
  std::uniform_int_distribution<uint32_t> any(0, input.approvals - 1);
  std::vector<std::string> names(kBatch * kBatches);
  for (auto& name : names) {
    name = kind.makeName(any(random));
    requireRight(*snapshot, name, kind.makeName == deviceName);
  }
  std::vector<double> samples;
  samples.reserve(kBatches);
  size_t next = 0;
  Names batch;
  for (auto& name : batch) {
    name.reserve(kMaxNameLength);
  }
  for (auto _ : state) {
    for (auto& name : batch) {
      name.assign(names[next++]);
    }
    const auto begun = Clock::now();
    kind.lookUp(*snapshot, batch);
    const std::chrono::duration<double> elapsed = Clock::now() - begun;
    state.SetIterationTime(elapsed.count());
    samples.push_back(1e9 * elapsed.count() / kBatch);
  }
  std::sort(samples.begin(), samples.end());
  const double p50 = samples[samples.size() / 2];
  state.counters["p50_ns"] = p50;
  state.counters["p99_ns"] = samples[samples.size() * 99 / 100];
  state.counters["to_smallest"] = p50 / smallest().try_emplace(kind.name, p50).first->second;
}

// Each read says where the next one is, so none can begin before the last has ended.
void read(benchmark::State& state, size_t bytes)
{
  struct alignas(64) CacheLine {
    uint32_t next;
  };
  std::vector<CacheLine, HugePageAllocator<CacheLine>> lines(bytes / sizeof(CacheLine));
  std::vector<uint32_t> order(lines.size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  for (size_t index = 0; index < order.size(); ++index) {
    lines[order[index]].next = order[(index + 1) % order.size()];
  }
  uint32_t at = 0;
  for (auto _ : state) {
    at = lines[at].next;
  }
  benchmark::DoNotOptimize(at);
}

void registerAll(const std::vector<Input>& inputs)
{
  for (const Kind& kind : kKinds) {
    for (const Input& input : inputs) {
      benchmark::RegisterBenchmark(("lookup/" + std::string(kind.name) + "/" + std::to_string(input.approvals)).c_str(),
                                   [input, &kind](benchmark::State& state) { lookup(state, input, kind); })
        ->Iterations(kBatches)->UseManualTime();
    }
  }
  for (const size_t mebibytes : {1U, 4U, 16U, 128U}) {
    benchmark::RegisterBenchmark(("read/" + std::to_string(mebibytes) + " MiB").c_str(), [mebibytes](benchmark::State& state) { read(state, mebibytes << 20); });
  }
}

} // namespace

} // namespace caapolicy::bench

int main(int argc, char** argv) { return caapolicy::bench::runBenchmarks(argc, argv, caapolicy::bench::registerAll); }
