// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/authoritative_server.hh"

#include "cli/validating_resolver.hh"

#include <fmt/format.h>
#include <sys/time.h>

#include <algorithm>

namespace caapolicy::cli {

namespace {

constexpr size_t kMaxAliases = 16;    // as policy/evaluate.cc has it
constexpr std::string_view kNobody = "_caapolicy-live"; // a name that nobody else asks for
constexpr uint16_t kUdpSize = 1232;   // what passes everywhere without fragments; more comes by TCP

void notServed(Lookup& lookup, std::string why)
{
  lookup.outcome = Outcome::NotServed;
  lookup.failure = std::move(why);
}

} // namespace

AuthoritativeServer::AuthoritativeServer(DnsAddress address, std::vector<TrustAnchor> anchors, std::chrono::milliseconds timeout) :
  d_address(std::move(address)), d_anchors(std::move(anchors)), d_timeout(timeout)
{
}

LdnsPacket AuthoritativeServer::query(const Name& name, ldns_rr_type type, std::string& failure) const
{
  // A new one each time: it gives up on a server for good when one question was not answered.
  const LdnsResolver resolver(ldns_resolver_new());
  const LdnsData address(ldns_rdf_new_frm_str(d_address.isIpv6() ? LDNS_RDF_TYPE_AAAA : LDNS_RDF_TYPE_A, d_address.address.c_str()));
  ldns_resolver_push_nameserver(resolver.get(), address.get());
  ldns_resolver_set_port(resolver.get(), d_address.port);
  ldns_resolver_set_recursive(resolver.get(), false);
  ldns_resolver_set_edns_udp_size(resolver.get(), kUdpSize);
  ldns_resolver_set_fallback(resolver.get(), true);
  // Two tries, as far as the time goes.
  ldns_resolver_set_retry(resolver.get(), 2);
  ldns_resolver_set_retrans(resolver.get(), 0); // no pause between them
  const auto each = d_timeout.count() / 2;
  ldns_resolver_set_timeout(resolver.get(), timeval{each / 1000, (each % 1000) * 1000});

  const LdnsData owner = toLdns(name);
  ldns_pkt* answer = nullptr;
  const ldns_status status = ldns_resolver_query_status(&answer, resolver.get(), owner.get(), type, LDNS_RR_CLASS_IN, 0);
  LdnsPacket packet(answer);
  if (status != LDNS_STATUS_OK || packet == nullptr) {
    packet.reset();
    failure = status == LDNS_STATUS_OK || status == LDNS_STATUS_NETWORK_ERR || status == LDNS_STATUS_SOCKET_ERROR
      ? fmt::format("no answer in {} s", static_cast<double>(d_timeout.count()) / 1000) : ldns_get_errorstr_by_id(status);
  }
  return packet;
}

Lookup AuthoritativeServer::askOnce(const Name& name)
{
  Lookup lookup;
  lookup.name = name;
  const LdnsPacket packet = query(name, LDNS_RR_TYPE_CAA, lookup.failure);
  if (packet == nullptr) {
    return lookup;
  }
  lookup = readAnswer(name, packet.get());
  const ldns_pkt_rcode rcode = ldns_pkt_get_rcode(packet.get());
  if (rcode == LDNS_RCODE_REFUSED || rcode == LDNS_RCODE_NOTAUTH) {
    notServed(lookup, lookup.rcode);
  }
  else if (lookup.outcome != Outcome::Failed && !ldns_pkt_aa(packet.get())) {
    // RFC 1034 4.3.2, step 3b: a referral; or what a cache has.
    if (lookup.outcome == Outcome::Records || !lookup.aliases.empty()) {
      lookup.outcome = Outcome::Failed;
      lookup.failure = "the server is not authoritative; if it is a resolver, give it with --resolver";
    }
    else {
      notServed(lookup, ldns_rr_list_rr_count(ldns_pkt_authority(packet.get())) != 0 ? "it is delegated to other servers" : "the server is not authoritative");
    }
  }
  else if (lookup.outcome == Outcome::NoCaa || lookup.outcome == Outcome::NoName) {
    // Of the end of a chain it has said something only with the SOA of its zone.
    const auto soa = soaOf(packet.get());
    if (soa && isAtOrBelow(lookup.owner().wire(), soa->zone.wire())) {
      d_zones[lookup.owner()] = soa;
    }
    else if (!lookup.aliases.empty()) {
      lookup.outcome = Outcome::NotServed;
    }
  }
  return lookup;
}

Lookup AuthoritativeServer::ask(const Name& name)
{
  Lookup lookup = askOnce(name);
  // A server need not follow an alias into another zone, even if it has that zone.
  while (lookup.outcome == Outcome::NotServed && lookup.failure.empty() && !lookup.aliases.empty()) {
    Lookup target = askOnce(lookup.owner());
    lookup.outcome = target.outcome;
    lookup.rcode = target.rcode;
    lookup.set = std::move(target.set);
    lookup.failure = std::move(target.failure);
    lookup.ttl = target.outcome == Outcome::NotServed && target.aliases.empty() ? lookup.aliases.front().ttl : std::min(lookup.ttl, target.ttl);
    if (lookup.outcome == Outcome::NotServed && target.aliases.empty()) {
      break;
    }
    lookup.aliases.insert(lookup.aliases.end(), target.aliases.begin(), target.aliases.end());
    if (lookup.aliases.size() > kMaxAliases) {
      lookup.outcome = Outcome::Failed;
      lookup.failure = fmt::format("its aliases (CNAME) are a loop, or more than {}", kMaxAliases);
    }
  }
  if (!d_anchors.empty() && lookup.outcome != Outcome::Failed && lookup.outcome != Outcome::NotServed) {
    validate(lookup);
  }
  return lookup;
}

std::optional<Soa> AuthoritativeServer::zoneOf(const Name& name)
{
  const auto [known, isNew] = d_zones.try_emplace(name);
  if (isNew) {
    known->second = askForZone(name);
  }
  return known->second;
}

std::optional<Soa> AuthoritativeServer::askForZone(const Name& name) const
{
  // That there is no such name is said with the SOA of the zone that it would be in (RFC 2308 3).
  std::vector<Name> asked;
  if (name.wire().size() + kNobody.size() + 1 <= kMaxNameLength) {
    asked.push_back(name.child(kNobody));
  }
  // Where a wildcard that is an alias answers for that, it answers for the names below it, and nobody doubts that the name above it exists.
  for (Name above = name; !above.isRoot(); above = above.parent()) {
    asked.push_back(above);
  }
  for (const Name& each : asked) {
    std::string ignored;
    const LdnsPacket packet = query(each, LDNS_RR_TYPE_SOA, ignored);
    if (packet == nullptr || !ldns_pkt_aa(packet.get())) {
      return std::nullopt;
    }
    if (readAnswer(each, packet.get()).aliases.empty()) {
      const auto soa = soaOf(packet.get());
      return soa && isAtOrBelow(name.wire(), soa->zone.wire()) ? soa : std::nullopt;
    }
  }
  return std::nullopt;
}

// Only what this server says of its own zones: whatever the anchors need besides is looked up as usual.
void AuthoritativeServer::validate(Lookup& lookup)
{
  ValidatingResolver::Settings settings{d_anchors, d_timeout, {}, {}};
  std::vector<Name> names{lookup.name};
  for (const auto& alias : lookup.aliases) {
    names.push_back(alias.target);
  }
  for (const auto& name : names) {
    if (const auto zone = zoneOf(name)) {
      settings.authorities.emplace_back(zone->zone, d_address);
    }
  }
  Lookup validated = ValidatingResolver(settings).ask(lookup.name);
  if (validated.outcome == Outcome::Failed) {
    lookup = std::move(validated);
  }
  else {
    lookup.security = validated.security;
  }
}

} // namespace caapolicy::cli
