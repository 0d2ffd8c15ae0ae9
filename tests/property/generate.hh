// SPDX-License-Identifier: GPL-2.0-or-later
//
// Small random policies and zones. Their names come from so few labels that they collide, nest, and lie beside, above
// and below each other.
#pragma once

#include "written.hh"
#include "zone.hh"

#include <cstdint>
#include <random>

namespace caapolicy::test {

class Random {
public:
  explicit Random(uint64_t seed) : d_engine(seed) {}

  // 0 up to, not including, `end`. Not a distribution of the standard library: those differ between libraries.
  size_t below(size_t end) { return static_cast<size_t>(d_engine() % end); }
  bool percent(size_t chance) { return below(100) < chance; }
  template <typename T>
  const T& pick(const std::vector<T>& from)
  {
    return from[below(from.size())];
  }

private:
  std::mt19937_64 d_engine;
};

// The name above all generated names that matter: example.com.
const Name& generatedBase();
// It, or a name up to four labels below it.
Name generateName(Random& random);

// As the loader would hand it over: in order, each approval governed.
WrittenPolicy generatePolicy(Random& random);
// How many files a generated policy has its approvals in.
inline constexpr uint32_t kGeneratedFiles = 3;
// Drops approvals that no subtree governs, gives a place to whatever has none, and puts all in the order that the model promises.
void tidy(WrittenPolicy& policy);
// Of something that is to be put into another policy.
void forgetPlaces(Subtree& subtree);
void forgetPlaces(Approval& approval);

ZoneRecords generateZone(Random& random);

} // namespace caapolicy::test
