// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy revoke: takes approvals of a name back.
#include "cli/approval_words.hh"
#include "cli/policy_change.hh"
#include "cli/policy_input.hh"
#include "policy/grant_text.hh"
#include "policy/issuer_rules.hh"

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string name, issuer;
  bool dryRun{false};
};

class Revoking {
public:
  Revoking(const Common& common, const Options& options) :
    d_common(common), d_options(options), d_name(parseNameArgument(options.name)), d_domain(parseIssuerDomain(options.issuer).domain), d_change(common)
  {
  }

  int run()
  {
    const WithdrawalsByFile withdrawals = choose();
    if (withdrawals.empty()) {
      throw Failure(kFailed, nothingFound());
    }
    const WithdrawalPlan plan = planWithdrawals(policy(), withdrawals);
    if (!plan.byHand.empty()) {
      const Location& where = withdrawals.at(plan.byHand.front()).front().approval;
      throw Failure(kFailed, "the approval at " + placeOf(policy(), where) + " is written in a way in which it can't be taken out without touching something else; edit it by hand; nothing was written");
    }
    d_after = d_change.check(plan.pending);
    if (!d_options.dryRun) {
      d_change.write(plan.pending);
    }
    d_common.json() ? printJson(asJson(plan)) : printText(plan);
    return kOk;
  }

private:
  const Policy& policy() const { return d_change.policy(); }

  bool isMeant(const Grant& grant) const { return d_options.issuer.empty() || grant.writtenAs == d_options.issuer || grant.issuer.ca == d_domain; }

  WithdrawalsByFile choose()
  {
    WithdrawalsByFile withdrawals;
    for (const auto& approval : d_change.before().snapshot->approvalsOf(d_name.wire())) {
      std::vector<Location> gone;
      for (const Grant& grant : approval->grants) {
        if (isMeant(grant)) {
          gone.push_back(grant.where);
        }
      }
      if (gone.empty()) {
        continue;
      }
      Approval revoked = *approval;
      std::erase_if(revoked.grants, [this](const Grant& grant) { return !isMeant(grant); });
      d_revoked.push_back(std::move(revoked));
      withdrawals[approval->where.file].push_back({approval->where, gone.size() == approval->grants.size() ? std::vector<Location>() : gone});
    }
    return withdrawals;
  }

  std::string nothingFound() const
  {
    std::set<std::string> others;
    for (const auto& approval : d_change.before().snapshot->approvalsOf(d_name.wire())) {
      others.insert(issuersOf(*approval) + " at " + placeOf(policy(), approval->where));
    }
    std::string text = "there is no approval of `" + d_name.toText() + "`";
    if (!others.empty()) {
      return text + " for `" + d_options.issuer + "`, but for " + joined({others.begin(), others.end()});
    }
    const std::string rest = elsewhere(*d_change.before().snapshot);
    return text + (rest.empty() ? "" : "; what lets CAs issue for it: " + rest);
  }

  // Who may issue by something that is no approval of this very name.
  std::string elsewhere(const Snapshot& snapshot) const
  {
    std::vector<std::string> grants;
    for (const auto& source : snapshot.explain(d_name.wire(), d_common.at).sources) {
      if (source.approval == nullptr || source.approval->name != d_name) {
        const Name& holder = source.approval != nullptr ? source.approval->name : snapshot.explain(d_name.wire(), d_common.at).subtree->name;
        grants.push_back(source.grant->writtenAs + (source.approval != nullptr ? ", approved for all below " + holder.toText() : ", allowed") + " at " + placeOf(snapshot.policy(), source.grant->where));
      }
    }
    std::string text;
    for (const auto& grant : grants) {
      text += (text.empty() ? "" : "; ") + grant;
    }
    return text;
  }

  bool anyWasLive() const
  {
    return std::any_of(d_revoked.begin(), d_revoked.end(), [this](const Approval& approval) { return isLive(approval, d_common.at); });
  }

  void printText(const WithdrawalPlan& plan) const
  {
    for (const Approval& approval : d_revoked) {
      std::cout << styled(Style::Bad, d_options.dryRun ? "would revoke" : "revoked") << ": " << d_name.toText() << " for " << issuersOf(approval) << " (" << scopeOf(approval) << ") " << endOf(approval) << ", "
                << placeOf(policy(), approval.where) << "\n";
    }
    for (const auto& [path, text] : plan.pending) {
      std::cout << (d_options.dryRun ? (text ? "would change: " : "would remove: ") : (text ? "changed: " : "removed: ")) << path.string() << "\n";
    }
    std::cout << "before: " << holdersText(*d_change.before().snapshot, d_name, d_common.at) << "\n";
    std::cout << "after: " << holdersText(*d_after.snapshot, d_name, d_common.at) << "\n";
    if (const std::string rest = elsewhere(*d_after.snapshot); !rest.empty()) {
      std::cout << styled(Style::Warning, "not revoked: ") << rest << "\n";
    }
    if (!d_options.dryRun) {
      std::cout << (d_common.atGiven ? "all of this as of " + instantToText(d_common.at) : inForceWhen(*d_change.before().snapshot, d_name, d_common.at)) << "\n";
    }
    if (anyWasLive()) {
      std::cout << "a CA may still act on what it saw for up to " << actsOnFor(*d_change.before().snapshot, d_name, d_common.at) << "\n";
    }
  }

  Json asJson(const WithdrawalPlan& plan) const
  {
    Json json = {{"done", !d_options.dryRun}, {"revoked", Json::array()}, {"changedFiles", Json::array()}, {"removedFiles", Json::array()}};
    for (const Approval& approval : d_revoked) {
      json["revoked"].push_back(toJson(approval, policy(), d_common.at));
    }
    for (const auto& [path, text] : plan.pending) {
      json[text ? "changedFiles" : "removedFiles"].push_back(path.string());
    }
    json["before"] = holders(*d_change.before().snapshot, d_name, d_common.at);
    json["after"] = holders(*d_after.snapshot, d_name, d_common.at);
    return json;
  }

  const Common& d_common;
  const Options& d_options;
  const Name d_name;
  const std::string d_domain; // of --issuer, if it is one
  PolicyChange d_change;
  std::vector<Approval> d_revoked; // with the issuers that are revoked
  LoadResult d_after;
};

} // namespace

void addRevoke(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("revoke", "Take approvals of a name back",
                                  "  caapolicy revoke shop.example.com\n"
                                  "  caapolicy revoke shop.example.com --issuer letsencrypt.org --dry-run",
                                  [&program, options] { return Revoking(program.common(), *options).run(); });
  command.add_option("name", options->name, "Host name; approvals of names above or below are left")->required()->type_name("NAME");
  command.add_option("--issuer", options->issuer, "Only for this issuer: a name under `issuers`, or all of a CA by its issuer domain")->type_name("ISSUER");
  command.add_flag("--dry-run", options->dryRun, "Say what would change, and write nothing");
}

} // namespace caapolicy::cli
