// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/ldns_data.hh"

#include "policy/ascii.hh"

namespace caapolicy::cli {

namespace {

std::string_view bytesOf(const ldns_rdf* data) { return {reinterpret_cast<const char*>(ldns_rdf_data(data)), ldns_rdf_size(data)}; }

} // namespace

LdnsData toLdns(const Name& name) { return LdnsData(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name.wire().size(), name.wire().data())); }

// The lengths of labels are no letters.
Name fromLdns(const ldns_rdf* name) { return Name::fromWire(lowerCase(std::string(bytesOf(name)))); }

std::optional<CaaRecord> caaOf(const ldns_rr* record)
{
  const size_t count = ldns_rr_rd_count(record); // an empty value is no third one to ldns, off the wire
  if ((count != 2 && count != 3) || ldns_rdf_size(ldns_rr_rdf(record, 0)) != 1 || bytesOf(ldns_rr_rdf(record, 1)).empty()) {
    return std::nullopt;
  }
  CaaRecord caa;
  caa.flags = ldns_rdf2native_int8(ldns_rr_rdf(record, 0));
  caa.tag = bytesOf(ldns_rr_rdf(record, 1)).substr(1); // after its length
  caa.value = count == 2 ? std::string_view() : bytesOf(ldns_rr_rdf(record, 2));
  return caa;
}

} // namespace caapolicy::cli
