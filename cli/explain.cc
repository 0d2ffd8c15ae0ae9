// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy explain: who may issue for a name by the policy, and why, and what a CA makes of it.
#include "cli/approve_line.hh"
#include "cli/ca_request.hh"
#include "cli/policy_input.hh"
#include "policy/evaluate.hh"
#include "policy/grant_text.hh"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string name;
  RequestOptions request;
};

// What stands at a name that a CA asks about.
struct Step {
  Name name;
  std::optional<Snapshot::Answer> answer; // none: nothing that the policy knows of
  std::string why;
};

// The steps of RFC 8659 3 by the policy alone. Where the name is not in its zone, what the CA sees depends on
// `nonexistent-names`; that the verdict doesn't is shown by what follows.
std::vector<Step> climb(const Snapshot& snapshot, const Name& name, Instant now)
{
  const auto view = snapshot.find(name.wire());
  if (!view.governed()) {
    return {{name, std::nullopt, "not governed: the CAA records that the zone has there, or above it, decide"}};
  }
  if (snapshot.published(view, now)) {
    return {{name, snapshot.own(view, now), "the records above; the name is there by the policy, so the CA goes no further"}};
  }
  std::vector<Step> steps{{name, snapshot.own(view, now), "the records above, if the name exists or the server answers for names that don't"}};
  for (Name above = name.parent(); !above.isRoot(); above = above.parent()) {
    const auto at = snapshot.find(above.wire());
    if (!snapshot.published(at, now)) {
      steps.push_back({above, std::nullopt, "likewise: the same records, if it exists"});
      continue;
    }
    const bool guarded = snapshot.own(at, now).setIndex != snapshot.child(at, now).setIndex;
    if (guarded) {
      const Name& asked = steps.back().name; // the name below, which the guard answers for
      steps.push_back({asked, snapshot.child(at, now), "otherwise the guard *." + above.toText() + " answers, since what is granted to " + above.toText() + " is not for names below; the CA goes no further"});
    }
    else {
      steps.push_back({above, snapshot.own(at, now), "otherwise its records, which are there by the policy and permit the same; the CA goes no further"});
    }
    break;
  }
  return steps;
}

Json recordsOf(const Snapshot::Answer& answer)
{
  Json records = Json::array();
  for (const auto& record : answer.set->records) {
    records.push_back(record.toText());
  }
  return records;
}

// What keeps a grant from covering the request; empty: nothing.
std::string missingIn(const Grant& grant, const CaRequest& request)
{
  std::vector<std::string> missing;
  const auto& issuer = grant.issuer;
  const auto holds = [](const std::vector<std::string>& list, const std::string& wanted) {
    return list.empty() || std::find(list.begin(), list.end(), wanted) != list.end();
  };
  if (!holds(issuer.accounts, request.account)) {
    missing.push_back(request.account.empty() ? "the request names no account, and the grant is only for " + joined(issuer.accounts) : "it is only for the account " + joined(issuer.accounts));
  }
  if (!holds(issuer.methods, request.method)) {
    missing.push_back(request.method.empty() ? "the request names no method, and the grant is only for " + joined(issuer.methods) : "it is only for the method " + joined(issuer.methods));
  }
  if (request.wildcard && grant.wildcard == Wildcard::No) {
    missing.emplace_back("it is not for wildcards");
  }
  if (!request.wildcard && grant.wildcard == Wildcard::Only) {
    missing.emplace_back("it is for wildcards only");
  }
  std::string text;
  for (const auto& one : missing) {
    text += (text.empty() ? "" : "; ") + one;
  }
  return text;
}

class Explanation {
public:
  Explanation(const Snapshot& snapshot, const Common& common, const Options& options) :
    d_snapshot(snapshot), d_common(common), d_name(parseNameArgument(options.name)),
    d_view(snapshot.find(d_name.wire())), d_reason(snapshot.explain(d_name.wire(), common.at))
  {
    d_request = options.request.forName(d_name);
    if (!d_request.ca.empty() && d_view.governed()) {
      d_verdict = evaluate(d_request, [this](const Name& name) -> CaaLookup {
        const auto view = d_snapshot.find(name.wire());
        return view.governed() ? CaaLookup{*d_snapshot.own(view, d_common.at).set} : CaaLookup{NoCaa{}};
      });
    }
  }

  int print() const
  {
    d_common.json() ? printJson(asJson()) : printText();
    return d_verdict && !d_verdict->allow ? kDenied : kOk;
  }

private:
  std::string place(const Location& where) const { return placeOf(d_snapshot.policy(), where); }

  // The request doesn't say what the grant is bound to: with the right account and method it would be covered.
  bool leavesOpen(const Grant& grant) const
  {
    CaRequest said = d_request;
    if (said.account.empty() && !grant.issuer.accounts.empty()) {
      said.account = grant.issuer.accounts.front();
    }
    if (said.method.empty() && !grant.issuer.methods.empty()) {
      said.method = grant.issuer.methods.front();
    }
    return missingIn(grant, said).empty();
  }

