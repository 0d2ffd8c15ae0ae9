// SPDX-License-Identifier: GPL-2.0-or-later

#include "ascii.hh"
#include "issuer_rules.hh"
#include "reader_parts.hh"
#include "similar.hh"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace caapolicy {

namespace {

std::optional<std::string> readIssuerDomain(const TreeNode& node, std::string_view what, const Reading& reading)
{
  const auto text = readText(node, what, reading);
  if (!text) {
    return std::nullopt;
  }
  IssuerDomain domain = parseIssuerDomain(*text);
  if (domain.domain.empty()) {
    reading.report(messages::badIssuerDomain(node.where, *text, domain.fault));
    return std::nullopt;
  }
  return std::move(domain.domain);
}

// The value of `ca`: an issuer domain, or an id of the catalogue, which stands for the CA's first domain.
std::optional<std::string> readCa(const TreeNode& node, const Reading& reading)
{
  const Catalogue& catalogue = reading.check != nullptr ? reading.check->catalogue() : Catalogue::builtIn();
  if (!node.isScalar() || node.text.find('.') != std::string::npos || !isIssuerName(node.text)) {
    return readIssuerDomain(node, "`ca`", reading);
  }
  if (const Ca* ca = catalogue.find(node.text)) {
    return ca->domains.front();
  }
  if (const auto similar = mostSimilar(node.text, catalogue.ids())) {
    reading.report(messages::badIssuerDomainOrId(node.where, node.text, *similar));
    return std::nullopt;
  }
  return readIssuerDomain(node, "`ca`", reading);
}

std::vector<Location> placesOfItems(const TreeNode& map, std::string_view key)
{
  std::vector<Location> places;
  if (const TreeNode* list = map.find(key)) {
    for (const TreeNode& item : list->items) {
      places.push_back(item.where);
    }
  }
  return places;
}

bool readAccount(const TreeNode& node, std::vector<std::string>& accounts, const Reading& reading)
{
  const auto text = readText(node, "an account", reading);
  if (!text) {
    return false;
  }
  if (const auto fault = accountFault(*text)) {
    reading.report(messages::badAccount(node.where, *text, *fault));
    return false;
  }
  if (std::find(accounts.begin(), accounts.end(), *text) != accounts.end()) {
    reading.report(messages::listedTwice(node.where, "account", *text));
    return false;
  }
  accounts.push_back(*text);
  return true;
}

bool readMethod(const TreeNode& node, std::vector<std::string>& methods, const Reading& reading)
{
  const auto text = readText(node, "a validation method", reading);
  if (!text) {
    return false;
  }
  const std::string lower = lowerCase(*text);
  if (!isKnownMethod(lower)) {
    reading.report(messages::unknownMethod(node.where, *text, mostSimilar(lower, acmeMethods()), acmeMethods()));
    return false;
  }
  if (lower != *text) {
    reading.report(messages::methodNotLowerCase(node.where, *text, lower));
    return false;
  }
  if (std::find(methods.begin(), methods.end(), *text) != methods.end()) {
    reading.report(messages::listedTwice(node.where, "validation method", *text));
    return false;
  }
  methods.push_back(*text);
  return true;
}

using ReadItem = bool (*)(const TreeNode&, std::vector<std::string>&, const Reading&);

// An empty list would mean "any", which is hardly what its writer meant.
bool readBinding(const TreeNode& map, std::string_view key, std::string_view any, ReadItem readItem, std::vector<std::string>& values, const Reading& reading)
{
  const TreeNode* node = map.find(key);
  if (node == nullptr) {
    return true;
  }
  const std::string what = fmt::format("`{}`", key);
  if (!wantList(*node, what, reading)) {
    return false;
  }
  if (node->items.empty()) {
    reading.report(messages::emptyList(node->where, what, fmt::format("an empty list would mean {}: remove the key if that is meant", any)));
    return false;
  }
  bool good = true;
  for (const TreeNode& item : node->items) {
    good = readItem(item, values, reading) && good;
  }
  return good;
}

// A grant of `allow` that is a map: an issuer with its scope.
std::optional<Grant> readAllowMap(const TreeNode& map, const Reading& reading)
{
  checkKeys(map, KeyContext::AllowItem, reading);
  const TreeNode* reference = map.find("issuer");
  const TreeNode* domain = map.find("ca");
  Grant grant;
  grant.where = map.where;
  bool good = true;

  if (const TreeNode* wildcard = map.find("wildcard")) {
    const auto scope = readWildcard(*wildcard, reading);
    good = scope.has_value();
    grant.wildcard = scope.value_or(Wildcard::No);
  }
  if (reference == nullptr && domain == nullptr) {
    reading.report(messages::noIssuer(map.where, contextName(KeyContext::AllowItem), "ca"));
    return std::nullopt;
  }
  if (reference == nullptr) {
    auto issuer = readIssuerMap(map, reading);
    if (!issuer) {
      return std::nullopt;
    }
    grant.issuer = std::move(*issuer);
    grant.writtenAs = grant.issuer.ca;
    return good ? std::optional(std::move(grant)) : std::nullopt;
  }
  for (const TreeEntry& entry : map.entries) {
    if (entry.key == "ca") {
      reading.report(messages::issuerAndCa(entry.keyWhere));
      good = false;
    }
    else if (domain == nullptr && (entry.key == "accounts" || entry.key == "methods")) {
      reading.report(messages::belongsToCa(entry.keyWhere, entry.key));
      good = false;
    }
  }
  auto issuer = readIssuerReference(*reference, "`issuer`", reading);
  if (!issuer || !good) {
    return std::nullopt;
  }
  grant.issuer = std::move(issuer->issuer);
  grant.writtenAs = std::move(issuer->writtenAs);
  return grant;
}

} // namespace

