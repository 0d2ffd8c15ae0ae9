// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy prune: takes approvals out of the files that have ended.
#include "cli/approval_words.hh"
#include "cli/policy_change.hh"
#include "cli/policy_input.hh"
#include "policy/file_approvals.hh"

#include <algorithm>
#include <ctime>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string older;
  bool dryRun{false};
};

// Before this instant; 0: as soon as it has ended.
Instant endedBy(const Common& common, const Options& options)
{
  if (options.older.empty() || options.older == "0d") {
    return common.at;
  }
  const auto span = parseSpan(options.older);
  if (!span) {
    throw Failure(kUsage, "--older: `" + options.older + "` is not a span such as 30d: a whole number and `s`, `m`, `h`, `d` or `w`");
  }
  return common.at - std::min<int64_t>(*span, int64_t{1} << 40);
}

int prune(const Common& common, const Options& options)
{
  const Instant ended = endedBy(common, options);
  if (!options.dryRun && common.at > std::time(nullptr)) {
    throw Failure(kUsage, "--at: with an instant to come, approvals would go that are in force; add --dry-run to see which");
  }
  PolicyChange change(common);
  const Policy& policy = change.policy();
  std::vector<Approval> approvals = allApprovals(policy);
  std::erase_if(approvals, [ended](const Approval& approval) { return approval.until > ended; });
  WithdrawalsByFile withdrawals;
  for (const Approval& approval : approvals) {
    withdrawals[approval.where.file].push_back({approval.where, {}});
  }
  const WithdrawalPlan plan = planWithdrawals(policy, withdrawals);
  change.check(plan.pending);
  if (!options.dryRun) {
    change.write(plan.pending);
    change.removeLeftovers();
  }

  Json json = {{"done", !options.dryRun}, {"pruned", Json::array()}, {"byHand", Json::array()}, {"changedFiles", Json::array()}, {"removedFiles", Json::array()}};
  for (const Approval& approval : approvals) {
    const bool byHand = std::find(plan.byHand.begin(), plan.byHand.end(), approval.where.file) != plan.byHand.end();
    json[byHand ? "byHand" : "pruned"].push_back(toJson(approval, policy, common.at));
    if (!common.json()) {
      (byHand ? std::cerr << "to be edited by hand: " : std::cout << (options.dryRun ? "would prune: " : "pruned: "))
        << approval.name.toText() << " for " << issuersOf(approval) << ", ended " << instantToText(approval.until) << ", " << placeOf(policy, approval.where) << "\n";
    }
  }
  for (const auto& [path, text] : plan.pending) {
    json[text ? "changedFiles" : "removedFiles"].push_back(path.string());
  }
  if (common.json()) {
    printJson(json);
  }
  else if (withdrawals.empty()) {
    std::cout << "nothing to prune: no approval has ended by " << instantToText(ended) << "\n";
  }
  if (!plan.byHand.empty()) {
    throw Failure(kFailed, "some are written in a way in which they can't be taken out without touching something else");
  }
  return kOk;
}

} // namespace

void addPrune(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("prune", "Remove approvals that have ended",
                                  "  caapolicy prune --dry-run\n"
                                  "  caapolicy prune --older 90d",
                                  [&program, options] { return prune(program.common(), *options); });
  command.add_option("--older", options->older, "Only those that ended this long ago: 90d; default: 0d")->type_name("SPAN");
  command.add_flag("--dry-run", options->dryRun, "Say which, and write nothing");
}

} // namespace caapolicy::cli
