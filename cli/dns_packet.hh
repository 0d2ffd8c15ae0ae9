// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads the answer to a question for CAA.
#pragma once

#include "cli/dns_lookup.hh"

#include <ldns/ldns.h>

#include <memory>
#include <optional>

namespace caapolicy::cli {

struct LdnsFree {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rdf* data) const { ldns_rdf_deep_free(data); }
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
  void operator()(ldns_resolver* resolver) const { ldns_resolver_deep_free(resolver); }
};
using LdnsPacket = std::unique_ptr<ldns_pkt, LdnsFree>;
using LdnsData = std::unique_ptr<ldns_rdf, LdnsFree>;
using LdnsRecord = std::unique_ptr<ldns_rr, LdnsFree>;
using LdnsResolver = std::unique_ptr<ldns_resolver, LdnsFree>;

LdnsData toLdns(const Name& name);
// In lower case.
Name fromLdns(const ldns_rdf* name);

struct Soa {
  Name zone;
  uint32_t serial{0};
  uint32_t negativeTtl{0}; // RFC 2308 5
};
// Of the answer or the authority section.
std::optional<Soa> soaOf(const ldns_pkt* packet);

std::string rcodeText(ldns_pkt_rcode rcode);

// A chain that goes on beyond the packet ends with its last alias, and counts as NoCaa here. What isn't an answer fails.
Lookup readAnswer(const Name& name, const ldns_pkt* packet);

} // namespace caapolicy::cli