const IssuerDefinition* IssuerTable::find(const std::string& name) const
{
  const auto found = d_definitions.find(name);
  if (found != d_definitions.end()) {
    return &found->second;
  }
  return d_outer != nullptr ? d_outer->find(name) : nullptr;
}

void IssuerTable::add(IssuerDefinition definition)
{
  const std::string name = definition.name;
  d_definitions.emplace(name, std::move(definition));
}

std::vector<std::string_view> IssuerTable::names() const
{
  // In order, so that the same suggestion is made each time.
  std::set<std::string_view> ordered;
  for (const IssuerTable* table = this; table != nullptr; table = table->d_outer) {
    for (const auto& [name, definition] : table->d_definitions) {
      ordered.insert(name);
    }
  }
  return {ordered.begin(), ordered.end()};
}

std::optional<Issuer> readIssuerMap(const TreeNode& map, const Reading& reading)
{
  Issuer issuer;
  bool good = false;
  const TreeNode* domain = map.find("ca");
  if (domain != nullptr) {
    const auto text = readCa(*domain, reading);
    good = text.has_value();
    issuer.ca = text.value_or("");
  }
  good = readBinding(map, "accounts", "any account", readAccount, issuer.accounts, reading) && good;
  good = readBinding(map, "methods", "any method", readMethod, issuer.methods, reading) && good;
  if (!good) {
    return std::nullopt;
  }
  if (reading.check != nullptr) {
    reading.check->lookAt(issuer, domain->where, placesOfItems(map, "accounts"), placesOfItems(map, "methods"));
  }
  return issuer;
}

void readIssuers(const TreeNode& node, IssuerTable& table, const Reading& reading)
{
  if (!wantMap(node, "`issuers`", reading)) {
    return;
  }
  for (const TreeEntry& entry : node.entries) {
    IssuerDefinition definition{entry.key, {}, entry.keyWhere, false};
    if (!isIssuerName(entry.key)) {
      reading.report(messages::badIssuerName(entry.keyWhere, entry.key));
    }
    if (entry.value.isScalar()) {
      reading.report(messages::wrongType(entry.value.where, "an issuer", "a map", "text", fmt::format("write {}", messages::quoted("{ca: " + entry.value.text + "}"))));
    }
    else if (wantMap(entry.value, "an issuer", reading)) {
      checkKeys(entry.value, KeyContext::Issuer, reading);
      if (auto issuer = readIssuerMap(entry.value, reading)) {
        definition.issuer = std::move(*issuer);
        definition.good = true;
      }
    }
    if (const IssuerDefinition* first = table.find(entry.key)) {
      reading.report(messages::duplicateIssuer(entry.keyWhere, entry.key, first->where));
      continue;
    }
    table.add(std::move(definition));
  }
}

