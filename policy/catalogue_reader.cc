// SPDX-License-Identifier: GPL-2.0-or-later
//
// The file of a catalogue: {cas: {letsencrypt: {name: …, domains: […], …}}}, in JSON or YAML.
#include "catalogue.hh"

#include "issuer_rules.hh"
#include "reader_values.hh"
#include "similar.hh"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

namespace caapolicy {

namespace {

using ReadValue = void (*)(const TreeNode&, Ca&, const Reading&);

struct Key {
  std::string_view name;
  ReadValue read;
};

void checkCatalogueKeys(const TreeNode& map, std::string_view context, const std::vector<std::string_view>& known, const Reading& reading)
{
  for (const TreeEntry& entry : map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
      reading.report(messages::unknownKey(entry.keyWhere, entry.key, context, mostSimilar(entry.key, known), known));
    }
  }
}

std::vector<std::string> readTexts(const TreeNode& node, std::string_view what, std::string_view item, const Reading& reading)
{
  std::vector<std::string> texts;
  if (wantList(node, what, reading)) {
    for (const TreeNode& one : node.items) {
      if (auto text = readText(one, item, reading)) {
        texts.push_back(std::move(*text));
      }
    }
  }
  return texts;
}

void readDomains(const TreeNode& node, Ca& ca, const Reading& reading)
{
  ca.domains.clear();
  if (!wantList(node, "`domains`", reading)) {
    return;
  }
  if (node.items.empty()) {
    reading.report(messages::emptyList(node.where, "`domains`", "a CA has at least one issuer domain; to take one out of the catalogue, write `null` for it"));
  }
  for (const TreeNode& item : node.items) {
    const auto text = readText(item, "an issuer domain", reading);
    if (!text) {
      continue;
    }
    IssuerDomain domain = parseIssuerDomain(*text);
    if (domain.domain.empty()) {
      reading.report(messages::badIssuerDomain(item.where, *text, domain.fault));
    }
    else if (std::find(ca.domains.begin(), ca.domains.end(), domain.domain) != ca.domains.end()) {
      reading.report(messages::listedTwice(item.where, "issuer domain", *text));
    }
    else {
      ca.domains.push_back(std::move(domain.domain));
    }
  }
}

std::vector<std::string> readAccountPrefixes(const TreeNode& node, std::string_view what, const Reading& reading)
{
  std::vector<std::string> prefixes = readTexts(node, what, "the beginning of account URIs", reading);
  for (size_t index = 0; index < prefixes.size() && prefixes.size() == node.items.size(); ++index) {
    if (const auto fault = accountFault(prefixes[index])) {
      reading.report(messages::badAccount(node.items[index].where, prefixes[index], *fault));
    }
  }
  return prefixes;
}

void readHonours(const TreeNode& node, std::string_view what, Parameter& parameter, const Reading& reading)
{
  const auto text = readText(node, what, reading);
  if (!text) {
    return;
  }
  for (const Honours honours : {Honours::Yes, Honours::No, Honours::Unknown}) {
    if (*text == toText(honours)) {
      parameter = {honours, {}};
      return;
    }
  }
  reading.report(messages::notOneOf(node.where, what, *text, {"yes", "no", "unknown"}, std::nullopt, false));
}

std::string readDay(const TreeNode& node, std::string_view what, const Reading& reading)
{
  auto text = readText(node, what, reading);
  if (text && !parseInstant(*text + "T00:00:00Z")) {
    reading.report(messages::badDay(node.where, what, *text));
  }
  return text.value_or("");
}

void readSources(const TreeNode& node, Ca& ca, const Reading& reading)
{
  ca.sources.clear();
  if (!wantList(node, "`sources`", reading)) {
    return;
  }
  for (const TreeNode& item : node.items) {
    if (!wantMap(item, "a source", reading)) {
      continue;
    }
    checkCatalogueKeys(item, "a source", {"for", "url", "date"}, reading);
    CaSource source;
    for (const TreeEntry& entry : item.entries) {
      if (entry.key == "for") {
        source.about = readText(entry.value, "`for`", reading).value_or("");
      }
      else if (entry.key == "url") {
        source.url = readText(entry.value, "`url`", reading).value_or("");
      }
      else if (entry.key == "date") {
        source.date = readDay(entry.value, "`date`", reading);
      }
    }
    ca.sources.push_back(std::move(source));
  }
}

// In the order in which they are read: a day may stand before what it is the day of.
const std::vector<Key>& keys()
{
  static const std::vector<Key> table{
    {"name", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.name = readText(node, "`name`", reading).value_or(""); }},
    {"domains", readDomains},
    {"organizations", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.organizations = readTexts(node, "`organizations`", "an organization", reading); }},
    {"public", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.isPublic = readBool(node, "`public`", reading).value_or(false); }},
    {"accounts", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.accounts = readAccountPrefixes(node, "`accounts`", reading); }},
    {"staging", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.staging = readAccountPrefixes(node, "`staging`", reading); }},
    {"accounturi", [](const TreeNode& node, Ca& ca, const Reading& reading) { readHonours(node, "`accounturi`", ca.accounturi, reading); }},
    {"accounturi-since", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.accounturi.since = readDay(node, "`accounturi-since`", reading); }},
    {"validationmethods", [](const TreeNode& node, Ca& ca, const Reading& reading) { readHonours(node, "`validationmethods`", ca.validationmethods, reading); }},
    {"validationmethods-since", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.validationmethods.since = readDay(node, "`validationmethods-since`", reading); }},
    {"note", [](const TreeNode& node, Ca& ca, const Reading& reading) { ca.note = readText(node, "`note`", reading, true).value_or(""); }},
    {"sources", readSources},
    {"from", [](const TreeNode& node, Ca&, const Reading& reading) { readText(node, "`from`", reading); }}, // for `caapolicy ca update`
  };
  return table;
}

} // namespace

