// SPDX-License-Identifier: GPL-2.0-or-later

#include "reader.hh"

#include "parsed_file.hh"
#include "reader_parts.hh"

#include <map>

namespace caapolicy {

namespace {

void checkVersion(const TreeNode& node, const Reading& reading)
{
  if (node.isBroken()) {
    return;
  }
  if (!node.isScalar()) {
    reading.report(messages::wrongType(node.where, "`version`", "`1`", node.isMap() ? "a map" : node.isList() ? "a list" : "nothing", "write `version: 1`"));
    return;
  }
  if (node.text != "1" || node.style == TreeNode::Style::Quoted) {
    reading.report(messages::wrongVersion(node.where, node.style == TreeNode::Style::Quoted ? "\"" + node.text + "\"" : node.text));
  }
}

std::vector<WrittenPath> readInclude(const TreeNode& node, const Reading& reading)
{
  std::vector<WrittenPath> paths;
  if (!wantList(node, "`include`", reading)) {
    return paths;
  }
  for (const TreeNode& item : node.items) {
    auto path = readText(item, "a path", reading);
    if (!path) {
      continue;
    }
    const auto endsIn = [&](std::string_view suffix) { return path->size() > suffix.size() && std::string_view(*path).substr(path->size() - suffix.size()) == suffix; };
    if (!endsIn(".yaml") && !endsIn(".yml") && !endsIn(".jsonl")) {
      reading.report(messages::badIncludeSuffix(item.where, *path));
      continue;
    }
    if (path->find("**") != std::string::npos) {
      reading.report(messages::includeAcrossFolders(item.where, *path));
      continue;
    }
    paths.push_back({std::move(*path), item.where});
  }
  return paths;
}

std::optional<ZoneSettings> readZone(const TreeEntry& zoneEntry, const Reading& reading)
{
  const size_t before = reading.problems.size();
  ZoneSettings zone;
  zone.where = zoneEntry.keyWhere;
  zone.name = readNameKey(zoneEntry, messages::NameUse::Other, reading).value_or(Name());
  if (!wantMap(zoneEntry.value, "a zone", reading)) {
    return std::nullopt;
  }
  checkKeys(zoneEntry.value, KeyContext::Zone, reading);
  for (const TreeEntry& entry : zoneEntry.value.entries) {
    if (entry.key == "primary") {
      zone.primary = readName(entry.value, "`primary`", messages::NameUse::Other, reading).value_or(Name());
    }
    else if (entry.key == "hostmaster") {
      zone.hostmaster = readName(entry.value, "`hostmaster`", messages::NameUse::Other, reading).value_or(Name());
    }
    else if (entry.key == "nameservers" && wantList(entry.value, "`nameservers`", reading)) {
      if (entry.value.items.empty()) {
        reading.report(messages::emptyList(entry.value.where, "`nameservers`", "a zone has at least one name server"));
      }
      for (const TreeNode& item : entry.value.items) {
        zone.nameservers.push_back(readName(item, "a name server", messages::NameUse::Other, reading).value_or(Name()));
      }
    }
  }
  return reading.problems.size() == before ? std::optional(std::move(zone)) : std::nullopt;
}

std::vector<ZoneSettings> readZones(const TreeNode& node, const Reading& reading)
{
  std::vector<ZoneSettings> zones;
  if (!wantMap(node, "`zones`", reading)) {
    return zones;
  }
  std::map<Name, Location> seen;
  for (const TreeEntry& entry : node.entries) {
    auto zone = readZone(entry, reading);
    if (!zone) {
      continue;
    }
    const auto [first, isNew] = seen.emplace(zone->name, zone->where);
    if (!isNew) {
      reading.report(messages::duplicateZone(zone->where, entry.key, first->second));
      continue;
    }
    zones.push_back(std::move(*zone));
  }
  return zones;
}

void readDefaults(const TreeNode& node, Inherited& defaults, const Reading& reading)
{
  if (!wantMap(node, "`defaults`", reading)) {
    return;
  }
  checkKeys(node, KeyContext::Defaults, reading);
  for (const TreeEntry& entry : node.entries) {
    readInheritedKey(entry, defaults, reading);
  }
}

bool isAllowed(std::string_view key, FileKind kind)
{
  const KeyRow* row = findKey(KeyContext::Root, key);
  return row != nullptr && row->isAllowedIn(kind);
}

} // namespace

std::vector<WrittenPath> readHead(const TreeNode& root, FileKind kind, IssuerTable& issuers, std::vector<Diagnostic>& problems, IssuerCheck* check)
{
  const Reading reading{kind, issuers, problems, check};
  std::vector<WrittenPath> include;
  // An empty file is an empty map.
  if (root.kind != TreeNode::Kind::Nothing && !wantMap(root, "a policy", reading)) {
    return include;
  }
  TreeNode whole = {};
  // What is missing is missing in the file as a whole.
  whole.where = {root.where.file, 0, 0, 0};
  whole.kind = TreeNode::Kind::Map;
  for (const TreeEntry& entry : root.entries) {
    whole.entries.push_back({entry.key, entry.keyWhere, {}});
  }
  checkKeys(whole, KeyContext::Root, reading);
  for (const TreeEntry& entry : root.entries) {
    if (!isAllowed(entry.key, kind)) {
      continue;
    }
    if (entry.key == "version") {
      checkVersion(entry.value, reading);
    }
    else if (entry.key == "issuers") {
      readIssuers(entry.value, issuers, reading);
    }
    else if (entry.key == "include") {
      include = readInclude(entry.value, reading);
    }
  }
  return include;
}

Document readBody(const TreeNode& root, FileKind kind, const IssuerTable& issuers, std::vector<Diagnostic>& problems, IssuerCheck* check)
{
  const Reading reading{kind, issuers, problems, check};
  Document document;
  for (const TreeEntry& entry : root.entries) {
    if (!isAllowed(entry.key, kind)) {
      continue;
    }
    if (entry.key == "defaults") {
      readDefaults(entry.value, document.defaults, reading);
    }
    else if (entry.key == "subtrees") {
      document.subtrees = readSubtrees(entry.value, reading);
    }
    else if (entry.key == "approvals") {
      wantList(entry.value, "`approvals`", reading);
    }
    else if (entry.key == "zones") {
      document.zones = readZones(entry.value, reading);
    }
  }
  return document;
}

} // namespace caapolicy
