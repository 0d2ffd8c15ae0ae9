// SPDX-License-Identifier: GPL-2.0-or-later
//
// A snapshot as PowerDNS serves it: with the record contents made, so that a query parses no text.
// Immutable; shared by all threads.
#pragma once

#include "policy/snapshot.hh"
#include "plugin/hashed_orders.hh"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace caapolicy {

class Serving {
public:
  // What of the one before (may be null) is the same is shared with it.
  Serving(std::shared_ptr<const Snapshot> compiled, const Serving* before);

  // Another one for each, never 0: it tells policies apart where an address might be another one's by now.
  const uint64_t number;
  const std::shared_ptr<const Snapshot> snapshot;
  // Of a record set, by the snapshot's index. For an answer they are copied (record_writer.hh): no thread but that of the policy's
  // manager counts who holds them.
  using Contents = std::span<const std::shared_ptr<const CAARecordContent>>;
  Contents contentsOf(size_t set) const
  {
    return {d_contents.data() + d_begins[set], d_begins[set + 1] - d_begins[set]};
  }

  HashedOrders hashed;

private:
  // Of all sets, one after the other: a query reads few cache lines on its way to the content of a record.
  std::vector<std::shared_ptr<const CAARecordContent>> d_contents;
  std::vector<uint32_t> d_begins; // of each set in it, and the end
};

// How long an answer may be kept.
struct Lifetime {
  uint32_t ttl;   // seconds
  bool cacheable; // by the server's own packet and query caches, which hand it out with an unchanged TTL
};

// The TTL that doesn't reach past the answer's next change, given what the server's caches add to it.
Lifetime lifetimeOf(const Snapshot::Answer& answer, Instant now, uint32_t cacheSeconds);

} // namespace caapolicy
