// SPDX-License-Identifier: GPL-2.0-or-later

#include "reader_values.hh"

#include "ascii.hh"
#include "similar.hh"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace caapolicy {

namespace {

using Style = TreeNode::Style;

std::string_view found(const TreeNode& node)
{
  switch (node.kind) {
  case TreeNode::Kind::Nothing:
    return "nothing";
  case TreeNode::Kind::List:
    return "a list";
  case TreeNode::Kind::Map:
    return "a map";
  case TreeNode::Kind::Scalar:
    return node.style != Style::Literal ? "text" : node.text == "true" || node.text == "false" ? "`true` or `false`" : "a number";
  case TreeNode::Kind::Broken:
    break;
  }
  return "something else";
}

std::string keyOf(std::string_view what)
{
  return what.size() > 2 && what.front() == '`' ? std::string(what.substr(1, what.size() - 2)) : std::string();
}

// Scalars of any style; reports the others.
bool wantScalar(const TreeNode& node, std::string_view what, std::string_view expected, const Reading& reading)
{
  if (node.isScalar()) {
    return true;
  }
  if (!node.isBroken()) {
    reading.report(messages::wrongType(node.where, what, expected, found(node), {}));
  }
  return false;
}

// Other words for true and false, some of which YAML 1.1 would have taken.
std::optional<std::string_view> meantBoolean(std::string_view text)
{
  const std::string lower = lowerCase(std::string(text));
  static constexpr std::array<std::string_view, 5> yes{"true", "yes", "on", "y", "1"};
  static constexpr std::array<std::string_view, 5> no{"false", "no", "off", "n", "0"};
  if (std::find(yes.begin(), yes.end(), lower) != yes.end()) {
    return "true";
  }
  if (std::find(no.begin(), no.end(), lower) != no.end()) {
    return "false";
  }
  return std::nullopt;
}

// Where in the name the fault is.
Location faultPlace(const TreeNode& scalar, const Name::Parsed& parsed)
{
  if (parsed.fault == NameFault::Idna || parsed.fault == NameFault::Address || parsed.fault == NameFault::NameTooLong) {
    return scalar.where;
  }
  if (parsed.fault == NameFault::EmptyLabel) {
    const size_t dots = scalar.text.find("..");
    return dots == std::string::npos ? partOf(scalar, 0, 1) : partOf(scalar, dots, 2);
  }
  const size_t label = scalar.text.find(parsed.detail);
  if (parsed.detail.empty() || label == std::string::npos) {
    return scalar.where;
  }
  return partOf(scalar, label, parsed.detail.size());
}

std::optional<Name> parseName(const TreeNode& scalar, messages::NameUse use, const Reading& reading)
{
  Name::Parsed parsed = Name::parseHostName(scalar.text);
  if (parsed.fault != NameFault::None) {
    reading.report(messages::badName(faultPlace(scalar, parsed), scalar.text, parsed, use));
    return std::nullopt;
  }
  return std::move(parsed.name);
}

} // namespace

bool wantMap(const TreeNode& node, std::string_view what, const Reading& reading)
{
  if (node.isMap()) {
    return true;
  }
  if (!node.isBroken()) {
    const std::string key = keyOf(what);
    reading.report(messages::wrongType(node.where, what, "a map", found(node),
                                       node.kind == TreeNode::Kind::Nothing && !key.empty() ? fmt::format("write `{}: {{}}` for none", key) : std::string()));
  }
  return false;
}

bool wantList(const TreeNode& node, std::string_view what, const Reading& reading)
{
  if (node.isList()) {
    return true;
  }
  if (node.isBroken()) {
    return false;
  }
  std::string hint;
  const std::string key = keyOf(what);
  if (node.kind == TreeNode::Kind::Nothing && !key.empty()) {
    hint = fmt::format("write `{}: []` for none", key);
  }
  else if (node.isScalar() && !key.empty()) {
    hint = fmt::format("write {}", messages::quoted(fmt::format("{}: [{}]", key, node.text)));
  }
  reading.report(messages::wrongType(node.where, what, "a list", found(node), hint));
  return false;
}

std::vector<const TreeNode*> oneOrMore(const TreeNode& node, std::string_view what, const Reading& reading)
{
  if (node.isScalar()) {
    return {&node};
  }
  std::vector<const TreeNode*> items;
  if (wantList(node, what, reading)) {
    for (const TreeNode& item : node.items) {
      items.push_back(&item);
    }
  }
  return items;
}

void checkKeys(const TreeNode& map, KeyContext context, const Reading& reading)
{
  for (const TreeEntry& entry : map.entries) {
    const KeyRow* row = findKey(context, entry.key);
    if (row == nullptr) {
      const auto known = keysOf(context, reading.kind);
      reading.report(messages::unknownKey(entry.keyWhere, entry.key, contextName(context), mostSimilar(entry.key, known), known));
    }
    else if (!row->isAllowedIn(reading.kind)) {
      reading.report(messages::keyNotHere(entry.keyWhere, entry.key, fileKindName(reading.kind), row->isAllowedIn(FileKind::Included) ? "it goes into the root file, or one that it includes" : "it goes into the root file"));
    }
  }
  for (const KeyRow& row : keyTable(context)) {
    const bool isRequired = row.required && (context != KeyContext::Root || reading.kind == FileKind::Root);
    if (isRequired && map.find(row.name) == nullptr) {
      reading.report(messages::missingKey(map.where, row.name, contextName(context), row.example));
    }
  }
}

