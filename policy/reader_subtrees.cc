// SPDX-License-Identifier: GPL-2.0-or-later

#include "issuer_rules.hh"
#include "reader_parts.hh"

namespace caapolicy {

namespace {

using Check = bool (*)(std::string_view);
using Complaint = Diagnostic (*)(const Location&, std::string_view);

std::optional<std::vector<std::string>> readContacts(const TreeNode& node, std::string_view what, Check isGood, Complaint complaint, const Reading& reading)
{
  std::vector<std::string> contacts;
  const size_t before = reading.problems.size();
  for (const TreeNode* item : oneOrMore(node, what, reading)) {
    const auto text = readText(*item, what, reading);
    if (!text) {
      continue;
    }
    if (!isGood(*text)) {
      reading.report(complaint(item->where, *text));
    }
    contacts.push_back(*text);
  }
  return reading.problems.size() == before ? std::optional(std::move(contacts)) : std::nullopt;
}

void readRequire(const TreeNode& node, Limits& limits, const Reading& reading)
{
  if (!wantList(node, "`require`", reading)) {
    return;
  }
  for (const TreeNode& item : node.items) {
    const auto word = readWord(item, "an item of `require`", {"account", "method"}, reading);
    limits.requireAccount = limits.requireAccount || (word && *word == "account");
    limits.requireMethod = limits.requireMethod || (word && *word == "method");
  }
}

Limits readLimits(const TreeEntry& limitsEntry, const Reading& reading)
{
  Limits limits;
  limits.where = limitsEntry.keyWhere;
  if (!wantMap(limitsEntry.value, "`limits`", reading)) {
    return limits;
  }
  checkKeys(limitsEntry.value, KeyContext::Limits, reading);
  for (const TreeEntry& entry : limitsEntry.value.entries) {
    if (entry.key == "issuers") {
      limits.issuersWhere = entry.keyWhere;
      limits.issuers.emplace();
      for (IssuerReference& reference : readIssuerReferences(entry.value, "`issuers`", reading)) {
        limits.issuers->push_back(std::move(reference.issuer));
      }
      if (!entry.value.isList() || limits.issuers->size() != entry.value.items.size()) { // what is left would be too narrow
        limits.issuers.reset();
      }
    }
    else if (entry.key == "require") {
      limits.requireWhere = entry.keyWhere;
      readRequire(entry.value, limits, reading);
    }
    else if (entry.key == "wildcard") {
      limits.wildcardWhere = entry.keyWhere;
      limits.wildcard = readBool(entry.value, "`wildcard`", reading).value_or(true);
    }
    else if (entry.key == "lifetime") {
      limits.lifetimeWhere = entry.keyWhere;
      limits.lifetime = readSpan(entry.value, "`lifetime`", reading);
    }
  }
  return limits;
}

std::optional<WrittenPath> readDelegate(const TreeNode& node, const Reading& reading)
{
  auto path = readText(node, "`delegate`", reading);
  if (!path) {
    return std::nullopt;
  }
  if (path->find_first_of("*?[") != std::string::npos) {
    reading.report(messages::delegateIsPattern(node.where, *path));
    return std::nullopt;
  }
  return WrittenPath{std::move(*path), node.where};
}

void readSubtreeKey(const TreeEntry& entry, WrittenSubtree& written, const Reading& reading)
{
  Subtree& subtree = written.subtree;
  if (readInheritedKey(entry, subtree.settings, reading)) {
    return;
  }
  if (entry.key == "allow") {
    subtree.allow = readAllow(entry.value, reading);
  }
  else if (entry.key == "inherit") {
    subtree.inherit = readBool(entry.value, "`inherit`", reading).value_or(false);
  }
  else if (entry.key == "limits") {
    subtree.limits = readLimits(entry, reading);
  }
  else if (entry.key == "delegate") {
    written.delegate = readDelegate(entry.value, reading);
  }
  else if (entry.key == "cname") {
    subtree.cname = readWord(entry.value, "`cname`", {"keep", "flatten"}, reading) == "flatten" ? CnameMode::Flatten : CnameMode::Keep;
  }
}

} // namespace

bool readInheritedKey(const TreeEntry& entry, Inherited& settings, const Reading& reading)
{
  if (entry.key == "ttl") {
    settings.ttl = readTtl(entry.value, reading);
  }
  else if (entry.key == "iodef") {
    settings.iodef = readContacts(entry.value, "`iodef`", isReportUrl, messages::badReportUrl, reading);
  }
  else if (entry.key == "contactemail") {
    settings.contactemail = readContacts(entry.value, "`contactemail`", isEmailAddress, messages::badEmail, reading);
  }
  else if (entry.key == "contactphone") {
    settings.contactphone = readContacts(entry.value, "`contactphone`", isPhoneNumber, messages::badPhone, reading);
  }
  else if (entry.key == "mail") {
    settings.mail = readOtherIssuers(entry.value, "`mail`", reading);
  }
  else if (entry.key == "vmc") {
    settings.vmc = readOtherIssuers(entry.value, "`vmc`", reading);
  }
  else {
    return false;
  }
  return true;
}

std::vector<WrittenSubtree> readSubtrees(const TreeNode& node, const Reading& reading)
{
  std::vector<WrittenSubtree> subtrees;
  if (!wantMap(node, "`subtrees`", reading)) {
    return subtrees;
  }
  for (const TreeEntry& entry : node.entries) {
    WrittenSubtree written;
    written.subtree.where = entry.keyWhere;
    const auto name = readNameKey(entry, messages::NameUse::Subtree, reading);
    // A subtree with nothing set may be written as `{}`, or as nothing.
    if (entry.value.kind != TreeNode::Kind::Nothing && wantMap(entry.value, "a subtree", reading)) {
      checkKeys(entry.value, KeyContext::Subtree, reading);
      for (const TreeEntry& setting : entry.value.entries) {
        const KeyRow* row = findKey(KeyContext::Subtree, setting.key);
        if (row != nullptr && row->isAllowedIn(reading.kind)) {
          written.keys.emplace_back(setting.key, setting.keyWhere);
          readSubtreeKey(setting, written, reading);
        }
      }
    }
    if (name) {
      written.subtree.name = *name;
      subtrees.push_back(std::move(written));
    }
  }
  return subtrees;
}

} // namespace caapolicy
