// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/name.hh"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace caapolicy;

namespace {

Name name(std::string_view text)
{
  const auto parsed = Name::parseHostName(text);
  REQUIRE(parsed.fault == NameFault::None);
  return parsed.name;
}

} // namespace

TEST_CASE("host names are read into the canonical wire form", "[name]")
{
  struct Case {
    const char* text;
    std::string wire;
    const char* shown;
  };
  const std::string label63(63, 'a');
  const Case cases[] = {
    {"example.com", std::string("\7example\3com\0", 13), "example.com"},
    {"WWW.Example.COM.", std::string("\3www\7example\3com\0", 17), "www.example.com"},
    {"b\xc3\xbc" "cher.example", std::string("\15xn--bcher-kva\7example\0", 23), "xn--bcher-kva.example"},
    {"xn--bcher-kva.example", std::string("\15xn--bcher-kva\7example\0", 23), "xn--bcher-kva.example"},
    {"0-9.example", std::string("\3" "0-9\7example\0", 13), "0-9.example"},
    {label63.c_str(), "\x3f" + label63 + std::string(1, '\0'), label63.c_str()},
  };
  for (const auto& test : cases) {
    INFO(test.text);
    const Name read = name(test.text);
    CHECK(read.wire() == test.wire);
    CHECK(read.toText() == test.shown);
  }
}

TEST_CASE("what is no host name is refused with its fault", "[name]")
{
  struct Case {
    std::string text;
    NameFault fault;
    std::string detail;
  };
  const std::string label50(50, 'a');
  const std::string tooLong = label50 + "." + label50 + "." + label50 + "." + label50 + "." + label50;
  const Case cases[] = {
    {"", NameFault::Empty, ""},
    {".", NameFault::Empty, ""},
    {".example.com", NameFault::EmptyLabel, ""},
    {"www..example.com", NameFault::EmptyLabel, ""},
    {"example.com..", NameFault::EmptyLabel, ""},
    {std::string(64, 'a') + ".example", NameFault::LabelTooLong, std::string(64, 'a')},
    {tooLong, NameFault::NameTooLong, tooLong},
    {"my shop.example", NameFault::Space, "my shop"},
    {"_dmarc.example", NameFault::Underscore, "_dmarc"},
    {"192.0.2.1", NameFault::Address, "192.0.2.1"},
    {"2001:db8::1", NameFault::Address, "2001:db8::1"},
    {"[2001:db8::1]", NameFault::Address, "[2001:db8::1]"},
    {"*.example", NameFault::Star, "*"},
    {"w*.example", NameFault::Star, "w*"},
    {"-a.example", NameFault::Hyphen, "-a"},
    {"a-.example", NameFault::Hyphen, "a-"},
    {"a/b.example", NameFault::Character, "a/b"},
    // A NUL byte ends nothing, in a U-label either.
    {std::string("a\0b.example", 11), NameFault::Character, std::string("a\0b", 3)},
    {std::string("\xc3\xbc\0b.example", 12), NameFault::Character, std::string("\xc3\xbc\0b", 4)},
  };
  for (const auto& test : cases) {
    INFO(test.text);
    const auto parsed = Name::parseHostName(test.text);
    CHECK(parsed.fault == test.fault);
    CHECK(parsed.detail == test.detail);
  }
  CHECK(Name::parseHostName("a\xf0\x9f\x92\xa9.example").fault == NameFault::Idna); // an emoji
  CHECK(Name::parseHostName("www.xn--99999999.example").fault == NameFault::Idna);   // no Punycode
}

TEST_CASE("a name of exactly 255 octets is a name", "[name]")
{
  const std::string label(62, 'a'); // four of 63 octets with their length bytes, the root, and 2 more
  const std::string text = label + "." + label + "." + label + "." + label + ".b";
  CHECK(name(text).wire().size() == 255);
  CHECK(Name::parseHostName(text + "b").fault == NameFault::NameTooLong);
}

TEST_CASE("names sort in the canonical order of RFC 4034 6.1", "[name]")
{
  // The example of the RFC, without its escaped bytes.
  const std::vector<Name> sorted = {name("example"),   name("a.example"),   name("yljkjljk.a.example"),
                                    name("z.a.example"), name("zabc.a.example"), name("z.example")};
  auto shuffled = sorted;
  std::reverse(shuffled.begin(), shuffled.end());
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(shuffled == sorted);
  CHECK(Name() < sorted.front());
  CHECK(Name::fromWire(std::string_view("\1\xff\7example\0", 11)) > sorted.back()); // bytes are unsigned
}

TEST_CASE("the fast comparison of wire forms is that of RFC 4034 6.1", "[name]")
{
  // Bytes that are lengths as well, so that names end alike where their labels don't.
  std::mt19937 random(4034); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same names each time
  const auto number = [&random](size_t end) { return static_cast<size_t>(random() % end); };
  const auto labelsOf = [](WireName wire) {
    std::vector<std::string_view> labels;
    for (; !isRoot(wire); wire = parentOf(wire)) {
      labels.push_back(firstLabel(wire));
    }
    std::reverse(labels.begin(), labels.end());
    return labels;
  };
  const std::string bytes("\1\2\3\4\xff" "a", 6);
  size_t equal = 0;
  for (size_t round = 0; round < 100'000; ++round) {
    std::vector<std::string> wires;
    for (size_t which = 0; which < 2; ++which) {
      std::string wire(1, '\0');
      for (size_t labels = number(5); labels > 0; --labels) {
        std::string label(1 + number(number(4) == 0 ? 12U : 3U), 'a');
        std::generate(label.begin(), label.end(), [&] { return bytes[number(bytes.size())]; });
        wire = static_cast<char>(label.size()) + label + wire;
      }
      wires.push_back(wire);
    }
    const auto a = labelsOf(wires[0]);
    const auto b = labelsOf(wires[1]);
    const auto expected = std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
    equal += expected == 0 ? 1U : 0U;
    if (compareCanonical(wires[0], wires[1]) != expected) {
      FAIL_CHECK(toText(wires[0]) << " and " << toText(wires[1]));
    }
  }
  CHECK(equal > 1000);
}

TEST_CASE("ancestors are suffixes", "[name]")
{
  const Name www = name("www.example.com");
  CHECK(www.parent() == name("example.com"));
  CHECK(www.parent().parent().parent() == Name());
  CHECK(countLabels(www.wire()) == 3);
  CHECK(isAtOrBelow(www.wire(), name("example.com").wire()));
  CHECK(isAtOrBelow(www.wire(), www.wire()));
  CHECK(isAtOrBelow(www.wire(), Name().wire()));
  CHECK_FALSE(isAtOrBelow(www.wire(), name("ample.com").wire()));
  CHECK_FALSE(isAtOrBelow(name("example.com").wire(), www.wire()));
  CHECK(isWildcard(www.child("*").wire()));
  CHECK_FALSE(isWildcard(www.wire()));
  CHECK_FALSE(isWildcard(Name().wire()));
  CHECK(hasUnderscoreLabel(www.child("_acme-challenge").child("a").wire()));
  CHECK_FALSE(hasUnderscoreLabel(www.child("a_b").wire()));
}

TEST_CASE("special bytes are shown escaped", "[name]")
{
  CHECK(name("example").child(std::string_view("a.b\0\\ ", 6)).toText() == "a\\.b\\000\\\\\\032.example");
  CHECK(Name().toText() == ".");
}
