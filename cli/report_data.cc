// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/report_data.hh"

#include "cli/approve_line.hh"
#include "cli/policy_input.hh"
#include "policy/file_approvals.hh"

#include <map>
#include <tuple>

namespace caapolicy::cli {

namespace {

constexpr Instant kSoon = 30 * 86400; // what ends within it is to be renewed; the page has it among what ends soon

const char* wildcardWord(Wildcard wildcard)
{
  switch (wildcard) {
  case Wildcard::No: return "no";
  case Wildcard::Also: return "also";
  case Wildcard::Only: return "only";
  }
  return "";
}

class ReportData {
public:
  ReportData(const LoadResult& loaded, std::string policyFile, Instant at) :
    d_loaded(loaded), d_snapshot(*loaded.snapshot), d_policy(d_snapshot.policy()), d_policyFile(std::move(policyFile)), d_at(at) {}

  Json make(const AttemptsSeen& seen)
  {
    // Filled first: both add issuers.
    Json subtrees = subtreesAsJson();
    Json approvals = approvalsAsJson();
    Json json = {{"at", instantToText(d_at)}, {"policy", d_policyFile}, {"version", CAAPOLICY_VERSION}};
    json["counts"] = {{"subtrees", subtrees.size()}, {"approvals", approvals.size()}, {"live", d_live}};
    json["issuers"] = std::move(d_issuers);
    json["subtrees"] = std::move(subtrees);
    json["approvals"] = std::move(approvals);
    json["attempts"] = attemptsAsJson(seen);
    if (!seen.why.empty()) {
      json["attemptsMissing"] = seen.why;
    }
    json["problems"] = Json::array();
    for (const auto& diagnostic : d_loaded.diagnostics) {
      json["problems"].push_back(toJson(diagnostic, d_loaded.files));
    }
    return json;
  }

private:
  struct Allowed {
    Json grants;
    bool denied;
    Inherited settings;
  };

  size_t issuerIndex(const Issuer& issuer, const std::string& writtenAs)
  {
    const auto [found, isNew] = d_indexes.try_emplace({writtenAs, issuer.ca, issuer.accounts, issuer.methods}, d_issuers.size());
    if (isNew) {
      d_issuers.push_back({{"ca", issuer.ca}, {"as", writtenAs}, {"accounts", issuer.accounts}, {"methods", issuer.methods}});
    }
    return found->second;
  }

  Json grantAsJson(const Grant& grant) { return {{"issuer", issuerIndex(grant.issuer, grant.writtenAs)}, {"wildcard", wildcardWord(grant.wildcard)}}; }

  Json limitsAsJson(const Limits& limits)
  {
    Json json = Json::object();
    if (limits.issuers) {
      json["issuers"] = Json::array();
      for (const auto& issuer : *limits.issuers) {
        json["issuers"].push_back(issuerIndex(issuer, issuer.ca));
      }
    }
    if (limits.requireAccount) {
      json["require"].push_back("account");
    }
    if (limits.requireMethod) {
      json["require"].push_back("method");
    }
    if (!limits.wildcard) {
      json["wildcard"] = false;
    }
    if (limits.lifetime) {
      json["lifetime"] = spanToText(*limits.lifetime);
    }
    return json;
  }

  static Json domainsOf(const OtherIssuers& issuers)
  {
    Json domains = Json::array();
    for (const auto& issuer : issuers) {
      domains.push_back(issuer.ca);
    }
    return domains;
  }

