// SPDX-License-Identifier: GPL-2.0-or-later
//
// The orders of hashes (hashed_listed.hh) that belong to one policy: one for each zone with NSEC3 that has been asked for. The next
// policy's are made of them before it is served, so that no query waits for them; only the first query of a zone after a start, or after
// its NSEC3 parameters changed, makes one, while others that need one wait (6 microseconds a name).
//
// Shared by all threads.
#pragma once

#include "plugin/hashed_listed.hh"
#include "plugin/pdns.hh"

#include <map>
#include <memory>
#include <mutex>

namespace caapolicy {

// Do names have the same hashes with both?
bool hashAlike(const NSEC3PARAMRecordContent& one, const NSEC3PARAMRecordContent& other);
NameHash hashWith(const NSEC3PARAMRecordContent& parameters, const DNSName& name);

class HashedOrders {
public:
  // `before` may be null.
  HashedOrders(std::shared_ptr<const Snapshot> snapshot, const HashedOrders* before);

  std::shared_ptr<const HashedListed> of(const DNSName& apex, const NSEC3PARAMRecordContent& parameters) const;

private:
  struct Made {
    NSEC3PARAMRecordContent parameters; // of a zone just the last that were asked for
    std::shared_ptr<const HashedListed> order;
  };
  std::map<DNSName, Made> all() const;

  std::shared_ptr<const Snapshot> d_snapshot;
  mutable std::mutex d_mutex;
  mutable std::map<DNSName, Made> d_made; // by apex
};

} // namespace caapolicy
