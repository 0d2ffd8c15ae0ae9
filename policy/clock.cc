// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.hh"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

namespace caapolicy {

namespace {

constexpr int64_t kDay = 24 * 60 * 60;

constexpr Instant secondsOf(std::chrono::sys_days day)
{
  return Instant{day.time_since_epoch().count()} * kDay;
}

// A timestamp has four digits for the year: these are the first and the last instant that can be written.
constexpr Instant kFirstWritable = secondsOf(std::chrono::year{0} / 1 / 1);
constexpr Instant kLastWritable = secondsOf(std::chrono::year{9999} / 12 / 31) + kDay - 1;

// Reads fixed-width text from the front; the first misfit makes all of it invalid.
class FixedReader {
public:
  explicit FixedReader(std::string_view text) : d_rest(text) {}

  int digits(size_t count)
  {
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      const char c = next();
      d_good = d_good && c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    return d_good ? value : 0;
  }

  void literal(char wanted) { d_good = next() == wanted && d_good; }
  char next()
  {
    if (d_rest.empty()) {
      d_good = false;
      return '\0';
    }
    const char c = d_rest.front();
    d_rest.remove_prefix(1);
    return c;
  }
  void refuse() { d_good = false; }
  bool good() const { return d_good; }
  bool atEnd() const { return d_rest.empty(); }

private:
  std::string_view d_rest;
  bool d_good{true};
};

// Seconds east of UTC. An offset of -00:00 says that local time is unknown, not that UTC is (RFC 3339 4.3).
int readOffset(FixedReader& reader)
{
  const char sign = reader.next();
  if (sign == 'Z' || sign == 'z') {
    return 0;
  }
  if (sign != '+' && sign != '-') {
    reader.refuse();
  }
  const int hours = reader.digits(2);
  reader.literal(':');
  const int minutes = reader.digits(2);
  if (hours > 23 || minutes > 59) {
    reader.refuse();
  }
  const int seconds = (hours * 60 + minutes) * 60;
  return sign == '-' ? -seconds : seconds;
}

struct Unit {
  char letter;
  int64_t seconds;
};
constexpr std::array<Unit, 5> kUnits{{{'w', 7 * kDay}, {'d', kDay}, {'h', 60 * 60}, {'m', 60}, {'s', 1}}};

} // namespace

std::optional<Instant> parseInstant(std::string_view text)
{
  FixedReader reader(text);
  const std::chrono::year year{reader.digits(4)};
  reader.literal('-');
  const std::chrono::month month{static_cast<unsigned>(reader.digits(2))};
  reader.literal('-');
  const std::chrono::day day{static_cast<unsigned>(reader.digits(2))};
  const char separator = reader.next();
  if (separator != 'T' && separator != 't') { // letters of ABNF match in either case (RFC 5234 2.3)
    reader.refuse();
  }
  const int hour = reader.digits(2);
  reader.literal(':');
  const int minute = reader.digits(2);
  reader.literal(':');
  const int second = reader.digits(2);
  const int offset = readOffset(reader);

  const std::chrono::year_month_day date{year, month, day};
  // A leap second has no number in the count of time(2), so `:60` is refused rather than moved.
  if (!reader.good() || !reader.atEnd() || !date.ok() || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const Instant instant = secondsOf(std::chrono::sys_days{date}) + (hour * 60 + minute) * 60 + second - offset;
  if (instant < kFirstWritable || instant > kLastWritable) { // only by its offset
    return std::nullopt;
  }
  return instant;
}

std::string instantToText(Instant instant)
{
  if (instant < kFirstWritable) {
    instant = kFirstWritable;
  }
  if (instant > kLastWritable) {
    instant = kLastWritable;
  }
  const std::chrono::sys_seconds time{std::chrono::seconds{instant}};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{midnight};
  const int64_t second = (time - midnight).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                     second / 60 % 60, second % 60);
}

std::optional<int64_t> parseSpan(std::string_view text)
{
  // A zero in front is refused, as it is in many places the mark of another base.
  if (text.size() < 2 || text.front() < '1' || text.front() > '9') {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(0, text.size() - 1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  for (const Unit& unit : kUnits) {
    if (unit.letter == text.back()) {
      if (number > std::numeric_limits<int64_t>::max() / unit.seconds) {
        return std::nullopt;
      }
      return number * unit.seconds;
    }
  }
  return std::nullopt;
}

std::string spanToText(int64_t seconds)
{
  if (seconds == 0) { // every unit divides it
    return "0s";
  }
  for (const Unit& unit : kUnits) {
    if (seconds % unit.seconds == 0) {
      return fmt::format("{}{}", seconds / unit.seconds, unit.letter);
    }
  }
  return {}; // not reached: one second divides everything
}

} // namespace caapolicy
