// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is served in place of an alias (CNAME) that is flattened.
//
// In a zone that is not signed it is an ALIAS record, which PowerDNS answers with the addresses of the target, asking its
// `resolver` each time and not waiting for it. PowerDNS doesn't sign what it makes of one: where it signs the zone, they
// would be bogus. There the zone holds the addresses themselves. So it does in a zone transfer: PowerDNS's own expansion
// (`outgoing-axfr-expand-alias`) gives up the whole transfer for one target that doesn't exist.
//
// Any thread may call these.
#pragma once

#include "plugin/record_writer.hh"

#include <vector>

namespace caapolicy {

struct AliasQuestion {
  bool zoneIsSigned{false};
  uint16_t type{0}; // what a client asks for; 0: nobody asks, it is the types at the name that are wanted
};

// Appends the records for the CNAME record `alias`; `writer` is the thread's. May wait for a resolver, a second at most, for a client that
// asks for addresses in a signed zone; throws DBException where they can't be found out.
void appendFlattened(std::vector<DNSZoneRecord>& records, DNSZoneRecord alias, const AliasQuestion& question, RecordWriter& writer);

// The same for the CNAME records of a zone transfer. A target that nobody can tell of gives none. Throws DBException while the resolvers
// are silent.
void appendTransferred(std::vector<DNSZoneRecord>& records, const std::vector<DNSZoneRecord>& aliases);

} // namespace caapolicy
