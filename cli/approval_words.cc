// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/approval_words.hh"

#include "cli/policy_input.hh"
#include "policy/grant_text.hh"

#include <algorithm>
#include <set>

namespace caapolicy::cli {

namespace {

Json wildcardValue(Wildcard wildcard)
{
  return wildcard == Wildcard::Only ? Json("only") : Json(wildcard == Wildcard::Also);
}

// As it is now: no TTL reaches past the next change.
Instant ttlOf(const Snapshot::Answer& answer, Instant now)
{
  return answer.changes == kEndOfTime ? answer.ttl : std::clamp<Instant>(answer.changes - now - 1, 0, answer.ttl);
}

} // namespace

std::string issuersOf(const Approval& approval)
{
  std::vector<std::string> issuers;
  for (const auto& grant : approval.grants) {
    issuers.push_back(grant.writtenAs);
  }
  return joined(issuers);
}

std::string scopeOf(const Approval& approval)
{
  const bool below = approval.subtree;
  switch (approval.grants.front().wildcard) {
  case Wildcard::No: break;
  case Wildcard::Also: return below ? "this name, its wildcard and all below" : "this name and its wildcard";
  case Wildcard::Only: return below ? "the wildcards of this name and of all below" : "its wildcard only";
  }
  return below ? "this name and all below" : "this name only";
}

bool isLive(const Approval& approval, Instant now) { return approval.from <= now && now < approval.until; }

std::string endOf(const Approval& approval) { return approval.until == kEndOfTime ? "for ever" : "until " + instantToText(approval.until); }

Json toJson(const Approval& approval, const Policy& policy, Instant now)
{
  Json issuers = Json::array();
  for (const auto& grant : approval.grants) {
    issuers.push_back({{"issuer", grant.writtenAs}, {"ca", grant.issuer.ca}, {"accounts", grant.issuer.accounts}, {"methods", grant.issuer.methods}});
  }
  Json json = {{"name", approval.name.toText()},
               {"issuers", issuers},
               {"wildcard", wildcardValue(approval.grants.front().wildcard)},
               {"subtree", approval.subtree},
               {"state", isLive(approval, now) ? "live" : now < approval.from ? "to come" : "expired"},
               {"from", approval.from == kBeginningOfTime ? Json() : Json(instantToText(approval.from))},
               {"until", approval.until == kEndOfTime ? Json() : Json(instantToText(approval.until))}};
  for (const auto& [key, note] : {std::pair{"reason", approval.reason}, {"ticket", approval.ticket}, {"by", approval.by}}) {
    if (!note.empty()) {
      json[key] = note;
    }
  }
  json["place"] = placeOf(policy, approval.where);
  return json;
}

std::vector<std::string> holders(const Snapshot& snapshot, const Name& name, Instant now)
{
  std::set<std::string> texts;
  for (const auto& source : snapshot.explain(name.wire(), now).sources) {
    texts.insert(grantText(*source.grant));
  }
  return {texts.begin(), texts.end()};
}

std::string holdersText(const Snapshot& snapshot, const Name& name, Instant now)
{
  if (!snapshot.find(name.wire()).governed()) {
    return "not governed by the policy";
  }
  std::string text;
  for (const auto& holder : holders(snapshot, name, now)) {
    text += (text.empty() ? "" : "; ") + holder;
  }
  return text.empty() ? "nobody" : text;
}

std::vector<std::string> recordLines(const Snapshot& snapshot, const Name& name, Instant now)
{
  std::vector<std::string> lines;
  const auto view = snapshot.find(name.wire());
  if (!view.governed()) {
    return lines;
  }
  const auto add = [&](const std::string& owner, const Snapshot::Answer& answer) {
    for (const auto& record : answer.set->records) {
      lines.push_back(owner + ". " + std::to_string(ttlOf(answer, now)) + " IN CAA " + record.toText());
    }
  };
  const auto own = snapshot.own(view, now);
  const auto child = snapshot.child(view, now);
  add(name.toText(), own);
  if (own.setIndex != child.setIndex) {
    add("*." + name.toText(), child);
  }
  return lines;
}

std::string inForceWhen(const Snapshot& before, const Name& name, Instant now)
{
  const auto view = before.find(name.wire());
  const Instant ttl = view.governed() ? ttlOf(before.own(view, now), now) : 0;
  return "in force within a moment where the server watches its files (caapolicy-watch), otherwise after `pdns_control reload`"
    + (ttl == 0 ? std::string() : "; resolvers that asked before go on for up to " + spanToText(ttl));
}

std::string actsOnFor(const Snapshot& snapshot, const Name& name, Instant now)
{
  constexpr uint32_t kReuse = 8 * 3600;
  const auto view = snapshot.find(name.wire());
  const uint32_t ttl = view.governed() ? snapshot.own(view, now).ttl : 0;
  return ttl > kReuse ? spanToText(ttl) : "8 hours";
}

} // namespace caapolicy::cli