std::optional<IssuerReference> readIssuerReference(const TreeNode& node, std::string_view what, const Reading& reading)
{
  if (node.isMap()) {
    checkKeys(node, KeyContext::Issuer, reading);
    auto issuer = readIssuerMap(node, reading);
    if (!issuer) {
      return std::nullopt;
    }
    std::string written = issuer->ca;
    return IssuerReference{std::move(*issuer), std::move(written), node.where};
  }
  const auto text = readText(node, what, reading);
  if (!text) {
    return std::nullopt;
  }
  if (text->find('.') != std::string::npos) {
    auto domain = readIssuerDomain(node, what, reading);
    if (domain && reading.check != nullptr) {
      reading.check->lookAt(*domain, node.where);
    }
    return domain ? std::optional(IssuerReference{Issuer{std::move(*domain), {}, {}}, *text, node.where}) : std::nullopt;
  }
  const IssuerDefinition* definition = reading.issuers.find(*text);
  if (definition == nullptr) {
    const Ca* ca = (reading.check != nullptr ? reading.check->catalogue() : Catalogue::builtIn()).find(*text);
    reading.report(messages::unknownIssuer(node.where, *text, mostSimilar(*text, reading.issuers.names()), ca != nullptr ? ca->domains.front() : std::string_view()));
    return std::nullopt;
  }
  return definition->good ? std::optional(IssuerReference{definition->issuer, *text, node.where}) : std::nullopt;
}

std::vector<IssuerReference> readIssuerReferences(const TreeNode& list, std::string_view what, const Reading& reading)
{
  std::vector<IssuerReference> references;
  if (!wantList(list, what, reading)) {
    return references;
  }
  for (const TreeNode& item : list.items) {
    if (auto reference = readIssuerReference(item, "an issuer", reading)) {
      references.push_back(std::move(*reference));
    }
  }
  return references;
}

std::vector<Grant> readAllow(const TreeNode& node, const Reading& reading)
{
  std::vector<Grant> grants;
  if (!wantList(node, "`allow`", reading)) {
    return grants;
  }
  for (const TreeNode& item : node.items) {
    if (item.isMap()) {
      if (auto grant = readAllowMap(item, reading)) {
        grants.push_back(std::move(*grant));
      }
    }
    else if (auto reference = readIssuerReference(item, "an issuer", reading)) {
      grants.push_back({std::move(reference->issuer), std::move(reference->writtenAs), Wildcard::No, item.where});
    }
  }
  return grants;
}

std::optional<OtherIssuers> readOtherIssuers(const TreeNode& node, std::string_view what, const Reading& reading)
{
  if (node.isScalar() && node.text == "deny") {
    return OtherIssuers{};
  }
  if (node.isBroken()) {
    return std::nullopt;
  }
  if (!node.isList()) {
    const bool isIssuer = node.isScalar() && (node.text.find('.') != std::string::npos || reading.issuers.find(node.text) != nullptr);
    const std::string hint = isIssuer ? fmt::format("write {}", messages::quoted("[" + node.text + "]")) : std::string();
    reading.report(messages::wrongType(node.where, what, "`deny` or a list of issuers", node.isScalar() ? "other text" : node.isMap() ? "a map" : "nothing", hint));
    return std::nullopt;
  }
  if (node.items.empty()) {
    reading.report(messages::emptyList(node.where, what, "write `deny` for nobody"));
    return std::nullopt;
  }
  OtherIssuers issuers;
  for (const TreeNode& item : node.items) {
    auto reference = readIssuerReference(item, "an issuer", reading);
    if (reference && !reference->issuer.methods.empty()) {
      reading.report(messages::methodsOfOtherIssuer(item.where, what));
      continue;
    }
    if (reference) {
      issuers.push_back(std::move(reference->issuer));
    }
  }
  return issuers;
}

} // namespace caapolicy
