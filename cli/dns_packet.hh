// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads the answer to a question for CAA.
#pragma once

#include "cli/dns_lookup.hh"
#include "cli/ldns_data.hh"

#include <optional>

namespace caapolicy::cli {

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
