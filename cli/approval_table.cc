// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/approval_table.hh"

#include "cli/approval_words.hh"
#include "cli/policy_input.hh"
#include "policy/grant_text.hh"
#include "policy/utf8.hh"

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <utility>

namespace caapolicy::cli {

namespace {

constexpr size_t kWidest = 100; // that a table is to be
constexpr size_t kGap = 2;

enum Column : size_t { kName, kIssuer, kFor, kUntil, kLeft, kTicket, kPlace, kColumns };
using Row = std::array<std::string, kColumns>;
const Row kHeadings{"NAME", "ISSUER", "FOR", "UNTIL", "LEFT", "TICKET", "PLACE"};

struct Entry {
  std::vector<Row> rows;          // one for each issuer; all else is in the first
  std::vector<std::string> notes; // what has no column
  std::optional<Style> style;
};

// The largest unit of which there are two: to the second matters to nobody here.
std::string roughly(int64_t seconds)
{
  for (const auto& [unit, letter] : {std::pair{int64_t{86400}, 'd'}, {int64_t{3600}, 'h'}, {int64_t{60}, 'm'}}) {
    if (seconds >= 2 * unit) {
      return std::to_string(seconds / unit) + letter;
    }
  }
  return std::to_string(seconds) + "s";
}

std::string leftOf(const Approval& approval, Instant now)
{
  if (now < approval.from) {
    return "to come";
  }
  if (approval.until <= now) {
    return "expired";
  }
  return approval.until == kEndOfTime ? "" : roughly(approval.until - now);
}

// The day alone, where it begins then.
std::string dayOrInstant(Instant instant)
{
  const std::string text = instantToText(instant);
  return text.ends_with("T00:00:00Z") ? text.substr(0, text.find('T')) : text;
}

// What is in the policy's folder is named from there.
std::string shortPlaceOf(const Policy& policy, const Location& where)
{
  const std::string place = placeOf(policy, where);
  const std::string& root = policy.files.front().path;
  const std::string folder = root.substr(0, root.rfind('/') + 1);
  return place.starts_with(folder) ? place.substr(folder.size()) : place;
}

std::string shortScopeOf(const Approval& approval)
{
  std::vector<std::string> parts;
  const Wildcard wildcard = approval.grants.front().wildcard;
  if (wildcard != Wildcard::Only) {
    parts.emplace_back("name");
  }
  if (wildcard != Wildcard::No) {
    parts.emplace_back("*.name");
  }
  if (approval.subtree) {
    parts.emplace_back("below");
  }
  return joined(parts);
}

// What an issuer as it is written doesn't say; empty: nothing.
std::string meaningOf(const Grant& grant)
{
  std::vector<std::string> parts;
  if (grant.issuer.ca != grant.writtenAs) {
    parts.push_back(grant.issuer.ca);
  }
  if (!grant.issuer.accounts.empty()) {
    parts.push_back("account " + joined(grant.issuer.accounts));
  }
  if (!grant.issuer.methods.empty()) {
    parts.push_back("method " + joined(grant.issuer.methods));
  }
  return parts.empty() ? "" : grant.writtenAs + ": " + joined(parts);
}

Entry entryOf(const Approval& approval, const Policy& policy, Instant now)
{
  constexpr int64_t kSoon = 7 * 86400;
  Entry entry;
  for (const Grant& grant : approval.grants) {
    entry.rows.emplace_back()[kIssuer] = grant.writtenAs;
    if (std::string meaning = meaningOf(grant); !meaning.empty()) {
      entry.notes.push_back(std::move(meaning));
    }
  }
  if (now < approval.from) {
    entry.notes.push_back("begins " + dayOrInstant(approval.from));
  }
  Row& first = entry.rows.front();
  first[kName] = approval.name.toText();
  first[kFor] = shortScopeOf(approval);
  first[kUntil] = approval.until == kEndOfTime ? "" : dayOrInstant(approval.until);
  first[kLeft] = leftOf(approval, now);
  first[kTicket] = approval.ticket;
  first[kPlace] = shortPlaceOf(policy, approval.where);
  if (!isLive(approval, now)) {
    entry.style = Style::Faint;
  }
  else if (approval.until != kEndOfTime && approval.until - now <= kSoon) {
    entry.style = Style::Warning;
  }
  return entry;
}

size_t width(const std::string& text)
{
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !isUtf8Continuation(c); }));
}

class Table {
public:
  explicit Table(std::vector<Entry> entries) : d_entries(std::move(entries))
  {
    if (measure() > kWidest) {
      for (Entry& entry : d_entries) {
        entry.notes.push_back("at " + std::exchange(entry.rows.front()[kPlace], {}));
      }
      measure();
    }
  }

  void print() const
  {
    std::cout << styled(Style::Heading, line(kHeadings, "")) << "\n";
    for (const Entry& entry : d_entries) {
      for (const Row& row : entry.rows) {
        const std::string text = line(row, &row == &entry.rows.front() ? "-" : "");
        std::cout << (entry.style ? styled(*entry.style, text) : text) << "\n";
      }
      for (const std::string& note : entry.notes) {
        std::cout << styled(Style::Faint, "  " + note) << "\n";
      }
    }
  }

private:
  // A column in which nothing stands has no width. Returns that of the table.
  size_t measure()
  {
    d_widths = {};
    for (const Entry& entry : d_entries) {
      for (const Row& row : entry.rows) {
        for (size_t column = 0; column < kColumns; ++column) {
          if (!row[column].empty()) {
            d_widths[column] = std::max({d_widths[column], width(row[column]), width(kHeadings[column])});
          }
        }
      }
    }
    size_t sum = 0;
    for (const size_t each : d_widths) {
      sum += each == 0 ? 0 : each + kGap;
    }
    return sum - kGap;
  }

  std::string line(const Row& row, const std::string& ifEmpty) const
  {
    std::string text;
    for (size_t column = 0; column < kColumns; ++column) {
      if (d_widths[column] != 0) {
        const std::string& cell = row[column].empty() ? ifEmpty : row[column];
        text += cell + std::string(d_widths[column] + kGap - width(cell), ' ');
      }
    }
    return text.substr(0, text.find_last_not_of(' ') + 1);
  }

  std::vector<Entry> d_entries;
  std::array<size_t, kColumns> d_widths{};
};

} // namespace

void printApprovals(const std::vector<Approval>& approvals, const Policy& policy, Instant now)
{
  std::vector<Entry> entries;
  for (const Approval& approval : approvals) {
    entries.push_back(entryOf(approval, policy, now));
  }
  Table(std::move(entries)).print();
}

} // namespace caapolicy::cli
