// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a lookup gave, for when it is made again. Without its query cache, PowerDNS looks up the name of each query twice: first for a
// delegation, then for the answer, and for the names above it in between. The wrapped backend is asked once.
//
// Used by one thread. Nothing lives beyond a second.
#pragma once

#include "plugin/zone_facts.hh"

#include <vector>

namespace caapolicy {

class RepeatedLookup {
public:
  // Another query begins.
  void forget();
  // A lookup begins. True: `records` are what it gives. Each lookup is repeated once.
  bool begin(const DNSName& name, int zoneId, std::vector<DNSZoneRecord>& records);
  // What the lookup gives is to be kept.
  bool isOpen() const { return d_state == State::Open; }
  void add(const DNSZoneRecord& record);
  // That was all.
  void end() { d_state = State::Whole; }
  // No more of it is read, if it has not ended.
  void breakOff();

private:
  enum class State : uint8_t { Empty, Open, Whole };
  static constexpr size_t kMost = 16; // records: to copy more costs as much as to ask again

  State d_state{State::Empty};
  DNSName d_name;
  int d_zoneId{-1};
  Instant d_since{0};
  std::vector<DNSZoneRecord> d_records;
};

} // namespace caapolicy
