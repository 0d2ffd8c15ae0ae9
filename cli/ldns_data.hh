// SPDX-License-Identifier: GPL-2.0-or-later
//
// What ldns owns, and names and CAA records out of it.
#pragma once

#include "policy/name.hh"
#include "policy/record_set.hh"

#include <ldns/ldns.h>

#include <memory>
#include <optional>

namespace caapolicy::cli {

struct LdnsFree {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rdf* data) const { ldns_rdf_deep_free(data); }
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
  void operator()(ldns_resolver* resolver) const { ldns_resolver_deep_free(resolver); }
  void operator()(ldns_zone* zone) const { ldns_zone_deep_free(zone); }
};
using LdnsPacket = std::unique_ptr<ldns_pkt, LdnsFree>;
using LdnsData = std::unique_ptr<ldns_rdf, LdnsFree>;
using LdnsRecord = std::unique_ptr<ldns_rr, LdnsFree>;
using LdnsResolver = std::unique_ptr<ldns_resolver, LdnsFree>;
using LdnsZone = std::unique_ptr<ldns_zone, LdnsFree>;

LdnsData toLdns(const Name& name);
// In lower case.
Name fromLdns(const ldns_rdf* name);

// Flags, tag and value, as RFC 8659 4.1 lays them out. None: it is cut off.
std::optional<CaaRecord> caaOf(const ldns_rr* record);

} // namespace caapolicy::cli