  bool isLeftOpen() const
  {
    return std::any_of(d_reason.sources.begin(), d_reason.sources.end(), [this](const auto& source) {
      return source.grant->issuer.ca == d_request.ca && leavesOpen(*source.grant);
    });
  }

  // Grants of the same CA that don't cover the request.
  std::vector<std::string> nearMisses() const
  {
    std::vector<std::string> misses;
    for (const auto& source : d_reason.sources) {
      if (source.grant->issuer.ca == d_request.ca) {
        misses.push_back("the grant of " + d_request.ca + " at " + place(source.grant->where) + " doesn't cover it: " + missingIn(*source.grant, d_request));
      }
    }
    if (misses.empty()) {
      misses.push_back("nothing that is in force grants " + d_request.ca + " anything here");
    }
    return misses;
  }

  // Nobody should approve more than is granted now because a request was given in part.
  std::string approveLine() const
  {
    ApproveLine line{d_name.toText(), d_request.ca};
    line.wildcard = d_request.wildcard ? Wildcard::Only : Wildcard::No;
    const auto take = [](std::vector<std::string>& words, const std::string& word) {
      if (words.empty() && !word.empty()) {
        words.push_back(word);
      }
    };
    take(line.accounts, d_request.account);
    take(line.methods, d_request.method);
    for (const auto& source : d_reason.sources) {
      const Issuer& issuer = source.grant->issuer;
      if (issuer.ca == d_request.ca) {
        take(line.accounts, issuer.accounts.empty() ? "" : issuer.accounts.front());
        take(line.methods, issuer.methods.empty() ? "" : issuer.methods.front());
      }
    }
    return caapolicy::cli::approveLine(line);
  }

  void printText() const
  {
    const std::string name = d_name.toText();
    if (!d_view.governed()) {
      std::cout << name << " is not governed: no subtree of the policy is at or above it, and its CAA is left as it is\n";
      return;
    }
    if (d_verdict) {
      std::cout << (d_verdict->allow ? styled(Style::Good, "allowed") : styled(Style::Bad, "denied")) << ": "
                << requestText(d_request) << "\n";
    }
    std::cout << name << " is governed by " << d_reason.subtree->name.toText() << " (" << place(d_reason.subtree->where) << ")\n";
    if (d_reason.subtree->denied) {
      std::cout << "denied as a whole: the file that it is delegated to has no version that is good here\n";
    }
    printGrants();
    printRecords();
    printClimb();
    if (d_verdict && !d_verdict->allow) {
      std::cout << styled(Style::Heading, "what is missing:") << "\n";
      for (const auto& miss : nearMisses()) {
        std::cout << "  " << miss << "\n";
      }
      std::cout << "  " << (isLeftOpen() ? "a request that names them is allowed: ask with --account and --method" : "to grant it: " + styled(Style::Heading, approveLine())) << "\n";
    }
    else if (!d_verdict && d_reason.sources.empty() && !d_reason.subtree->denied) {
      std::cout << "to let a CA issue: " << styled(Style::Heading, caapolicy::cli::approveLine({name, "ISSUER", {}, {}, Wildcard::No, false, "30d"})) << "\n";
    }
  }

  void printGrants() const
  {
    if (d_reason.sources.empty()) {
      std::cout << "nobody may issue for it: no approval is in force, and its subtree allows nobody\n";
      return;
    }
    std::cout << styled(Style::Heading, "grants:") << "\n";
    for (const auto& source : d_reason.sources) {
      std::cout << "  " << grantText(*source.grant) << "\n    ";
      if (source.approval == nullptr) {
        std::cout << "allowed at " << place(source.grant->where) << "\n";
        continue;
      }
      const Approval& approval = *source.approval;
      std::cout << "approved at " << place(approval.where) << (approval.subtree ? " with all names below " + approval.name.toText() : "")
                << (approval.until == kEndOfTime ? "" : " until " + instantToText(approval.until));
      for (const auto& [word, note] : {std::pair{"ticket ", approval.ticket}, {"reason: ", approval.reason}, {"by ", approval.by}}) {
        std::cout << (note.empty() ? "" : std::string(", ") + word + note);
      }
      std::cout << "\n";
    }
  }

  void printRecords() const
  {
    const auto own = d_snapshot.own(d_view, d_common.at);
    const auto child = d_snapshot.child(d_view, d_common.at);
    const auto print = [this](const std::string& owner, const Snapshot::Answer& answer) {
      for (const auto& record : answer.set->records) {
        std::cout << "  " << owner << ". " << ttl(answer) << " IN CAA " << record.toText() << "\n";
      }
    };
    std::cout << styled(Style::Heading, "records:") << "\n";
    print(d_name.toText(), own);
    if (own.setIndex != child.setIndex) {
      std::cout << "  ; the guard: names below are not granted what " << d_name.toText() << " is\n";
      print("*." + d_name.toText(), child);
    }
    std::cout << "next change: " << (own.changes == kEndOfTime ? "none until the policy is changed" : instantToText(own.changes)) << "\n";
  }

