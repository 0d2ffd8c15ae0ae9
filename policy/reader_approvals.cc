// SPDX-License-Identifier: GPL-2.0-or-later

#include "jsonl.hh"
#include "reader_parts.hh"

namespace caapolicy {

namespace {

// Of `issuer` or of `issuers`, whichever there is.
std::vector<IssuerReference> readApproved(const TreeNode& map, const Reading& reading)
{
  std::vector<IssuerReference> references;
  const TreeNode* one = map.find("issuer");
  const TreeNode* many = map.find("issuers");
  if (one == nullptr && many == nullptr) {
    reading.report(messages::noIssuer(map.where, contextName(KeyContext::Approval), "issuers"));
    return references;
  }
  if (one != nullptr) {
    if (auto reference = readIssuerReference(*one, "`issuer`", reading)) {
      references.push_back(std::move(*reference));
    }
  }
  if (many == nullptr) {
    return references;
  }
  if (one != nullptr) {
    for (const TreeEntry& entry : map.entries) {
      if (entry.key == "issuers") {
        reading.report(messages::issuerAndIssuers(entry.keyWhere));
      }
    }
  }
  if (many->isList() && many->items.empty()) {
    reading.report(messages::emptyList(many->where, "`issuers`", "an approval without an issuer approves nothing: remove the approval"));
    return references;
  }
  return readIssuerReferences(*many, "`issuers`", reading);
}

void readNote(const TreeNode& map, std::string_view key, std::string& note, const Reading& reading)
{
  if (const TreeNode* node = map.find(key)) {
    note = readText(*node, "`" + std::string(key) + "`", reading, true).value_or("");
  }
}

} // namespace

void readApproval(const TreeNode& node, const Reading& reading, std::vector<Approval>& approvals)
{
  const size_t before = reading.problems.size();
  if (!wantMap(node, "an approval", reading)) {
    return;
  }
  checkKeys(node, KeyContext::Approval, reading);

  Approval approval;
  approval.where = node.where;
  if (const TreeNode* name = node.find("name")) {
    approval.where = name->where;
    approval.name = readName(*name, "`name`", messages::NameUse::Approval, reading).value_or(Name());
  }
  Wildcard wildcard = Wildcard::No;
  if (const TreeNode* scope = node.find("wildcard")) {
    wildcard = readWildcard(*scope, reading).value_or(Wildcard::No);
  }
  for (IssuerReference& reference : readApproved(node, reading)) {
    approval.grants.push_back({std::move(reference.issuer), std::move(reference.writtenAs), wildcard, reference.where});
  }
  if (const TreeNode* subtree = node.find("subtree")) {
    approval.subtree = readBool(*subtree, "`subtree`", reading).value_or(false);
  }
  const TreeNode* from = node.find("from");
  const TreeNode* until = node.find("until");
  if (from != nullptr) {
    approval.from = readInstant(*from, "`from`", reading).value_or(kBeginningOfTime);
  }
  if (until != nullptr) {
    approval.until = readInstant(*until, "`until`", reading).value_or(kEndOfTime);
  }
  if (from != nullptr && until != nullptr && approval.until <= approval.from) {
    reading.report(messages::endsBeforeItBegins(until->where, from->where));
  }
  readNote(node, "reason", approval.reason, reading);
  readNote(node, "ticket", approval.ticket, reading);
  readNote(node, "by", approval.by, reading);

  // No grant: its issuer was reported where it is defined.
  if (reading.problems.size() == before && !approval.grants.empty()) {
    approvals.push_back(std::move(approval));
  }
}

Document readApprovalLines(std::string_view text, uint32_t fileIndex, FileKind kind, const IssuerTable& issuers, std::vector<Diagnostic>& problems, IssuerCheck* check)
{
  Document document;
  const Reading reading{kind, issuers, problems, check};
  parseJsonLines(text, fileIndex, problems, [&](const TreeNode& object) { readApproval(object, reading, document.approvals); });
  return document;
}

} // namespace caapolicy
