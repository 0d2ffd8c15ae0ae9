// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/dns_address.hh"

#include "cli/program.hh"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace caapolicy::cli {

namespace {

bool isAddress(const std::string& text)
{
  in6_addr binary{};
  return inet_pton(AF_INET, text.c_str(), &binary) == 1 || inet_pton(AF_INET6, text.c_str(), &binary) == 1;
}

bool readPort(const std::string& text, uint16_t& port)
{
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

} // namespace

std::string DnsAddress::toText() const { return (isIpv6() ? "[" + address + "]" : address) + ":" + std::to_string(port); }

DnsAddress parseDnsAddress(const std::string& option, const std::string& text)
{
  DnsAddress parsed;
  bool good = true;
  if (const size_t end = text.find(']'); !text.empty() && text.front() == '[' && end != std::string::npos) {
    parsed.address = text.substr(1, end - 1);
    good = parsed.isIpv6() && (end + 1 == text.size() || (text[end + 1] == ':' && readPort(text.substr(end + 2), parsed.port)));
  }
  else if (std::count(text.begin(), text.end(), ':') == 1) {
    const size_t colon = text.find(':');
    parsed.address = text.substr(0, colon);
    good = readPort(text.substr(colon + 1), parsed.port);
  }
  else {
    parsed.address = text;
  }
  if (!good || !isAddress(parsed.address)) {
    throw Failure(kUsage, option + ": `" + text + "` is not an address such as 192.0.2.53, 192.0.2.53:5300 or [2001:db8::53]:5300");
  }
  return parsed;
}

} // namespace caapolicy::cli
