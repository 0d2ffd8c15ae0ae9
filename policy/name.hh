// SPDX-License-Identifier: GPL-2.0-or-later
//
// Domain names (RFC 1035 3.1) in their canonical wire form: length-prefixed labels, ASCII letters in lower case,
// ending with the zero byte of the root. Everything in the engine compares and hashes this form.
//
// A `Name` owns its bytes. The free functions work on a view of such bytes, allocate nothing and are what the
// query path uses: the wire form of every ancestor of a name is a suffix of the name's own wire form.
// All of this is immutable data and pure functions: any thread may use it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace caapolicy {

inline constexpr size_t kMaxLabelLength = 63; // RFC 1035 2.3.4, octets
inline constexpr size_t kMaxNameLength = 255; // RFC 1035 2.3.4, octets of the wire form

// A view of a canonical wire form.
using WireName = std::string_view;

inline bool isRoot(WireName name) { return name.size() == 1; }
inline std::string_view firstLabel(WireName name) { return name.substr(1, static_cast<unsigned char>(name[0])); }
// The name without its first label. Must not be called for the root.
inline WireName parentOf(WireName name) { return name.substr(1 + static_cast<size_t>(static_cast<unsigned char>(name[0]))); }
inline bool isWildcard(WireName name) { return name.size() > 2 && name[0] == 1 && name[1] == '*'; }
size_t countLabels(WireName name);
// True for the name itself and for every name below it.
bool isAtOrBelow(WireName name, WireName ancestor);
// Canonical order of RFC 4034 6.1: an ancestor comes directly before its descendants.
std::strong_ordering compareCanonical(WireName a, WireName b) noexcept;
// True when any label begins with `_`: no certificate can name it.
bool hasUnderscoreLabel(WireName name);

// What is wrong with a name that was written in a policy.
enum class NameFault : uint8_t {
  None,
  Empty,        // nothing was written
  EmptyLabel,   // two dots in a row, or a dot in front
  LabelTooLong, // over 63 octets
  NameTooLong,  // over 255 octets
  Space,
  Underscore,
  Address, // an IPv4 or IPv6 address
  Star,    // `*` as a label or in one
  Hyphen,  // a label begins or ends with `-`
  Character, // any other byte that a host name has no room for
  Idna,      // a U-label that IDNA 2008 refuses, see detail
};

class Name {
public:
  Name() : d_wire(1, '\0') {} // the root

  // Takes bytes that are a canonical wire form already.
  static Name fromWire(WireName wire);

  struct Parsed;
  // Reads a host name as a person writes it (RFC 1123 2.1; U-labels by IDNA 2008; a trailing dot is allowed).
  static Parsed parseHostName(std::string_view text);

  WireName wire() const { return d_wire; }
  bool isRoot() const { return d_wire.size() == 1; }
  Name parent() const { return fromWire(parentOf(d_wire)); }
  Name child(std::string_view label) const; // the label in lower case; the result must fit 255 octets
  // Presentation form without the trailing dot (the root is "."), special bytes escaped as in RFC 1035 5.1.
  std::string toText() const;

  bool operator==(const Name&) const = default;
  // As compareCanonical.
  std::strong_ordering operator<=>(const Name& other) const { return compareCanonical(d_wire, other.d_wire); }

private:
  std::string d_wire;
};

struct Name::Parsed {
  Name name;             // valid when fault is None
  NameFault fault{NameFault::None};
  std::string detail;    // for Idna: libidn2's words; for the others the offending label
};

std::string toText(WireName name);

} // namespace caapolicy

template <>
struct std::hash<caapolicy::Name> {
  size_t operator()(const caapolicy::Name& name) const noexcept { return std::hash<std::string_view>{}(name.wire()); }
};