bool wantText(const TreeNode& node, std::string_view what, const Reading& reading, bool multiline)
{
  if (!wantScalar(node, what, "text", reading)) {
    return false;
  }
  if (node.style == Style::Literal) {
    reading.report(messages::wrongType(node.where, what, "text", found(node), fmt::format("write it in quotes: `\"{}\"`", node.text)));
    return false;
  }
  if (node.text.empty()) {
    reading.report(messages::emptyText(node.where, what));
    return false;
  }
  for (size_t index = 0; index < node.text.size(); ++index) {
    const auto byte = static_cast<unsigned char>(node.text[index]);
    const bool allowed = multiline && (byte == '\n' || byte == '\t');
    if ((byte < 0x20 && !allowed) || byte == 0x7F) {
      reading.report(messages::controlCharacter(partOf(node, index, 1), what));
      return false;
    }
  }
  return true;
}

std::optional<std::string> readText(const TreeNode& node, std::string_view what, const Reading& reading, bool multiline)
{
  return wantText(node, what, reading, multiline) ? std::optional(node.text) : std::nullopt;
}

std::optional<std::string> readWord(const TreeNode& node, std::string_view what, const std::vector<std::string_view>& allowed, const Reading& reading)
{
  if (!node.isScalar()) {
    wantScalar(node, what, messages::quotedList(allowed, "or"), reading);
    return std::nullopt;
  }
  const bool isKnown = std::find(allowed.begin(), allowed.end(), node.text) != allowed.end();
  const auto isBoolean = [](std::string_view word) { return word == "true" || word == "false"; };
  // `true` in quotes is a text.
  if (isKnown && !(isBoolean(node.text) && node.style == Style::Quoted)) {
    return node.text;
  }
  std::optional<std::string_view> meant = isKnown ? std::optional<std::string_view>(node.text) : std::nullopt;
  if (!meant && std::any_of(allowed.begin(), allowed.end(), isBoolean)) {
    meant = meantBoolean(node.text);
  }
  if (!meant) {
    meant = mostSimilar(node.text, allowed);
  }
  reading.report(messages::notOneOf(node.where, what, node.text, allowed, meant, isKnown));
  return std::nullopt;
}

std::optional<bool> readBool(const TreeNode& node, std::string_view what, const Reading& reading)
{
  const auto word = readWord(node, what, {"true", "false"}, reading);
  return word ? std::optional(*word == "true") : std::nullopt;
}

std::optional<Wildcard> readWildcard(const TreeNode& node, const Reading& reading)
{
  const auto word = readWord(node, "`wildcard`", {"true", "false", "only"}, reading);
  if (!word) {
    return std::nullopt;
  }
  return *word == "true" ? Wildcard::Also : *word == "only" ? Wildcard::Only : Wildcard::No;
}

std::optional<uint32_t> readTtl(const TreeNode& node, const Reading& reading)
{
  if (!wantScalar(node, "`ttl`", "a whole number", reading)) {
    return std::nullopt;
  }
  uint32_t ttl = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [rest, code] = std::from_chars(node.text.data(), end, ttl);
  // No leading zeros: they mean octal to some readers of YAML.
  if (node.style == Style::Quoted || code != std::errc() || rest != end || node.text[0] == '0' || ttl > kMaxTtl) {
    reading.report(messages::badTtl(node.where, node.style == Style::Quoted ? "\"" + node.text + "\"" : node.text, kMaxTtl));
    return std::nullopt;
  }
  return ttl;
}

std::optional<int64_t> readSpan(const TreeNode& node, std::string_view what, const Reading& reading)
{
  if (!wantScalar(node, what, "a span of time", reading)) {
    return std::nullopt;
  }
  const auto span = parseSpan(node.text);
  if (!span) {
    reading.report(messages::badSpan(node.where, what, node.text));
  }
  return span;
}

std::optional<Instant> readInstant(const TreeNode& node, std::string_view what, const Reading& reading)
{
  if (!wantScalar(node, what, "a timestamp", reading)) {
    return std::nullopt;
  }
  const auto instant = parseInstant(node.text);
  if (!instant) {
    reading.report(messages::badInstant(node.where, what, node.text));
  }
  return instant;
}

std::optional<Name> readName(const TreeNode& node, std::string_view what, messages::NameUse use, const Reading& reading)
{
  if (!wantScalar(node, what, "a host name", reading)) {
    return std::nullopt;
  }
  if (node.style == Style::Literal) {
    reading.report(messages::wrongType(node.where, what, "a host name", found(node), {}));
    return std::nullopt;
  }
  return parseName(node, use, reading);
}

std::optional<Name> readNameKey(const TreeEntry& entry, messages::NameUse use, const Reading& reading)
{
  TreeNode node;
  node.kind = TreeNode::Kind::Scalar;
  node.where = entry.keyWhere;
  node.text = entry.key;
  // In quotes when it takes two bytes more than its text.
  node.style = entry.keyWhere.length == entry.key.size() + 2 ? Style::Quoted : Style::Plain;
  return parseName(node, use, reading);
}

} // namespace caapolicy
