// SPDX-License-Identifier: GPL-2.0-or-later

#include "issuer_rules.hh"

#include "caa_value.hh"
#include "name.hh"

#include <algorithm>

#include <fmt/format.h>

namespace caapolicy {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isLetter(char c) { return isLower(c) || (c >= 'A' && c <= 'Z'); }
// Without space.
bool isPrintable(char c) { return c >= 0x21 && c <= 0x7E; }

// The length of `scheme:` (RFC 3986 3.1); 0 when there is none.
size_t schemeLength(std::string_view text)
{
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !isLetter(text[0])) {
    return 0;
  }
  const std::string_view scheme = text.substr(0, colon);
  const bool good = std::all_of(scheme.begin(), scheme.end(), [](char c) { return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'; });
  return good ? colon + 1 : 0;
}

} // namespace

bool isIssuerName(std::string_view text)
{
  const auto isFirst = [](char c) { return isLower(c) || isDigit(c); };
  return !text.empty() && isFirst(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) { return isFirst(c) || c == '-' || c == '_'; });
}

IssuerDomain parseIssuerDomain(std::string_view text)
{
  const auto isAscii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(text.begin(), text.end(), isAscii)) {
    return {{}, "it is not in ASCII"};
  }
  if (text.find("://") != std::string_view::npos) {
    return {{}, "it is a URL"};
  }
  const Name::Parsed parsed = Name::parseHostName(text);
  if (parsed.fault == NameFault::Address) {
    return {{}, "it is an address"};
  }
  if (parsed.fault != NameFault::None) {
    return {{}, "it is not a host name"};
  }
  if (countLabels(parsed.name.wire()) < 2) {
    return {{}, "it has just one label"};
  }
  return {parsed.name.toText(), {}};
}

std::optional<std::string> accountFault(std::string_view text)
{
  for (const char c : text) {
    if (c == ' ') {
      return "it has a space";
    }
    if (c == ';') {
      return "a `;` would end it in a CAA record";
    }
    if (!isPrintable(c)) {
      return "it is not in printable ASCII";
    }
  }
  const size_t scheme = schemeLength(text);
  if (scheme == 0) {
    return "it has no scheme such as `https:`";
  }
  if (scheme == text.size()) {
    return "nothing follows the scheme";
  }
  if (!isUri(text)) { // no CA would match it
    return "it holds a character that a URI has no room for, or a `%` without two hex digits";
  }
  return std::nullopt;
}

const std::vector<std::string_view>& acmeMethods()
{
  // The IANA registry "ACME Validation Methods" without the retired tls-sni-01 and tls-sni-02, and the two drafts
  // (dns-account-01, dns-persist-01) that CAs have begun to offer.
  static const std::vector<std::string_view> methods{
    "http-01", "dns-01", "tls-alpn-01", "dns-account-01", "dns-persist-01", "onion-csr-01", "email-reply-00", "tkauth-01", "bp-nodeid-00"};
  return methods;
}

bool isKnownMethod(std::string_view method)
{
  const auto& methods = acmeMethods();
  if (std::find(methods.begin(), methods.end(), method) != methods.end()) {
    return true;
  }
  // RFC 8657 4 leaves `ca-` to CAs; among them are the `ca-tbr-<number>` labels for the methods of the TLS
  // Baseline Requirements.
  return method.size() > 3 && method.substr(0, 3) == "ca-" && std::all_of(method.begin(), method.end(), [](char c) { return isLower(c) || isDigit(c) || c == '-'; });
}

bool proveHostOnly(const std::vector<std::string>& methods)
{
  return !methods.empty() && std::all_of(methods.begin(), methods.end(), [](const std::string& method) { return method == "http-01" || method == "tls-alpn-01"; });
}

bool isReportUrl(std::string_view text)
{
  if (!isUri(text)) {
    return false;
  }
  if (text.substr(0, 7) == "mailto:") {
    const std::string_view address = text.substr(7);
    return isEmailAddress(address.substr(0, address.find('?')));
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.substr(0, scheme.size()) == scheme) {
      const std::string_view host = text.substr(scheme.size());
      return host.find_first_of("/?#") != 0 && !host.empty();
    }
  }
  return false;
}

bool isEmailAddress(std::string_view text)
{
  const size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos
    && std::all_of(text.begin(), text.end(), isPrintable);
}

bool isPhoneNumber(std::string_view text)
{
  // E.164: at most 15 digits, the first of them not 0.
  return text.size() >= 3 && text.size() <= 16 && text[0] == '+' && text[1] != '0' && std::all_of(text.begin() + 1, text.end(), isDigit);
}

} // namespace caapolicy
