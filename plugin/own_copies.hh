// SPDX-License-Identifier: GPL-2.0-or-later
//
// One thread's copies of what a policy has for each record set. What is handed out by shared_ptr is counted, and a count that all
// threads change with every answer goes from processor to processor: so each thread hands out its own.
//
// Used by one thread. Memory: that of the copies, for as many record sets as there is room for.
#pragma once

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace caapolicy {

template <typename Value>
class OwnCopies {
public:
  // Most record sets have two or three records.
  using Values = boost::container::small_vector<Value, 3>;

  // `room`: of so many record sets; those that are so many apart take each other's place.
  explicit OwnCopies(size_t room) : d_room(room) {}

  // The copies for record set `set` of the policy with this number (not 0), valid until the next call. Where there are none yet,
  // `fill` puts them into the empty container that it is given.
  template <typename Fill>
  std::span<const Value> of(uint64_t policy, uint32_t set, Fill fill)
  {
    if (d_kept.empty()) { // most backends of PowerDNS never answer a query
      d_kept.resize(d_room);
    }
    Kept& kept = d_kept[set % d_room];
    if (kept.policy != policy || kept.set != set) {
      kept.policy = 0; // in case that `fill` throws
      kept.values.clear();
      fill(kept.values);
      kept.policy = policy;
      kept.set = set;
    }
    return {kept.values.data(), kept.values.size()};
  }

private:
  struct Kept {
    uint64_t policy{0};
    uint32_t set{0};
    Values values;
  };
  size_t d_room;
  std::vector<Kept> d_kept;
};

} // namespace caapolicy
