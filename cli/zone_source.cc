// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/zone_source.hh"

#include "cli/ldns_data.hh"
#include "cli/program.hh"

#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace caapolicy::cli {

namespace {

constexpr time_t kTimeout = 30; // seconds, for each part of a transfer

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const
  {
    Free(pointer);
  }
};
// False: the record is no CAA record that can be read.
bool addCaa(const ldns_rr* record, StoredNode& node)
{
  auto caa = caaOf(record);
  if (!caa) {
    return false;
  }
  node.caa = node.caa.value_or(RecordSet{});
  if (std::find(node.caa->records.begin(), node.caa->records.end(), *caa) == node.caa->records.end()) {
    node.caa->records.push_back(std::move(*caa));
  }
  node.caaTtl = ldns_rr_ttl(record);
  return true;
}

// TTL, class, type and data.
std::string withoutOwner(const ldns_rr* record)
{
  const std::unique_ptr<char, Freed<std::free>> text(ldns_rr2str(record));
  std::string line(text ? text.get() : "");
  line.erase(line.find_last_not_of('\n') + 1);
  const size_t owner = line.find('\t');
  return owner == std::string::npos ? line : line.substr(owner + 1);
}

void add(const ldns_rr* record, StoredZone& zone)
{
  const Name owner = fromLdns(ldns_rr_owner(record));
  if (!isAtOrBelow(owner.wire(), zone.apex.wire())) {
    return;
  }
  StoredNode& node = zone.nodes[owner];
  switch (ldns_rr_get_type(record)) {
  case LDNS_RR_TYPE_CAA:
    if (!addCaa(record, node)) {
      throw Failure(kFailed, "a CAA record of `" + owner.toText() + "` can't be read");
    }
    return;
  case LDNS_RR_TYPE_CNAME: node.cname = true; break;
  case LDNS_RR_TYPE_DNAME: node.dname = true; break;
  case LDNS_RR_TYPE_NS: node.ns = true; break;
  default: break;
  }
  std::string text = withoutOwner(record);
  if (std::find(node.others.begin(), node.others.end(), text) == node.others.end()) {
    node.others.push_back(std::move(text));
  }
}

// HOST, HOST:PORT, [ADDRESS]:PORT; an IPv6 address may stand alone.
std::pair<std::string, std::string> hostAndPort(const std::string& server)
{
  if (!server.empty() && server.front() == '[') {
    const size_t end = server.find(']');
    if (end != std::string::npos && (end + 1 == server.size() || server[end + 1] == ':')) {
      return {server.substr(1, end - 1), end + 1 == server.size() ? "53" : server.substr(end + 2)};
    }
  }
  const size_t colon = server.find(':');
  if (colon == std::string::npos || server.find(':', colon + 1) != std::string::npos) {
    return {server, "53"};
  }
  return {server.substr(0, colon), server.substr(colon + 1)};
}

void addServer(ldns_resolver* resolver, const std::string& server)
{
  const auto [host, port] = hostAndPort(server);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); fault != 0) {
    throw Failure(kUsage, "`" + server + "` is no server: " + gai_strerror(fault));
  }
  const std::unique_ptr<addrinfo, Freed<freeaddrinfo>> addresses(found);
  uint16_t number = 53;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, address->ai_addr, std::min<size_t>(sizeof storage, address->ai_addrlen));
    const LdnsData rdf(ldns_sockaddr_storage2rdf(&storage, &number));
    if (rdf) {
      ldns_resolver_push_nameserver(resolver, rdf.get());
    }
  }
  ldns_resolver_set_port(resolver, number);
}

void requireApex(const StoredZone& zone, const std::string& from)
{
  if (zone.at(zone.apex) == nullptr) {
    throw Failure(kFailed, "there is no zone `" + zone.apex.toText() + "` in " + from);
  }
}

} // namespace

StoredZone readZoneFile(const std::filesystem::path& path, const std::optional<Name>& origin)
{
  const std::unique_ptr<FILE, Freed<fclose>> file(std::fopen(path.c_str(), "re"));
  if (!file) {
    throw Failure(kFailed, "can't read `" + path.string() + "`: " + std::strerror(errno));
  }
  const LdnsData domain = origin ? toLdns(*origin) : LdnsData();
  ldns_zone* read = nullptr;
  int line = 0;
  const ldns_status status = ldns_zone_new_frm_fp_l(&read, file.get(), domain.get(), 3600, LDNS_RR_CLASS_IN, &line);
  const LdnsZone zone(read);
  if (status != LDNS_STATUS_OK) {
    throw Failure(kFailed, path.string() + ":" + std::to_string(line) + ": " + ldns_get_errorstr_by_id(status)
                             + "; $INCLUDE, $GENERATE and CAA values without quotes can't be read: `named-compilezone` writes a file without them");
  }
  const ldns_rr* soa = ldns_zone_soa(zone.get());
  if (soa == nullptr) {
    throw Failure(kFailed, "`" + path.string() + "` has no SOA record: it is no whole zone");
  }
  StoredZone stored;
  stored.apex = fromLdns(ldns_rr_owner(soa));
  add(soa, stored);
  const ldns_rr_list* records = ldns_zone_rrs(zone.get());
  for (size_t index = 0; index < ldns_rr_list_rr_count(records); ++index) {
    add(ldns_rr_list_rr(records, index), stored);
  }
  return stored;
}

StoredZone transferZone(const std::string& server, const Name& zone)
{
  const LdnsResolver resolver(ldns_resolver_new());
  ldns_resolver_set_timeout(resolver.get(), {kTimeout, 0});
  ldns_resolver_set_retry(resolver.get(), 1);
  addServer(resolver.get(), server);
  const std::string what = "can't transfer `" + zone.toText() + "` from " + server + ": ";
  const LdnsData domain = toLdns(zone);
  if (const ldns_status status = ldns_axfr_start(resolver.get(), domain.get(), LDNS_RR_CLASS_IN); status != LDNS_STATUS_OK) {
    throw Failure(kFailed, what + ldns_get_errorstr_by_id(status));
  }
  StoredZone stored;
  stored.apex = zone;
  while (!ldns_axfr_complete(resolver.get())) {
    const LdnsRecord record(ldns_axfr_next(resolver.get()));
    if (!record) {
      const ldns_pkt* packet = ldns_axfr_last_pkt(resolver.get());
      const ldns_lookup_table* code = packet == nullptr ? nullptr : ldns_lookup_by_id(ldns_rcodes, ldns_pkt_get_rcode(packet));
      throw Failure(kFailed, what + (code != nullptr && code->id != LDNS_RCODE_NOERROR ? std::string("the server answers ") + code->name : "it ended too early"));
    }
    add(record.get(), stored);
  }
  requireApex(stored, server);
  return stored;
}

} // namespace caapolicy::cli