void Catalogue::overlay(const TreeNode& root, std::vector<Diagnostic>& problems)
{
  const IssuerTable noIssuers;
  const Reading reading{FileKind::Root, noIssuers, problems};
  if (!wantMap(root, "a CA catalogue", reading)) {
    return;
  }
  checkCatalogueKeys(root, "a CA catalogue", {"note", "cas"}, reading);
  const TreeNode* cas = root.find("cas");
  if (cas == nullptr) {
    reading.report(messages::missingKey({root.where.file, 0, 0, 0}, "cas", "a CA catalogue", "{corp: {domains: [pki.example.com]}}"));
    return;
  }
  if (!wantMap(*cas, "`cas`", reading)) {
    return;
  }
  std::vector<std::string_view> known;
  for (const Key& key : keys()) {
    known.push_back(key.name);
  }
  for (const TreeEntry& entry : cas->entries) {
    if (!isIssuerName(entry.key)) {
      reading.report(messages::badCaId(entry.keyWhere, entry.key));
    }
    if (entry.value.kind == TreeNode::Kind::Nothing) {
      d_cas.erase(entry.key);
      continue;
    }
    if (!wantMap(entry.value, "a CA", reading)) {
      continue;
    }
    checkCatalogueKeys(entry.value, "a CA", known, reading);
    Ca& ca = d_cas[entry.key];
    ca.id = entry.key;
    ca.isOwn = true;
    for (const Key& key : keys()) {
      if (const TreeNode* value = entry.value.find(key.name)) {
        key.read(*value, ca, reading);
      }
    }
    if (ca.name.empty()) {
      ca.name = entry.key;
    }
    if (ca.domains.empty() && entry.value.find("domains") == nullptr) {
      reading.report(messages::missingKey(entry.keyWhere, "domains", "a CA", "[pki.example.com]"));
    }
  }
  for (auto at = d_cas.begin(); at != d_cas.end();) { // was reported
    at = at->second.domains.empty() ? d_cas.erase(at) : std::next(at);
  }
  index();
}

} // namespace caapolicy
