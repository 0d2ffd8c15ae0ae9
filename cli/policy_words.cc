// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/policy_words.hh"

#include "cli/server_attempts.hh"
#include "policy/file_approvals.hh"
#include "policy/issuer_rules.hh"
#include "policy/loader.hh"
#include "policy/yaml_tree.hh"

#include <algorithm>
#include <map>

namespace caapolicy::cli {

namespace {

using Words = std::map<std::string, std::string>; // with what is said about them

class Known {
public:
  explicit Known(const std::filesystem::path& policy, Instant now) : d_loaded(Loader(policy).load(now)) {}

  // Those of `issuers`, in whichever file; a broken policy has some as well.
  void addIssuers(Words& words) const
  {
    for (uint32_t index = 0; index < d_loaded.files.size(); ++index) {
      const SourceFile& file = d_loaded.files[index];
      if (file.path.ends_with(".jsonl")) {
        continue;
      }
      std::vector<Diagnostic> ignored;
      const auto tree = parseYaml(file.text, index, ignored);
      const TreeNode* const issuers = tree ? tree->find("issuers") : nullptr;
      for (const TreeEntry& entry : issuers != nullptr ? issuers->entries : std::vector<TreeEntry>()) {
        const TreeNode* const ca = entry.value.find("ca");
        words.try_emplace(entry.key, ca != nullptr ? ca->text : "");
      }
    }
  }

  // That the policy grants something.
  void addCas(Words& words) const
  {
    eachGrant([&words](const Grant& grant) { words.try_emplace(grant.issuer.ca, "CA"); });
  }

  void addAccounts(Words& words) const
  {
    eachGrant([&words](const Grant& grant) {
      for (const auto& account : grant.issuer.accounts) {
        words.try_emplace(account, grant.issuer.ca);
      }
    });
  }

  void addApprovals(Words& words) const
  {
    if (d_loaded.snapshot != nullptr) {
      for (const auto& approval : allApprovals(d_loaded.snapshot->policy())) {
        words.try_emplace(approval.name.toText(), approval.until == kEndOfTime ? "approved" : "approved until " + instantToText(approval.until));
      }
    }
  }

  void addSubtrees(Words& words) const
  {
    if (d_loaded.snapshot != nullptr) {
      for (const auto& subtree : d_loaded.snapshot->policy().subtrees) {
        words.try_emplace(subtree.name.toText(), "subtree");
      }
    }
  }

private:
  template <typename Function>
  void eachGrant(const Function& function) const
  {
    if (d_loaded.snapshot == nullptr) {
      return;
    }
    for (const auto& subtree : d_loaded.snapshot->policy().subtrees) {
      std::for_each(subtree.allow.begin(), subtree.allow.end(), function);
    }
    for (const auto& approval : allApprovals(d_loaded.snapshot->policy())) {
      std::for_each(approval.grants.begin(), approval.grants.end(), function);
    }
  }

  const LoadResult d_loaded;
};

void addAttempts(Words& words)
{
  try {
    for (const auto& attempt : askForAttempts({}, Complaints::Hidden)) {
      words.try_emplace(attempt.at("name").get<std::string>(), "denied, last at " + attempt.at("last").get<std::string>());
    }
  }
  catch (const Failure&) { // nobody to ask
  }
}

} // namespace

std::vector<Candidate> policyWords(const Wanted& wanted, const Common& common)
{
  const std::string& argument = wanted.argument;
  if (argument == "--format") {
    return {{"text", {}}, {"json", {}}};
  }
  if (argument == "SHELL") {
    return {{"bash", {}}, {"zsh", {}}, {"fish", {}}};
  }
  Words words;
  if (argument == "--method") {
    for (const auto method : acmeMethods()) {
      words.emplace(method, "");
    }
  }
  else if (argument == "name" || argument == "--under" || argument == "--issuer" || argument == "--ca" || argument == "CA" || argument == "--account") {
    const Known known(wanted.policy.empty() ? common.policy : std::filesystem::path(wanted.policy), common.at);
    if (argument == "--issuer") {
      known.addIssuers(words);
    }
    if (argument == "--issuer" || argument == "--ca" || argument == "CA") {
      known.addCas(words);
    }
    if (argument == "--account") {
      known.addAccounts(words);
    }
    // What is approved or revoked: what was tried, or what there is.
    if (argument == "name" && wanted.command != "revoke") {
      addAttempts(words);
    }
    if (argument == "name" && wanted.command != "approve") {
      known.addApprovals(words);
    }
    if (argument == "--under" || (argument == "name" && wanted.command != "approve" && wanted.command != "revoke")) {
      known.addSubtrees(words);
    }
  }
  std::vector<Candidate> candidates;
  for (auto& [word, about] : words) {
    candidates.push_back({word, about});
  }
  return candidates;
}

} // namespace caapolicy::cli
