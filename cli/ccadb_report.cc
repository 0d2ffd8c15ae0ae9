// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/ccadb_report.hh"

#include "cli/csv.hh"
#include "policy/ascii.hh"
#include "policy/issuer_rules.hh"

#include <algorithm>
#include <optional>

namespace caapolicy::cli {

namespace {

std::string_view trimmed(std::string_view text)
{
  constexpr std::string_view blank = " \t\r\n\"";
  const size_t first = text.find_first_not_of(blank);
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::optional<size_t> columnOf(const CsvRow& heading, std::string_view name)
{
  const auto found = std::find_if(heading.fields.begin(), heading.fields.end(), [&](const std::string& field) { return trimmed(field) == name; });
  return found == heading.fields.end() ? std::nullopt : std::optional(static_cast<size_t>(found - heading.fields.begin()));
}

// Of "CN=R3; O=Let's Encrypt; C=US".
std::string_view attributeOf(std::string_view subject, std::string_view type)
{
  while (!subject.empty()) {
    const size_t end = subject.find(';');
    const std::string_view part = trimmed(subject.substr(0, end));
    subject = end == std::string_view::npos ? std::string_view() : subject.substr(end + 1);
    if (part.size() > type.size() && part.substr(0, type.size()) == type && part[type.size()] == '=') {
      return trimmed(part.substr(type.size() + 1));
    }
  }
  return {};
}

std::string organizationOf(std::string_view subject)
{
  for (const std::string_view type : {"O", "CN"}) {
    if (const std::string_view name = attributeOf(subject, type); !name.empty()) {
      return std::string(name);
    }
  }
  return std::string(trimmed(subject));
}

std::set<std::string> domainsOf(std::string_view cell)
{
  std::set<std::string> domains;
  while (!cell.empty()) {
    const size_t end = cell.find_first_of(",; \t\r\n");
    const IssuerDomain domain = parseIssuerDomain(trimmed(cell.substr(0, end)));
    cell = end == std::string_view::npos ? std::string_view() : cell.substr(end + 1);
    if (!domain.domain.empty()) {
      domains.insert(domain.domain);
    }
  }
  return domains;
}

} // namespace

std::string sameName(std::string_view name)
{
  std::string same;
  for (const char written : name) {
    const char c = lowerCase(written);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) {
      same += c;
    }
  }
  return same;
}

CcadbReport parseCcadbReport(std::string_view text)
{
  const std::vector<CsvRow> rows = parseCsv(text);
  if (rows.empty()) {
    throw CsvError(1, "the file is empty");
  }
  const CsvRow& heading = rows.front();
  const auto domains = columnOf(heading, "Recognized CAA Domains");
  const auto subject = columnOf(heading, "Subject");
  const auto owner = columnOf(heading, "CA Owner");
  if (!domains || (!subject && !owner)) {
    throw CsvError(heading.line, "this is not CCADB's report of CAA identifiers: its heading has no column `" + std::string(domains ? "Subject" : "Recognized CAA Domains") + "`");
  }
  CcadbReport report;
  for (size_t index = 1; index < rows.size(); ++index) {
    const CsvRow& row = rows[index];
    if (row.fields.size() != heading.fields.size()) {
      throw CsvError(row.line, "a row of " + std::to_string(row.fields.size()) + " fields below a heading of " + std::to_string(heading.fields.size()));
    }
    ++report.rows;
    const std::string name = owner ? std::string(trimmed(row.fields[*owner])) : organizationOf(row.fields[*subject]);
    const std::set<std::string> found = domainsOf(row.fields[*domains]);
    if (sameName(name).empty() || found.empty()) {
      continue;
    }
    auto& organization = report.organizations[sameName(name)];
    if (organization.name.empty()) {
      organization.name = name;
    }
    organization.domains.insert(found.begin(), found.end());
    report.domains.insert(found.begin(), found.end());
  }
  if (report.domains.empty()) {
    throw CsvError(heading.line, "there is no issuer domain in the whole file");
  }
  return report;
}

} // namespace caapolicy::cli
