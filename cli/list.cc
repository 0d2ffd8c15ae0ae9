// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy list: the approvals of the policy.
#include "cli/approval_words.hh"
#include "cli/policy_input.hh"
#include "policy/file_approvals.hh"
#include "policy/issuer_rules.hh"
#include "policy/utf8.hh"

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string expiring, issuer, under;
  bool expired{false};
};

class Filter {
public:
  Filter(const Common& common, const Options& options) : d_now(common.at), d_options(options), d_domain(parseIssuerDomain(options.issuer).domain)
  {
    if (!options.under.empty()) {
      d_under = parseNameArgument(options.under);
    }
    if (!options.expiring.empty()) {
      const auto span = parseSpan(options.expiring);
      if (!span) {
        throw Failure(kUsage, "--expiring: `" + options.expiring + "` is not a span such as 14d: a whole number and `s`, `m`, `h`, `d` or `w`");
      }
      d_within = *span;
    }
  }

  bool takes(const Approval& approval) const
  {
    if (d_options.expired && approval.until > d_now) {
      return false;
    }
    if (d_within != 0 && (!isLive(approval, d_now) || approval.until == kEndOfTime || approval.until - d_now > d_within)) {
      return false;
    }
    if (!isAtOrBelow(approval.name.wire(), d_under.wire())) {
      return false;
    }
    return d_options.issuer.empty() || std::any_of(approval.grants.begin(), approval.grants.end(), [this](const Grant& grant) {
             return grant.writtenAs == d_options.issuer || grant.issuer.ca == d_domain;
           });
  }

private:
  const Instant d_now;
  const Options& d_options;
  const std::string d_domain;
  Name d_under;
  int64_t d_within{0};
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
    return "begins in " + roughly(approval.from - now);
  }
  if (approval.until <= now) {
    return "expired";
  }
  return approval.until == kEndOfTime ? "-" : roughly(approval.until - now);
}

using Row = std::array<std::string, 8>;

size_t width(const std::string& text)
{
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !isUtf8Continuation(c); }));
}

void printTable(const std::vector<Approval>& approvals, const Policy& policy, Instant now)
{
  std::vector<Row> rows{{"NAME", "ISSUER", "FOR", "FROM", "UNTIL", "LEFT", "TICKET", "PLACE"}};
  for (const Approval& approval : approvals) {
    rows.push_back({approval.name.toText(), issuersOf(approval), scopeOf(approval), approval.from == kBeginningOfTime ? "-" : instantToText(approval.from),
                    approval.until == kEndOfTime ? "-" : instantToText(approval.until), leftOf(approval, now), approval.ticket.empty() ? "-" : approval.ticket, placeOf(policy, approval.where)});
  }
  std::array<size_t, 8> widths{};
  for (const Row& row : rows) {
    for (size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], width(row[column]));
    }
  }
  for (size_t index = 0; index < rows.size(); ++index) {
    std::string line;
    for (size_t column = 0; column < rows[index].size(); ++column) {
      const std::string& cell = rows[index][column];
      line += cell + (column + 1 == rows[index].size() ? "" : std::string(widths[column] - width(cell) + 2, ' '));
    }
    constexpr int64_t kSoon = 7 * 86400;
    const Approval* approval = index == 0 ? nullptr : &approvals[index - 1];
    if (approval == nullptr) {
      line = styled(Style::Heading, line);
    }
    else if (!isLive(*approval, now)) {
      line = styled(Style::Faint, line);
    }
    else if (approval->until != kEndOfTime && approval->until - now <= kSoon) {
      line = styled(Style::Warning, line);
    }
    std::cout << line << "\n";
  }
}

int list(const Common& common, const Options& options)
{
  const Filter filter(common, options);
  const LoadResult loaded = loadPolicy(common);
  const Policy& policy = loaded.snapshot->policy();
  std::vector<Approval> approvals = allApprovals(policy);
  const size_t all = approvals.size();
  std::erase_if(approvals, [&filter](const Approval& approval) { return !filter.takes(approval); });
  if (common.json()) {
    Json json = {{"at", instantToText(common.at)}, {"approvals", Json::array()}};
    for (const Approval& approval : approvals) {
      json["approvals"].push_back(toJson(approval, policy, common.at));
    }
    printJson(json);
    return kOk;
  }
  if (approvals.empty()) {
    std::cout << (all == 0 ? "no approvals" : "none of " + std::to_string(all) + " approvals matches") << "\n";
    return kOk;
  }
  printTable(approvals, policy, common.at);
  return kOk;
}

} // namespace

void addList(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("list", "List approvals",
                                  "  caapolicy list --expiring 14d\n"
                                  "  caapolicy list --under shops.example.com --issuer letsencrypt.org --format json",
                                  [&program, options] { return list(program.common(), *options); });
  auto* expiring = command.add_option("--expiring", options->expiring, "Those in force that end within this span: 14d")->type_name("SPAN");
  command.add_flag("--expired", options->expired, "Those that have ended")->excludes(expiring);
  command.add_option("--issuer", options->issuer, "Those of an issuer: a name under `issuers`, or all of a CA by its issuer domain")->type_name("ISSUER");
  command.add_option("--under", options->under, "Those of this name and all below")->type_name("NAME");
}

} // namespace caapolicy::cli
