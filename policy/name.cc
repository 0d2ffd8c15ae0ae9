// SPDX-License-Identifier: GPL-2.0-or-later
#include "name.hh"

#include "ascii.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <idn2.h>

namespace caapolicy {

namespace {

using Byte = unsigned char;

bool isAsciiAlnum(Byte byte)
{
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

bool isAddress(const std::string& text)
{
  std::array<unsigned char, sizeof(in6_addr)> buffer{};
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const std::string inner = bracketed ? text.substr(1, text.size() - 2) : text;
  return inet_pton(AF_INET, inner.c_str(), buffer.data()) == 1 || inet_pton(AF_INET6, inner.c_str(), buffer.data()) == 1;
}

// What can be wrong with one A-label or plain label of a host name.
NameFault labelFault(std::string_view label)
{
  if (label.empty()) {
    return NameFault::EmptyLabel;
  }
  if (label.find('*') != std::string_view::npos) {
    return NameFault::Star;
  }
  if (label.find_first_of(" \t\r\n") != std::string_view::npos) {
    return NameFault::Space;
  }
  if (label.find('_') != std::string_view::npos) {
    return NameFault::Underscore;
  }
  if (!std::all_of(label.begin(), label.end(), [](char c) { return c == '-' || isAsciiAlnum(static_cast<Byte>(c)); })) {
    return NameFault::Character;
  }
  if (label.front() == '-' || label.back() == '-') {
    return NameFault::Hyphen;
  }
  return label.size() > kMaxLabelLength ? NameFault::LabelTooLong : NameFault::None;
}

// The wire form of a name that needs no closer look, as nearly all do: labels of `a-z`, `0-9` and `-` without a fault, the last of
// which begins with a letter, as no address does. Empty: have a closer look.
std::string plainWire(std::string_view text)
{
  std::string wire;
  if (text.empty() || text.size() + 2 > kMaxNameLength) {
    return wire;
  }
  wire.resize(text.size() + 2);
  size_t begin = 0; // of the label
  for (size_t index = 0; index <= text.size(); ++index) {
    const char c = index < text.size() ? text[index] : '.';
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') {
      wire[index + 1] = c;
      continue;
    }
    const std::string_view label = text.substr(begin, index - begin);
    if (c != '.' || label.empty() || label.size() > kMaxLabelLength || label.front() == '-' || label.back() == '-' || label.substr(0, 4) == "xn--") {
      return {};
    }
    wire[begin] = static_cast<char>(label.size());
    begin = index + 1;
  }
  const char last = text[text.rfind('.') + 1]; // npos + 1 is 0
  if (last < 'a') {
    wire.clear();
  }
  return wire;
}

// IDNA 2008 for one label that isn't plain: a U-label, or an A-label whose Punycode has to be checked.
NameFault convertLabel(std::string& label, std::string& detail)
{
  if (label.find('\0') != std::string::npos) { // libidn2 would take it for the end
    return NameFault::Character;
  }
  uint8_t* converted = nullptr;
  const auto* input = reinterpret_cast<const uint8_t*>(label.c_str());
  const int status = idn2_lookup_u8(input, &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<uint8_t, void (*)(void*)> owner(converted, idn2_free);
  if (status == IDN2_TOO_BIG_LABEL || status == IDN2_TOO_BIG_DOMAIN) {
    return NameFault::LabelTooLong;
  }
  if (status != IDN2_OK) {
    detail = idn2_strerror(status);
    return NameFault::Idna;
  }
  label = reinterpret_cast<const char*>(converted);
  return NameFault::None;
}

bool needsIdna(std::string_view label)
{
  return std::any_of(label.begin(), label.end(), [](char c) { return static_cast<Byte>(c) >= 0x80; })
    || (label.size() >= 4 && lowerCase(label[0]) == 'x' && lowerCase(label[1]) == 'n' && label[2] == '-' && label[3] == '-');
}

// How many bytes are the same at the end.
size_t commonTail(std::string_view a, std::string_view b)
{
  const size_t shorter = std::min(a.size(), b.size());
  size_t equal = 0;
  for (; equal + sizeof(uint64_t) <= shorter; equal += sizeof(uint64_t)) {
    uint64_t wordA = 0;
    uint64_t wordB = 0;
    std::memcpy(&wordA, a.data() + a.size() - equal - sizeof(uint64_t), sizeof(uint64_t));
    std::memcpy(&wordB, b.data() + b.size() - equal - sizeof(uint64_t), sizeof(uint64_t));
    if (wordA != wordB) {
      break;
    }
  }
  while (equal < shorter && a[a.size() - equal - 1] == b[b.size() - equal - 1]) {
    ++equal;
  }
  return equal;
}

} // namespace

size_t countLabels(WireName name)
{
  size_t count = 0;
  for (; !isRoot(name); name = parentOf(name)) {
    ++count;
  }
  return count;
}

std::strong_ordering compareCanonical(WireName a, WireName b) noexcept
{
  const size_t equal = commonTail(a, b);
  // Names nearly always have labels in common at their end. The first ancestor-or-self of each that lies in the common bytes,
  // and then, as bytes may be equal where labels don't begin at the same places, the first that both have.
  std::string_view labelA;
  std::string_view labelB;
  const auto climb = [](WireName& name, std::string_view& label) {
    label = firstLabel(name);
    name = parentOf(name);
  };
  while (a.size() > equal) {
    climb(a, labelA);
  }
  while (b.size() > equal) {
    climb(b, labelB);
  }
  while (a.size() != b.size()) {
    if (a.size() > b.size()) {
      climb(a, labelA);
    }
    else {
      climb(b, labelB);
    }
  }
  // The labels in front of it decide; where a name has none (which is no label, as that would not be empty), it is the ancestor.
  return labelA.compare(labelB) <=> 0; // char_traits compares as unsigned bytes
}

bool isAtOrBelow(WireName name, WireName ancestor)
{
  while (name.size() > ancestor.size()) {
    name = parentOf(name);
  }
  return name == ancestor;
}

bool hasUnderscoreLabel(WireName name)
{
  for (; !isRoot(name); name = parentOf(name)) {
    if (name[0] > 0 && name[1] == '_') {
      return true;
    }
  }
  return false;
}

Name Name::fromWire(WireName wire)
{
  Name name;
  name.d_wire = wire;
  return name;
}

Name::Parsed Name::parseHostName(std::string_view text)
{
  Parsed parsed;
  if (std::string plain = plainWire(text); !plain.empty()) {
    parsed.name.d_wire = std::move(plain);
    return parsed;
  }
  const auto fail = [&parsed](NameFault fault, std::string detail) {
    parsed.fault = fault;
    parsed.detail = std::move(detail);
    return parsed;
  };
  if (text.empty() || text == ".") {
    return fail(NameFault::Empty, {});
  }
  if (isAddress(std::string(text))) {
    return fail(NameFault::Address, std::string(text));
  }
  std::string_view rest = text;
  if (rest.back() == '.') {
    rest.remove_suffix(1);
  }
  std::string wire;
  for (bool last = false; !last;) {
    const size_t dot = rest.find('.');
    last = dot == std::string_view::npos;
    const std::string written(rest.substr(0, dot));
    std::string label = written;
    if (needsIdna(label)) {
      std::string detail;
      if (const NameFault fault = convertLabel(label, detail); fault != NameFault::None) {
        return fail(fault, fault == NameFault::Idna ? detail : written);
      }
    }
    if (const NameFault fault = labelFault(label); fault != NameFault::None) {
      return fail(fault, written);
    }
    wire += static_cast<char>(label.size());
    std::transform(label.begin(), label.end(), std::back_inserter(wire), [](char c) { return lowerCase(c); });
    if (!last) {
      rest.remove_prefix(dot + 1);
    }
  }
  wire += '\0';
  if (wire.size() > kMaxNameLength) {
    return fail(NameFault::NameTooLong, std::string(text));
  }
  parsed.name = fromWire(wire);
  return parsed;
}

Name Name::child(std::string_view label) const
{
  std::string wire;
  wire.reserve(d_wire.size() + label.size() + 1);
  wire += static_cast<char>(label.size());
  wire += label;
  wire += d_wire;
  return fromWire(wire);
}

std::string toText(WireName name)
{
  if (isRoot(name)) {
    return ".";
  }
  std::string text;
  for (; !isRoot(name); name = parentOf(name)) {
    if (!text.empty()) {
      text += '.';
    }
    for (const char c : firstLabel(name)) {
      const auto byte = static_cast<Byte>(c);
      if (byte <= 0x20 || byte >= 0x7f) {
        text += '\\';
        text += static_cast<char>('0' + byte / 100);
        text += static_cast<char>('0' + byte / 10 % 10);
        text += static_cast<char>('0' + byte % 10);
      }
      else {
        if (std::string_view(".\\\"();@$").find(c) != std::string_view::npos) {
          text += '\\';
        }
        text += c;
      }
    }
  }
  return text;
}

std::string Name::toText() const { return caapolicy::toText(d_wire); }

} // namespace caapolicy
