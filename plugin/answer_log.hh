// SPDX-License-Identifier: GPL-2.0-or-later
//
// Tells of the answers to CAA queries: to the statistics, to the log, and to who remembers denied names. PowerDNS's packet handler may
// look up a name several times for one query, which is one answer all the same.
//
// Used by one thread.
#pragma once

#include "policy/snapshot.hh"
#include "plugin/zone_facts.hh"

namespace caapolicy {

class AnswerLog {
public:
  // What was found at `name`; null: it was left as it is, with `alias` because it is a governed alias, whose target decides.
  void answered(uint16_t packetId, const DNSName& name, const Snapshot::Answer* answer, bool alias);
  // A client was told that nobody may have certificates for `name`, which is in its zone, or is not.
  void denied(uint16_t packetId, const DNSName& name, bool exists, const ComboAddress& resolver, Instant now);

private:
  // Tells the first call for a query from those that follow.
  struct Once {
    uint16_t packetId{0};
    DNSName name;

    bool isFirst(uint16_t id, const DNSName& of)
    {
      if (id == packetId && sameName(of, name)) {
        return false;
      }
      packetId = id;
      name = of;
      return true;
    }
  };

  Once d_answered;
  Once d_denied;
};

} // namespace caapolicy
