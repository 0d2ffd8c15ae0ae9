// SPDX-License-Identifier: GPL-2.0-or-later

#include "messages.hh"
#include "parsed_file.hh"
#include "reader_parts.hh"

#include <utility>

namespace caapolicy {

namespace {

using Use = ApprovalList::Use;

// The values of an approval's keys; null: it has none.
struct Values {
  const TreeNode* name{nullptr};
  const TreeNode* issuer{nullptr};
  const TreeEntry* issuers{nullptr};
  const TreeNode* wildcard{nullptr};
  const TreeNode* subtree{nullptr};
  const TreeNode* from{nullptr};
  const TreeNode* until{nullptr};
  const TreeNode* reason{nullptr};
  const TreeNode* ticket{nullptr};
  const TreeNode* by{nullptr};

  explicit Values(const TreeNode& map)
  {
    for (const TreeEntry& entry : map.entries) {
      if (entry.key == "issuers") {
        issuers = &entry;
      }
      for (const auto& [key, value] : {std::pair<std::string_view, const TreeNode**>{"name", &name}, {"issuer", &issuer}, {"until", &until},
                                       {"ticket", &ticket}, {"by", &by}, {"reason", &reason}, {"from", &from},
                                       {"wildcard", &wildcard}, {"subtree", &subtree}}) {
        if (entry.key == key) {
          *value = &entry.value;
        }
      }
    }
  }
};

// What it means is told by linkIssuers.
void readUse(const TreeNode& node, std::string_view what, const Reading& reading, ApprovalListBuilder& approvals, std::vector<Use>& uses)
{
  if (node.isMap() || wantText(node, what, reading)) {
    uses.push_back({approvals.refer(node), {0, node.where.line, node.where.column, node.where.length}});
  }
}

// Of `issuer` or of `issuers`, whichever there is.
std::vector<Use> readUses(const TreeNode& map, const Values& values, const Reading& reading, ApprovalListBuilder& approvals)
{
  std::vector<Use> uses;
  if (values.issuer == nullptr && values.issuers == nullptr) {
    reading.report(messages::noIssuer(map.where, contextName(KeyContext::Approval), "issuers"));
    return uses;
  }
  if (values.issuer != nullptr) {
    readUse(*values.issuer, "`issuer`", reading, approvals, uses);
  }
  if (values.issuers == nullptr) {
    return uses;
  }
  if (values.issuer != nullptr) {
    reading.report(messages::issuerAndIssuers(values.issuers->keyWhere));
  }
  const TreeNode& many = values.issuers->value;
  if (many.isList() && many.items.empty()) {
    reading.report(messages::emptyList(many.where, "`issuers`", "an approval without an issuer approves nothing: remove the approval"));
    return uses;
  }
  if (wantList(many, "`issuers`", reading)) {
    for (const TreeNode& item : many.items) {
      readUse(item, "an issuer", reading, approvals, uses);
    }
  }
  return uses;
}

std::string_view readNote(const TreeNode* node, std::string_view what, const Reading& reading)
{
  return node != nullptr && wantText(*node, what, reading, true) ? std::string_view(node->text) : std::string_view();
}

} // namespace

void readApproval(const TreeNode& node, const Reading& reading, ApprovalListBuilder& approvals)
{
  const size_t before = reading.problems.size();
  if (!wantMap(node, "an approval", reading)) {
    return;
  }
  checkKeys(node, KeyContext::Approval, reading);

  const Values values(node);
  ApprovalList::Item approval;
  Name name;
  if (values.name != nullptr) {
    const Location& where = values.name->where;
    approval.where = {0, where.line, where.column, where.length};
    name = readName(*values.name, "`name`", messages::NameUse::Approval, reading).value_or(Name());
    approval.name = name.wire();
  }
  if (values.wildcard != nullptr) {
    approval.wildcard = readWildcard(*values.wildcard, reading).value_or(Wildcard::No);
  }
  const std::vector<Use> uses = readUses(node, values, reading, approvals);
  if (values.subtree != nullptr) {
    approval.subtree = readBool(*values.subtree, "`subtree`", reading).value_or(false);
  }
  if (values.from != nullptr) {
    approval.from = readInstant(*values.from, "`from`", reading).value_or(kBeginningOfTime);
  }
  if (values.until != nullptr) {
    approval.until = readInstant(*values.until, "`until`", reading).value_or(kEndOfTime);
  }
  if (values.from != nullptr && values.until != nullptr && approval.until <= approval.from) {
    reading.report(messages::endsBeforeItBegins(values.until->where, values.from->where));
  }
  approval.reason = readNote(values.reason, "`reason`", reading);
  approval.ticket = readNote(values.ticket, "`ticket`", reading);
  approval.by = readNote(values.by, "`by`", reading);

  // Broken values were reported before.
  if (reading.problems.size() != before || values.name == nullptr || values.name->isBroken()) {
    approvals.addStray(uses);
  }
  else if (!uses.empty()) {
    approvals.add(approval, uses);
  }
}

} // namespace caapolicy
