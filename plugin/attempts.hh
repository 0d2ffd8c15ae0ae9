// SPDX-License-Identifier: GPL-2.0-or-later
//
// Who tried: the names for which a CAA query was answered with a denial. A certification authority that asks for such a name
// has been asked for a certificate that nobody approved.
//
// The query path puts what it saw into a ring that takes no lock and drops what finds no room; collect() moves it into a
// table. Names that are in no zone, which anybody can make up, have a tenth of the table for themselves, so that they don't
// push out the others. Memory: some hundred bytes for each name, up to the bound.
#pragma once

#include "policy/clock.hh"
#include "policy/name.hh"

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

union ComboAddress;

namespace caapolicy {

struct Attempt {
  Name name;
  bool exists{false}; // in its zone
  Instant first{0};
  Instant last{0};
  uint64_t count{0};
  std::vector<std::string> networks; // of the resolvers that asked: /24 or /48, the first few
  bool moreNetworks{false};
  Instant told{0}; // for whoever tells of it; 0: not yet
};

class Attempts {
public:
  // At most so many names; 0: none are kept.
  explicit Attempts(size_t maxNames);
  ~Attempts();

  // Any thread; never waits.
  void saw(WireName name, bool exists, const ComboAddress& resolver, Instant now) noexcept;

  // Takes in what was seen. Returns the names that were denied for the first time within `quiet` seconds.
  std::vector<Attempt> collect(Instant quiet);
  // The latest first.
  std::vector<Attempt> list() const;

  size_t names() const;
  // Names that made room for others.
  uint64_t dropped() const { return d_dropped; }
  // What was not counted, as it came too fast.
  uint64_t missed() const { return d_missed; }

private:
  // The names of one kind, the least lately seen one at the end.
  struct Table {
    size_t bound{0};
    std::list<Attempt> attempts;
    std::unordered_map<std::string, std::list<Attempt>::iterator> byName;
  };
  struct Seen;

  Attempt& note(Table& table, Attempt&& attempt);
  void move(Table& from, Table& to, const std::string& key);

  struct Ring;
  const size_t d_bound;
  std::unique_ptr<Ring> d_ring;
  std::atomic<uint64_t> d_missed{0};
  std::atomic<uint64_t> d_dropped{0};
  mutable std::mutex d_mutex; // guards the tables
  Table d_existing;
  Table d_madeUp;
};

} // namespace caapolicy
