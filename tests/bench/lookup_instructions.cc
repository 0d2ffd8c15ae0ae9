// SPDX-License-Identifier: GPL-2.0-or-later
//
// lookup_instructions COUNT=FOLDER: looks up each approved name of a policy once, in a function that callgrind can count.
#include "bench_input.hh"

#include <iostream>

using namespace caapolicy;
using namespace caapolicy::bench;

// Not `static`, so that it keeps its name. The sum keeps the compiler from leaving the lookups out.
__attribute__((noinline)) uint64_t countedLookups(const Snapshot& snapshot, const std::vector<std::string>& names);

uint64_t countedLookups(const Snapshot& snapshot, const std::vector<std::string>& names)
{
  uint64_t sum = 0;
  for (const auto& name : names) {
    sum += snapshot.own(snapshot.find(name), kNow).ttl;
  }
  return sum;
}

int main(int, char** argv)
{
  const Input input(argv[1]);
  const auto loader = loaderOf(input);
  const auto snapshot = loadOrExit(*loader).snapshot;
  std::vector<std::string> names;
  for (uint32_t number = 0; number < input.approvals; ++number) {
    names.push_back(deviceName(number));
  }
  std::cout << countedLookups(*snapshot, names) << '\n';
}
