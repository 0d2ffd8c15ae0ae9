// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/clock.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;

TEST_CASE("timestamps are read to the second", "[clock]")
{
  struct Row {
    const char* text;
    Instant instant;
  };
  const Row rows[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:01Z", 1},
    {"1969-12-31T23:59:59Z", -1},
    {"2026-11-22T09:00:00Z", 1795338000},
    {"2026-11-22t09:00:00z", 1795338000},
    {"2026-11-22T10:00:00+01:00", 1795338000},
    {"2026-11-22T03:30:00-05:30", 1795338000},
    {"2026-11-22T09:00:00-00:00", 1795338000},
    {"2026-11-22T09:00:00+00:00", 1795338000},
    {"2024-02-29T00:00:00Z", 1709164800},
    {"2000-02-29T23:59:59Z", 951868799},
    {"2038-01-19T03:14:08Z", 2147483648},
    {"0000-01-01T00:00:00Z", -62167219200},
    {"9999-12-31T23:59:59Z", 253402300799},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parseInstant(row.text) == row.instant);
  }
}

TEST_CASE("anything else is no timestamp", "[clock]")
{
  const char* const texts[] = {
    "",
    "2026",
    "2026-11-22",
    "2026-11-22T09:00Z",
    "2026-11-22T09:00:00",
    "2026-11-22 09:00:00Z",
    "2026-11-22T09:00:00.5Z",
    "2026-11-22T09:00:00Z ",
    " 2026-11-22T09:00:00Z",
    "2026-11-22T09:00:00ZZ",
    "2026-11-22T09:00:00+0100",
    "2026-11-22T09:00:00+01",
    "2026-11-22T09:00:00+24:00",
    "2026-11-22T09:00:00+01:60",
    "2026-11-22T09:00:00*01:00",
    "2026-1-22T09:00:00Z",
    "2026-00-22T09:00:00Z",
    "2026-13-22T09:00:00Z",
    "2026-11-00T09:00:00Z",
    "2026-11-31T09:00:00Z",
    "2026-02-29T09:00:00Z",
    "2100-02-29T09:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T09:60:00Z",
    "2016-12-31T23:59:60Z",
    "-026-11-22T09:00:00Z",
    "+2026-11-22T09:00:00Z",
    "12026-11-22T09:00:00Z",
    "2026/11/22T09:00:00Z",
    "2026-11-22T09-00-00Z",
    "2026-11-22T0a:00:00Z",
    "0000-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
  };
  for (const char* text : texts) {
    CAPTURE(text);
    CHECK(parseInstant(text) == std::nullopt);
  }
}

TEST_CASE("timestamps are written in UTC", "[clock]")
{
  CHECK(instantToText(0) == "1970-01-01T00:00:00Z");
  CHECK(instantToText(-1) == "1969-12-31T23:59:59Z");
  CHECK(instantToText(1795338000) == "2026-11-22T09:00:00Z");
  CHECK(instantToText(951868799) == "2000-02-29T23:59:59Z");
  // The ends of time stay within what can be read again.
  CHECK(instantToText(kBeginningOfTime) == "0000-01-01T00:00:00Z");
  CHECK(instantToText(kEndOfTime) == "9999-12-31T23:59:59Z");
}

TEST_CASE("what is written is read again", "[clock]")
{
  // Steps of a prime number of seconds meet every month, hour and leap year sooner or later.
  for (Instant instant = -62167219200; instant <= 253402300799; instant += 86028157) {
    CAPTURE(instant);
    REQUIRE(parseInstant(instantToText(instant)) == instant);
  }
}

TEST_CASE("spans are read", "[clock]")
{
  CHECK(parseSpan("1s") == 1);
  CHECK(parseSpan("90m") == 5400);
  CHECK(parseSpan("2h") == 7200);
  CHECK(parseSpan("90d") == 7776000);
  CHECK(parseSpan("2w") == 1209600);
  CHECK(parseSpan("10s") == 10);
  CHECK(parseSpan("9223372036854775807s") == std::numeric_limits<int64_t>::max());
}

TEST_CASE("anything else is no span", "[clock]")
{
  const char* const texts[] = {"",    "d",    "90",  "0d",   "00d", "01d",  "-1d",   "+1d", "1.5d",
                               "1 d", " 1d",  "1d ", "1D",   "1y",  "1dd",  "1d12h", "0x1d", "\t1d",
                               "9223372036854775808s", "15250284452472w", "99999999999999999999999w"};
  for (const char* text : texts) {
    CAPTURE(text);
    CHECK(parseSpan(text) == std::nullopt);
  }
}

TEST_CASE("spans are written in the largest unit that fits", "[clock]")
{
  CHECK(spanToText(0) == "0s");
  CHECK(spanToText(1) == "1s");
  CHECK(spanToText(61) == "61s");
  CHECK(spanToText(60) == "1m");
  CHECK(spanToText(5400) == "90m");
  CHECK(spanToText(7200) == "2h");
  CHECK(spanToText(86400) == "1d");
  CHECK(spanToText(7776000) == "90d");
  CHECK(spanToText(1209600) == "2w");
}