  // It doesn't reach past the next change.
  Instant ttl(const Snapshot::Answer& answer) const
  {
    return answer.changes == kEndOfTime ? answer.ttl : std::clamp<Instant>(answer.changes - d_common.at - 1, 0, answer.ttl);
  }

  void printClimb() const
  {
    std::cout << styled(Style::Heading, "what a CA sees, going up from the name until there are CAA records:") << "\n";
    for (const auto& step : climb(d_snapshot, d_name, d_common.at)) {
      std::cout << "  " << step.name.toText() << ": " << step.why << "\n";
    }
  }

  Json asJson() const
  {
    Json json = {{"name", d_name.toText()}, {"at", instantToText(d_common.at)}, {"governed", d_view.governed()}};
    if (!d_view.governed()) {
      return json;
    }
    const auto own = d_snapshot.own(d_view, d_common.at);
    const auto child = d_snapshot.child(d_view, d_common.at);
    json["subtree"] = {{"name", d_reason.subtree->name.toText()}, {"place", place(d_reason.subtree->where)}, {"denied", d_reason.subtree->denied}};
    json["grants"] = Json::array();
    for (const auto& source : d_reason.sources) {
      json["grants"].push_back(grantAsJson(source));
    }
    json["ttl"] = ttl(own);
    json["records"] = recordsOf(own);
    if (own.setIndex != child.setIndex) {
      json["belowRecords"] = recordsOf(child);
    }
    json["changes"] = own.changes == kEndOfTime ? Json() : Json(instantToText(own.changes));
    json["climb"] = Json::array();
    for (const auto& step : climb(d_snapshot, d_name, d_common.at)) {
      json["climb"].push_back({{"name", step.name.toText()}, {"records", step.answer ? recordsOf(*step.answer) : Json::array()}, {"why", step.why}});
    }
    if (d_verdict) {
      json["verdict"] = {{"allow", d_verdict->allow}, {"ca", d_request.ca}, {"account", d_request.account}, {"method", d_request.method}, {"wildcard", d_request.wildcard}};
      if (!d_verdict->allow) {
        json["verdict"]["missing"] = nearMisses();
        json["verdict"]["approve"] = isLeftOpen() ? Json() : Json(approveLine());
      }
    }
    return json;
  }

  Json grantAsJson(const GrantSource& source) const
  {
    const Issuer& issuer = source.grant->issuer;
    Json grant = {{"ca", issuer.ca}, {"accounts", issuer.accounts}, {"methods", issuer.methods}, {"wildcard", wildcardText(source.grant->wildcard)},
                  {"place", place(source.approval == nullptr ? source.grant->where : source.approval->where)}};
    if (const Approval* approval = source.approval.get()) {
      grant["approval"] = {{"name", approval->name.toText()}, {"subtree", approval->subtree}};
      if (approval->from != kBeginningOfTime) {
        grant["approval"]["from"] = instantToText(approval->from);
      }
      if (approval->until != kEndOfTime) {
        grant["approval"]["until"] = instantToText(approval->until);
      }
      for (const auto& [key, note] : {std::pair{"reason", approval->reason}, {"ticket", approval->ticket}, {"by", approval->by}}) {
        if (!note.empty()) {
          grant["approval"][key] = note;
        }
      }
    }
    return grant;
  }

  const Snapshot& d_snapshot;
  const Common& d_common;
  const Name d_name;
  const Snapshot::View d_view;
  const Snapshot::Reason d_reason;
  CaRequest d_request;
  std::optional<Verdict> d_verdict; // where a CA was given
};

int explain(const Common& common, const Options& options)
{
  options.request.check();
  parseNameArgument(options.name); // before a long load
  const LoadResult loaded = loadPolicy(common);
  Options asked = options;
  asked.request.nameCa(loaded.issuers, *loaded.catalogue);
  return Explanation(*loaded.snapshot, common, asked).print();
}

} // namespace

void addExplain(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("explain", "Say who may issue for a name by the policy, and why",
                                  "  caapolicy explain shop.example.com\n"
                                  "  caapolicy explain shop.example.com --ca letsencrypt.org --method dns-01\n"
                                  "  caapolicy explain shop.example.com --ca letsencrypt.org --wildcard --at 2027-01-01T00:00:00Z",
                                  [&program, options] { return explain(program.common(), *options); });
  command.add_option("name", options->name, "Host name, without `*.`")->required()->type_name("NAME");
  addRequestOptions(command, options->request);
}

} // namespace caapolicy::cli
