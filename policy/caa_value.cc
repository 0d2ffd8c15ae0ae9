// SPDX-License-Identifier: GPL-2.0-or-later
#include "caa_value.hh"

#include "ascii.hh"

#include <algorithm>
#include <array>

namespace caapolicy {

namespace {

// The classes of RFC 5234 B.1. Those of <cctype> depend on the locale.
bool isAlpha(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isDigit(char c)
{
  return c >= '0' && c <= '9';
}
bool isAlphaOrDigit(char c)
{
  return isAlpha(c) || isDigit(c);
}
bool isHexDigit(char c)
{
  return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool isBlank(char c) // WSP
{
  return c == ' ' || c == '\t';
}
bool isValueByte(char c) // %x21-3A / %x3C-7E
{
  return c >= 0x21 && c <= 0x7e && c != ';';
}

// Takes the longest front that a predicate holds for, rule by rule of the grammar.
class ValueReader {
public:
  explicit ValueReader(std::string_view text) : d_rest(text) {}

  template <typename Predicate>
  std::string_view takeWhile(Predicate predicate)
  {
    const auto end = std::find_if_not(d_rest.begin(), d_rest.end(), predicate);
    const std::string_view taken = d_rest.substr(0, static_cast<size_t>(end - d_rest.begin()));
    d_rest.remove_prefix(taken.size());
    return taken;
  }

  bool take(char wanted)
  {
    if (d_rest.empty() || d_rest.front() != wanted) {
      return false;
    }
    d_rest.remove_prefix(1);
    return true;
  }

  void skipBlanks() { takeWhile(isBlank); }
  bool atEnd() const { return d_rest.empty(); }

private:
  std::string_view d_rest;
};

// label and tag = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT))
bool isLabel(std::string_view text)
{
  return !text.empty() && isAlphaOrDigit(text.front()) && isAlphaOrDigit(text.back())
    && std::all_of(text.begin(), text.end(), [](char c) { return isAlphaOrDigit(c) || c == '-'; });
}

// issuer-domain-name = label *("." label)
bool isIssuerDomain(std::string_view text)
{
  while (true) {
    const size_t dot = text.find('.');
    if (!isLabel(text.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
}

// parameter = tag *WSP "=" *WSP value
std::optional<CaaParameter> readParameter(ValueReader& reader)
{
  CaaParameter parameter;
  parameter.name = reader.takeWhile([](char c) { return isAlphaOrDigit(c) || c == '-'; });
  reader.skipBlanks();
  if (!isLabel(parameter.name) || !reader.take('=')) {
    return std::nullopt;
  }
  reader.skipBlanks();
  parameter.value = reader.takeWhile(isValueByte);
  return parameter;
}

} // namespace

std::optional<CaaValue> parseCaaValue(std::string_view text)
{
  CaaValue value;
  ValueReader reader(text);
  reader.skipBlanks();
  value.issuer = reader.takeWhile([](char c) { return !isBlank(c) && c != ';'; });
  if (!value.issuer.empty() && !isIssuerDomain(value.issuer)) {
    return std::nullopt;
  }
  reader.skipBlanks();
  if (reader.atEnd()) {
    return value;
  }
  if (!reader.take(';')) {
    return std::nullopt;
  }
  reader.skipBlanks();
  // A `;` may stand alone after the issuer, but once there are parameters it stands only between two of them.
  while (!reader.atEnd()) {
    auto parameter = readParameter(reader);
    if (!parameter) {
      return std::nullopt;
    }
    value.parameters.push_back(*std::move(parameter));
    reader.skipBlanks();
    if (reader.atEnd()) {
      break;
    }
    if (!reader.take(';')) {
      return std::nullopt;
    }
    reader.skipBlanks();
    if (reader.atEnd()) {
      return std::nullopt;
    }
  }
  return value;
}

std::optional<std::vector<std::string>> parseMethodList(std::string_view text)
{
  // value = [*(label ",") label], label = 1*(ALPHA / DIGIT / "-")
  std::vector<std::string> methods;
  if (text.empty()) {
    return methods;
  }
  ValueReader reader(text);
  do {
    const std::string_view method = reader.takeWhile([](char c) { return isAlphaOrDigit(c) || c == '-'; });
    if (method.empty()) {
      return std::nullopt;
    }
    methods.emplace_back(method);
  } while (reader.take(','));
  if (!reader.atEnd()) {
    return std::nullopt;
  }
  return methods;
}

bool isUri(std::string_view text)
{
  ValueReader reader(text);
  const std::string_view scheme =
    reader.takeWhile([](char c) { return isAlphaOrDigit(c) || c == '+' || c == '-' || c == '.'; });
  if (scheme.empty() || !isAlpha(scheme.front()) || !reader.take(':') || reader.atEnd()) {
    return false;
  }
  const std::string_view rest = text.substr(scheme.size() + 1);
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '%') {
      if (rest.size() - i < 3 || !isHexDigit(rest[i + 1]) || !isHexDigit(rest[i + 2])) {
        return false;
      }
    }
    else if (!isAlphaOrDigit(rest[i]) && std::string_view("-._~:/?#[]@!$&'()*+,;=").find(rest[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool equalIgnoringCase(std::string_view a, std::string_view b)
{
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lowerCase(x) == lowerCase(y); });
}

bool isKnownCaaTag(std::string_view tag)
{
  // RFC 8659 4.2 to 4.4, RFC 9495, CA/Browser Forum Baseline Requirements A.1 (contacts), and mark certificates.
  static constexpr std::array<std::string_view, 7> kKnown{
    "issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"};
  return std::any_of(kKnown.begin(), kKnown.end(), [tag](std::string_view known) { return equalIgnoringCase(known, tag); });
}

} // namespace caapolicy
