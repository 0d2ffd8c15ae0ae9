// SPDX-License-Identifier: GPL-2.0-or-later
//
// Asks one authoritative server for what it has itself, without recursion. With trust anchors, what it says is validated
// with the keys that it serves.
#pragma once

#include "cli/dns_address.hh"
#include "cli/dns_packet.hh"
#include "cli/trust_anchors.hh"

#include <chrono>
#include <map>
#include <optional>

namespace caapolicy::cli {

class AuthoritativeServer : public LookupSource {
public:
  AuthoritativeServer(DnsAddress address, std::vector<TrustAnchor> anchors, std::chrono::milliseconds timeout);

  Lookup ask(const Name& name) override;
  // The SOA of the zone that the name is in; none: it doesn't say. Asks nothing of the name itself: a server may remember for a
  // while that a name has not what it was asked for.
  std::optional<Soa> zoneOf(const Name& name);

private:
  // Null: no answer, and `failure` says why.
  LdnsPacket query(const Name& name, ldns_rr_type type, std::string& failure) const;
  Lookup askOnce(const Name& name);
  std::optional<Soa> askForZone(const Name& name) const;
  void validate(Lookup& lookup);

  const DnsAddress d_address;
  const std::vector<TrustAnchor> d_anchors;
  const std::chrono::milliseconds d_timeout;
  std::map<Name, std::optional<Soa>> d_zones; // that names are in
};

} // namespace caapolicy::cli
