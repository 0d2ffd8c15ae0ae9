// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/dns_packet.hh"

#include <algorithm>
#include <cstdlib>

namespace caapolicy::cli {

namespace {

std::vector<const ldns_rr*> recordsOf(const ldns_rr_list* list, ldns_rr_type type)
{
  std::vector<const ldns_rr*> records;
  for (size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    if (const ldns_rr* record = ldns_rr_list_rr(list, i); ldns_rr_get_type(record) == type) {
      records.push_back(record);
    }
  }
  return records;
}

} // namespace

std::optional<Soa> soaOf(const ldns_pkt* packet)
{
  for (const ldns_rr_list* section : {ldns_pkt_answer(packet), ldns_pkt_authority(packet)}) {
    for (const ldns_rr* record : recordsOf(section, LDNS_RR_TYPE_SOA)) {
      if (ldns_rr_rd_count(record) != 7) {
        continue;
      }
      const uint32_t minimum = ldns_rdf2native_int32(ldns_rr_rdf(record, 6));
      return Soa{fromLdns(ldns_rr_owner(record)), ldns_rdf2native_int32(ldns_rr_rdf(record, 2)), std::min(minimum, ldns_rr_ttl(record))};
    }
  }
  return std::nullopt;
}

std::string rcodeText(ldns_pkt_rcode rcode)
{
  char* text = ldns_pkt_rcode2str(rcode);
  std::string copy = text == nullptr ? std::to_string(rcode) : text;
  std::free(text);
  return copy;
}

Lookup readAnswer(const Name& name, const ldns_pkt* packet)
{
  Lookup lookup;
  lookup.name = name;
  const ldns_pkt_rcode rcode = ldns_pkt_get_rcode(packet);
  lookup.rcode = rcodeText(rcode);
  if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN) {
    lookup.failure = lookup.rcode;
    return lookup;
  }
  lookup.ttl = UINT32_MAX;
  const auto aliases = recordsOf(ldns_pkt_answer(packet), LDNS_RR_TYPE_CNAME);
  for (;;) {
    const auto alias = std::find_if(aliases.begin(), aliases.end(), [&](const ldns_rr* record) {
      return ldns_rr_rd_count(record) == 1 && fromLdns(ldns_rr_owner(record)) == lookup.owner();
    });
    if (alias == aliases.end()) {
      break;
    }
    if (lookup.aliases.size() == aliases.size()) { // one has been met twice
      lookup.failure = "its aliases (CNAME) are a loop";
      return lookup;
    }
    lookup.aliases.push_back({fromLdns(ldns_rr_rdf(*alias, 0)), ldns_rr_ttl(*alias)});
    lookup.ttl = std::min(lookup.ttl, ldns_rr_ttl(*alias));
  }
  for (const ldns_rr* record : recordsOf(ldns_pkt_answer(packet), LDNS_RR_TYPE_CAA)) {
    if (fromLdns(ldns_rr_owner(record)) == lookup.owner()) {
      auto caa = caaOf(record);
      if (!caa) {
        lookup.set.records.clear();
        lookup.failure = "a CAA record that is cut off";
        return lookup;
      }
      lookup.set.records.push_back(std::move(*caa));
      lookup.ttl = std::min(lookup.ttl, ldns_rr_ttl(record));
    }
  }
  if (!lookup.set.records.empty()) {
    // Servers turn them round from answer to answer.
    std::sort(lookup.set.records.begin(), lookup.set.records.end(), [](const CaaRecord& a, const CaaRecord& b) { return a.toText() < b.toText(); });
    lookup.outcome = Outcome::Records;
    return lookup;
  }
  lookup.outcome = rcode == LDNS_RCODE_NXDOMAIN ? Outcome::NoName : Outcome::NoCaa;
  const auto soa = soaOf(packet);
  lookup.ttl = std::min(lookup.ttl, soa ? soa->negativeTtl : 0);
  return lookup;
}

} // namespace caapolicy::cli
