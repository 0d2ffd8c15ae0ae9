// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/caa_value.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;

TEST_CASE("values that match the grammar of RFC 8659 4.2", "[caa_value]")
{
  struct Row {
    const char* text;
    CaaValue value;
  };
  const Row rows[] = {
    {"", {"", {}}},
    {" \t", {"", {}}},
    {";", {"", {}}},
    {" ; ", {"", {}}},
    {"ca.example.com", {"ca.example.com", {}}},
    {"localhost", {"localhost", {}}},
    {"CA.Example.com", {"CA.Example.com", {}}},
    {"1a.2--b.example.com", {"1a.2--b.example.com", {}}},
    {"\tca.example.com ", {"ca.example.com", {}}},
    {"ca.example.com;", {"ca.example.com", {}}},
    {"ca.example.com ; ", {"ca.example.com", {}}},
    {"ca.example.com;a=b", {"ca.example.com", {{"a", "b"}}}},
    {"ca.example.com ; a = b ", {"ca.example.com", {{"a", "b"}}}},
    {"ca.example.com;a=;b=", {"ca.example.com", {{"a", ""}, {"b", ""}}}},
    {"ca.example.com;a= ;b=1", {"ca.example.com", {{"a", ""}, {"b", "1"}}}},
    {"ca.example.com; a=b ;\tA-1=c=d,\"e'", {"ca.example.com", {{"a", "b"}, {"A-1", "c=d,\"e'"}}}},
    {"ca.example.com; a=1; a=1", {"ca.example.com", {{"a", "1"}, {"a", "1"}}}},
    {"; a=b", {"", {{"a", "b"}}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = parseCaaValue(row.text);
    REQUIRE(value);
    CHECK(value->issuer == row.value.issuer);
    CHECK(value->parameters == row.value.parameters);
  }
}

TEST_CASE("values that don't match it", "[caa_value]")
{
  const char* const texts[] = {
    "%%%%%",
    "ca.example.com.",
    ".example.com",
    "ca..example.com",
    "-ca.example.com",
    "ca-.example.com",
    "ca_1.example.com",
    "*.example.com",
    "\"ca.example.com\"",
    "ca.example.com,",
    "ca.example.com a=b",
    "ca.example.com other.example.com",
    "ca.example.com; a",
    "ca.example.com; =b",
    "ca.example.com; a b=c",
    "ca.example.com; a=b c",
    "ca.example.com; a=b c=d",
    "ca.example.com; a=b;",
    "ca.example.com; a=b; ",
    "ca.example.com; ;a=b",
    "ca.example.com;; a=b",
    "ca.example.com; -a=b",
    "ca.example.com; a-=b",
    "ca.example.com; a_b=c",
    "ca.example.com; a=\x7f",
    "ca.example.com; a=\xc3\xa4",
    "ca.example.com\n",
    "c\xc3\xa4.example.com",
    ";;",
  };
  for (const char* text : texts) {
    CAPTURE(text);
    CHECK_FALSE(parseCaaValue(text));
  }
  CHECK_FALSE(parseCaaValue(std::string_view("ca.example.com\0", 15)));
}

TEST_CASE("method lists", "[caa_value]")
{
  using Methods = std::vector<std::string>;
  CHECK(parseMethodList("") == Methods{});
  CHECK(parseMethodList("dns-01") == Methods{"dns-01"});
  CHECK(parseMethodList("dns-01,http-01") == Methods{"dns-01", "http-01"});
  CHECK(parseMethodList("ca-Own-7") == Methods{"ca-Own-7"});
  for (const char* text : {",", "dns-01,", ",dns-01", "dns-01,,http-01", "dns-01, http-01", "dns_01", "dns-01|http-01"}) {
    CAPTURE(text);
    CHECK_FALSE(parseMethodList(text));
  }
}

TEST_CASE("account URIs", "[caa_value]")
{
  for (const char* text : {"https://ca.example.com/acct/1", "urn:ca:1", "a+b-c.1:x", "https://ca.example.com/%2f?a=b#c"}) {
    CAPTURE(text);
    CHECK(isUri(text));
  }
  for (const char* text : {"", "1", "acct", ":1", "1a:b", "https:", "https://ca.example.com/%2", "https://ca.example.com/%zz",
                           "https://ca.example.com/a b", "https://ca.example.com/<1>", "ht tp:x", "https://ca.example.com/\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(isUri(text));
  }
}

TEST_CASE("letters in either case", "[caa_value]")
{
  CHECK(equalIgnoringCase("", ""));
  CHECK(equalIgnoringCase("IsSuE", "issue"));
  CHECK_FALSE(equalIgnoringCase("issue", "issuewild"));
  CHECK_FALSE(equalIgnoringCase("issuewild", "issue"));
  CHECK_FALSE(equalIgnoringCase("@", "`")); // these differ in the same bit as letters of either case
}
