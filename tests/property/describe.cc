// SPDX-License-Identifier: GPL-2.0-or-later
//
// Scenarios as text, for the report of a failure.
#include "scenario.hh"

namespace caapolicy::test {

namespace {

std::string list(const std::vector<std::string>& words)
{
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return "[" + text + "]";
}

std::string describe(const Grant& grant)
{
  const char* scope = grant.wildcard == Wildcard::No ? "no" : grant.wildcard == Wildcard::Also ? "also" : "only";
  return "{ca: " + grant.issuer.ca + ", accounts: " + list(grant.issuer.accounts) + ", methods: " + list(grant.issuer.methods)
    + ", wildcard: " + scope + "}";
}

std::string describe(const OtherIssuers& issuers)
{
  std::vector<std::string> names;
  for (const auto& issuer : issuers) {
    names.push_back(issuer.ca);
  }
  return list(names);
}

std::string describe(const Inherited& settings)
{
  std::string text;
  if (settings.ttl) {
    text += " ttl: " + std::to_string(*settings.ttl);
  }
  if (settings.iodef) {
    text += " iodef: " + list(*settings.iodef);
  }
  if (settings.contactemail) {
    text += " contactemail: " + list(*settings.contactemail);
  }
  if (settings.mail) {
    text += " mail: " + describe(*settings.mail);
  }
  if (settings.vmc) {
    text += " vmc: " + describe(*settings.vmc);
  }
  return text;
}

} // namespace

std::string describe(const WrittenPolicy& policy)
{
  std::string text = "defaults:" + describe(policy.defaults) + "\n";
  for (const auto& subtree : policy.subtrees) {
    text += "subtree " + subtree.name.toText() + (subtree.inherit ? " inherit" : "") + (subtree.denied ? " denied" : "")
      + (subtree.cname == CnameMode::Flatten ? " flatten" : "")
      + describe(subtree.settings) + "\n";
    for (const auto& grant : subtree.allow) {
      text += "  allow " + describe(grant) + "\n";
    }
  }
  for (const auto& approval : policy.approvals) {
    text += "approval " + std::to_string(approval.where.file) + ":" + std::to_string(approval.where.line) + " " + approval.name.toText() + (approval.subtree ? " subtree" : "");
    text += approval.from == kBeginningOfTime ? "" : " from " + std::to_string(approval.from);
    text += approval.until == kEndOfTime ? "" : " until " + std::to_string(approval.until);
    text += "\n";
    for (const auto& grant : approval.grants) {
      text += "  " + describe(grant) + "\n";
    }
  }
  return text;
}

std::string describe(const ZoneRecords& zone)
{
  std::string text = "zone " + zone.apex.toText() + "\n";
  for (const auto& [name, node] : zone.nodes) {
    for (const auto& [type, data] : node.types) {
      for (const auto& datum : data) {
        text += "  " + name.toText() + " " + type + " " + datum + "\n";
      }
    }
    if (node.caa) {
      for (const auto& record : node.caa->records) {
        text += "  " + name.toText() + " CAA " + record.toText() + "\n";
      }
    }
  }
  return text;
}

} // namespace caapolicy::test