  // Canonical order puts an ancestor before what is below it: the open ones are those that a name can be below.
  Json subtreesAsJson()
  {
    Json json = Json::array();
    std::vector<std::pair<size_t, Allowed>> open;
    for (size_t index = 0; index < d_policy.subtrees.size(); ++index) {
      const Subtree& subtree = d_policy.subtrees[index];
      while (!open.empty() && !isAtOrBelow(subtree.name.wire(), d_policy.subtrees[open.back().first].name.wire())) {
        open.pop_back();
      }
      const Allowed* above = open.empty() ? nullptr : &open.back().second;
      Allowed mine{Json::array(), subtree.denied || (above != nullptr && above->denied), subtree.settings};
      for (const auto& grant : subtree.allow) {
        mine.grants.push_back(grantAsJson(grant));
      }
      if (subtree.inherit && above != nullptr) {
        for (Json grant : above->grants) {
          grant["inherited"] = true;
          mine.grants.push_back(std::move(grant));
        }
      }
      const Inherited& outer = above != nullptr ? above->settings : d_policy.defaults;
      if (!mine.settings.mail) {
        mine.settings.mail = outer.mail;
      }
      if (!mine.settings.vmc) {
        mine.settings.vmc = outer.vmc;
      }
      Json entry = {{"name", subtree.name.toText()}, {"place", placeOf(d_policy, subtree.where)}, {"parent", above != nullptr ? Json(open.back().first) : Json()},
                    {"denied", mine.denied}, {"allow", mine.denied ? Json::array() : mine.grants}};
      if (mine.settings.mail) {
        entry["mail"] = domainsOf(*mine.settings.mail);
      }
      if (mine.settings.vmc) {
        entry["vmc"] = domainsOf(*mine.settings.vmc);
      }
      if (subtree.limits) {
        entry["limits"] = limitsAsJson(*subtree.limits);
      }
      d_denied.push_back(mine.denied);
      json.push_back(std::move(entry));
      open.emplace_back(index, std::move(mine));
    }
    return json;
  }

  const char* stateOf(const Approval& approval, size_t subtree) const
  {
    if (approval.until <= d_at) {
      return "ended";
    }
    if (d_denied[subtree]) {
      return "denied";
    }
    return approval.from > d_at ? "later" : "live";
  }

  Json approvalsAsJson()
  {
    Json json = Json::array();
    for (const auto& approval : allApprovals(d_policy)) {
      const Subtree* governing = d_snapshot.explain(approval.name.wire(), d_at).subtree;
      const auto subtree = static_cast<size_t>(governing - d_policy.subtrees.data());
      const std::string state = stateOf(approval, subtree);
      d_live += static_cast<size_t>(state == "live");
      Json entry = {{"name", approval.name.toText()}, {"state", state}, {"governedBy", subtree},
                    {"place", placeOf(d_policy, approval.where)}, {"grants", Json::array()}};
      const bool isToRenew = state == "live" && approval.until - d_at <= kSoon;
      for (const auto& grant : approval.grants) {
        entry["grants"].push_back(grantAsJson(grant));
        if (isToRenew) {
          entry["renew"].push_back(renewalLine(approval, grant));
        }
      }
      if (approval.subtree) {
        entry["subtree"] = true;
      }
      if (approval.from != kBeginningOfTime) {
        entry["from"] = instantToText(approval.from);
      }
      if (approval.until != kEndOfTime) {
        entry["until"] = instantToText(approval.until);
      }
      for (const auto& [key, note] : {std::pair{"reason", &approval.reason}, {"ticket", &approval.ticket}, {"by", &approval.by}}) {
        if (!note->empty()) {
          entry[key] = *note;
        }
      }
      json.push_back(std::move(entry));
    }
    return json;
  }

  Json attemptsAsJson(const AttemptsSeen& seen) const
  {
    if (!seen.attempts) {
      return nullptr;
    }
    Json json = Json::array();
    for (Json attempt : *seen.attempts) {
      const auto name = Name::parseHostName(attempt.at("name").get<std::string>());
      attempt["allowedNow"] = name.fault == NameFault::None && !d_snapshot.explain(name.name.wire(), d_at).sources.empty();
      json.push_back(std::move(attempt));
    }
    return json;
  }

  const LoadResult& d_loaded;
  const Snapshot& d_snapshot;
  const Policy& d_policy;
  const std::string d_policyFile;
  const Instant d_at;
  Json d_issuers = Json::array();
  std::map<std::tuple<std::string, std::string, std::vector<std::string>, std::vector<std::string>>, size_t> d_indexes;
  std::vector<bool> d_denied; // of the subtrees
  size_t d_live{0};
};

} // namespace

Json reportData(const LoadResult& loaded, const std::string& policyFile, Instant at, const AttemptsSeen& seen)
{
  return ReportData(loaded, policyFile, at).make(seen);
}

} // namespace caapolicy::cli
