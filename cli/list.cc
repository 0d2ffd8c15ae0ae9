// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy list: the approvals of the policy.
#include "cli/approval_table.hh"
#include "cli/approval_words.hh"
#include "cli/policy_input.hh"
#include "policy/file_approvals.hh"
#include "policy/issuer_rules.hh"

#include <algorithm>
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
  printApprovals(approvals, policy, common.at);
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
