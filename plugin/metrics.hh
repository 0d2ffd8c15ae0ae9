// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the module counts, among PowerDNS's own statistics (`pdns_control show '*'`, Prometheus `/metrics`).
// Any thread may count; a count is one atomic addition.
#pragma once

#include "plugin/pdns.hh"
#include "plugin/policy_manager.hh"

namespace caapolicy {

class Metrics {
public:
  // Declares the statistics. Once a process, before the first count.
  void declare(const PolicyManager& manager);

  // An answer to a CAA query that no cache gave; null: one that the policy left as it is.
  void countAnswer(const Snapshot::Answer* answer)
  {
    AtomicCounter* counter = answer == nullptr ? d_passed : answer->set->grants ? d_granted : d_denied;
    if (counter != nullptr) { // pdnsutil has no statistics
      ++*counter;
    }
  }

  // One of those that were left as they are because the name is an alias.
  void countAlias()
  {
    if (d_alias != nullptr) {
      ++*d_alias;
    }
  }

private:
  AtomicCounter* d_granted{nullptr};
  AtomicCounter* d_denied{nullptr};
  AtomicCounter* d_passed{nullptr};
  AtomicCounter* d_alias{nullptr};
};

Metrics& metrics();

} // namespace caapolicy
