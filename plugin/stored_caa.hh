// SPDX-License-Identifier: GPL-2.0-or-later
//
// The CAA records of the wrapped zones that are not served because the policy's stand in their place: seen in answers and
// zone transfers, remembered for `caapolicy-status`, so that somebody can take them out.
//
// One for the process; any thread may call it. It never waits: what is seen while another thread is in it, or beyond its bound,
// is left for the next time.
#pragma once

#include "policy/name.hh"

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class StoredCaa {
public:
  static StoredCaa& leftOut();

  // So many records at a name are not served.
  void saw(WireName owner, size_t records);
  // A new policy: what it leaves out is to be seen.
  void forget();

  struct Seen {
    size_t records{0};
    std::vector<Name> names; // in canonical order
  };
  Seen seen() const;

private:
  static constexpr size_t kMaxNames = 10'000;

  mutable std::mutex d_mutex;
  std::unordered_map<std::string, size_t> d_records; // by owner
};

} // namespace caapolicy
