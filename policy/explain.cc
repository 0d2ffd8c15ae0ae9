// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain.hh"

#include "grant_text.hh"
#include "source.hh"

namespace caapolicy {

namespace {

std::string place(const Policy& policy, const Location& where)
{
  return policy.files[where.file].path + ":" + std::to_string(where.line);
}

std::string describe(const Policy& policy, const GrantSource& source)
{
  std::string text = grantText(*source.grant);
  if (source.approval == nullptr) {
    return text + ": allowed at " + place(policy, source.grant->where);
  }
  text += ": approved at " + place(policy, source.approval->where);
  if (source.approval->until != kEndOfTime) {
    text += " until " + instantToText(source.approval->until);
  }
  for (const auto& note : {source.approval->ticket, source.approval->reason, source.approval->by}) {
    text += note.empty() ? "" : ", " + note;
  }
  return text;
}

std::string recordLines(const std::string& owner, const Snapshot::Answer& answer)
{
  std::string text;
  for (const auto& record : answer.set->records) {
    text += "  " + owner + " " + std::to_string(answer.ttl) + " IN CAA " + record.toText() + "\n";
  }
  return text;
}

} // namespace

std::string explainName(const Snapshot& snapshot, const Name& name, Instant now)
{
  const auto view = snapshot.find(name.wire());
  const std::string text = name.toText();
  if (!view.governed()) {
    return text + " is not governed: no subtree of the policy is at or above it, and its CAA is left as it is\n";
  }
  const Policy& policy = snapshot.policy();
  const auto reason = snapshot.explain(name.wire(), now);
  const auto own = snapshot.own(view, now);
  const auto child = snapshot.child(view, now);

  std::string out = text + " is governed by " + reason.subtree->name.toText() + " (" + place(policy, reason.subtree->where) + ")\n";
  if (reason.subtree->denied) {
    out += "denied as a whole: the file that it is delegated to has no version that is good here\n";
  }
  if (reason.sources.empty()) {
    out += "nobody may issue for it: no approval is in force and its subtree allows nobody\n";
  }
  for (const auto& source : reason.sources) {
    out += "granted: " + describe(policy, source) + "\n";
  }
  out += "records:\n" + recordLines(text + ".", own);
  if (own.setIndex != child.setIndex) {
    out += "names below it that are not listed:\n" + recordLines("*." + text + ".", child);
  }
  out += own.changes == kEndOfTime ? "changes: not by itself\n" : "changes: " + instantToText(own.changes) + "\n";
  return out;
}

} // namespace caapolicy
