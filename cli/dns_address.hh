// SPDX-License-Identifier: GPL-2.0-or-later
//
// The address of a DNS server, as the command line has it.
#pragma once

#include <cstdint>
#include <string>

namespace caapolicy::cli {

struct DnsAddress {
  std::string address; // IPv4 or IPv6
  uint16_t port{53};

  bool isIpv6() const { return address.find(':') != std::string::npos; }
  // 192.0.2.1:53, [2001:db8::1]:53
  std::string toText() const;
  // As unbound writes it: 192.0.2.1@53
  std::string forUnbound() const { return address + "@" + std::to_string(port); }
};

// ADDR, ADDR:PORT, [ADDR]:PORT. Throws Failure(kUsage) that names the option.
DnsAddress parseDnsAddress(const std::string& option, const std::string& text);

} // namespace caapolicy::cli
