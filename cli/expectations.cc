// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/expectations.hh"

#include "policy/issuer_rules.hh"
#include "policy/messages.hh"
#include "policy/reader_values.hh"
#include "policy/similar.hh"
#include "policy/yaml_tree.hh"

#include <algorithm>

namespace caapolicy::cli {

namespace {

constexpr std::string_view kContext = "an expectation";

const std::vector<std::string_view>& keys()
{
  static const std::vector<std::string_view> kKeys{"name", "ca", "account", "method", "wildcard", "at", "expect"};
  return kKeys;
}

void checkKeys(const TreeNode& map, const Reading& reading)
{
  for (const auto& entry : map.entries) {
    if (std::find(keys().begin(), keys().end(), entry.key) == keys().end()) {
      reading.report(messages::unknownKey(entry.keyWhere, entry.key, kContext, mostSimilar(entry.key, keys()), keys()));
    }
  }
  const std::pair<const char*, const char*> required[] = {{"name", "shop.example.com"}, {"expect", "deny"}};
  for (const auto& [key, example] : required) {
    if (map.find(key) == nullptr) {
      reading.report(messages::missingKey(map.where, key, kContext, example));
    }
  }
}

// What can't be meant would always be denied: such an expectation says nothing.
std::string readCa(const TreeNode& node, const Reading& reading)
{
  const auto text = readText(node, "`ca`", reading);
  if (!text) {
    return {};
  }
  IssuerDomain domain = parseIssuerDomain(*text);
  if (domain.domain.empty()) {
    reading.report(messages::badIssuerDomain(node.where, *text, domain.fault));
  }
  return std::move(domain.domain);
}

std::string readAccount(const TreeNode& node, const Reading& reading)
{
  const auto text = readText(node, "`account`", reading);
  if (!text) {
    return {};
  }
  if (const auto fault = accountFault(*text)) {
    reading.report(messages::badAccount(node.where, *text, *fault));
  }
  return *text;
}

std::string readMethod(const TreeNode& node, const Reading& reading)
{
  const auto text = readText(node, "`method`", reading);
  if (!text) {
    return {};
  }
  if (!isKnownMethod(*text)) {
    reading.report(messages::unknownMethod(node.where, *text, mostSimilar(*text, acmeMethods()), acmeMethods()));
  }
  return *text;
}

Expectation readOne(const TreeNode& node, const Reading& reading)
{
  Expectation expectation;
  expectation.where = node.where;
  if (!wantMap(node, kContext, reading)) {
    return expectation;
  }
  checkKeys(node, reading);
  for (const auto& entry : node.entries) {
    if (entry.key == "name") {
      expectation.where = entry.value.where;
      expectation.name = readName(entry.value, "`name`", messages::NameUse::Other, reading).value_or(Name());
    }
    else if (entry.key == "ca") {
      expectation.request.ca = readCa(entry.value, reading);
    }
    else if (entry.key == "account") {
      expectation.request.account = readAccount(entry.value, reading);
    }
    else if (entry.key == "method") {
      expectation.request.method = readMethod(entry.value, reading);
    }
    else if (entry.key == "wildcard" && readBool(entry.value, "`wildcard`", reading).value_or(false)) {
      expectation.request.purpose = Purpose::Wildcard;
    }
    else if (entry.key == "at") {
      expectation.at = readInstant(entry.value, "`at`", reading);
    }
    else if (entry.key == "expect") {
      expectation.allow = readWord(entry.value, "`expect`", {"allow", "deny"}, reading).value_or("") == "allow";
    }
  }
  return expectation;
}

} // namespace

std::vector<Expectation> readExpectations(std::string_view text, uint32_t fileIndex, std::vector<Diagnostic>& problems)
{
  const IssuerTable issuers; // none are used here
  const Reading reading{FileKind::Root, issuers, problems};
  std::vector<Expectation> expectations;
  const auto tree = parseYaml(text, fileIndex, problems);
  if (!tree || !wantList(*tree, "a file of expectations", reading)) {
    return expectations;
  }
  if (tree->items.empty()) {
    reading.report(messages::emptyList(tree->where, "a file of expectations", "nothing expected is nothing tested: add one, or remove the file"));
  }
  for (const auto& item : tree->items) {
    expectations.push_back(readOne(item, reading));
  }
  return expectations;
}

} // namespace caapolicy::cli
