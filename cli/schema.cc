// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/schema.hh"

#include "policy/issuer_rules.hh"
#include "policy/keys.hh"

#include <map>
#include <stdexcept>

namespace caapolicy::cli {

namespace {

Json reference(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }
Json listOf(const Json& item) { return {{"type", "array"}, {"items", item}}; }
Json oneOrMore(const Json& item) { return {{"anyOf", {item, listOf(item)}}}; }
Json oneOf(const std::vector<Json>& values) { return {{"enum", values}}; }
Json matching(const char* pattern) { return {{"type", "string"}, {"pattern", pattern}}; }

// By the words that the reference has for a type.
Json schemaOfType(const KeyRow& row, FileKind kind)
{
  const std::string subtree = kind == FileKind::Delegated ? "delegatedSubtree" : "subtree";
  const std::map<std::string_view, Json> types{
    {"`1`", {{"const", 1}}},
    {"map: name → issuer", {{"type", "object"}, {"propertyNames", {{"pattern", "^[a-z0-9][a-z0-9_-]*$"}}}, {"additionalProperties", reference("issuer")}}},
    // A subtree with nothing set may be written as nothing.
    {"map: host name → subtree", {{"type", "object"}, {"propertyNames", reference("hostName")}, {"additionalProperties", {{"anyOf", {reference(subtree), {{"type", "null"}}}}}}}},
    {"map: host name → zone", {{"type", "object"}, {"propertyNames", reference("hostName")}, {"additionalProperties", reference("zone")}}},
    {"list of approvals", listOf(reference("approval"))},
    {"list of paths", listOf(matching("\\.(yaml|yml|jsonl)$"))},
    {"path", {{"type", "string"}, {"minLength", 1}}},
    {"whole number", {{"type", "integer"}, {"minimum", 1}, {"maximum", 604800}}},
    {"URL or list of URLs", oneOrMore(matching("^(mailto:|https?://)"))},
    {"e-mail address or list of them", oneOrMore(matching("@"))},
    {"telephone number or list of them", oneOrMore(matching("^\\+"))},
    {"`deny` or list of issuers", {{"anyOf", {{{"const", "deny"}}, {{"type", "array"}, {"minItems", 1}, {"items", reference("issuerReference")}}}}}},
    {"host name", reference("hostName")},
    {"host name or id", reference("hostName")},
    {"list of host names", {{"type", "array"}, {"minItems", 1}, {"items", reference("hostName")}}},
    {"list of URIs", {{"type", "array"}, {"minItems", 1}, {"uniqueItems", true}, {"items", matching("^[A-Za-z][A-Za-z0-9+.-]*:")}}},
    {"list of validation methods", {{"type", "array"}, {"minItems", 1}, {"uniqueItems", true}, {"items", reference("method")}}},
    {"issuer", reference("issuerReference")},
    {"list of issuers", listOf(reference("issuerReference"))},
    {"`true` or `false`", {{"type", "boolean"}}},
    {"`true`, `false` or `only`", oneOf({true, false, "only"})},
    {"`keep` or `flatten`", oneOf({"keep", "flatten"})},
    {"list of `account` and `method`", listOf(oneOf({"account", "method"}))},
    {"span", matching("^[0-9]+[smhdw]$")},
    {"RFC 3339 timestamp", matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([Zz]|[+-][0-9]{2}:[0-9]{2})$")},
    // `ticket: 1234` is text to the reader.
    {"text", {{"type", {"string", "number", "boolean"}}}},
  };
  if (row.type == "map") {
    return reference(std::string(row.name));
  }
  if (row.name == "allow") {
    return listOf({{"anyOf", {{{"type", "string"}}, reference("allowItem")}}});
  }
  const auto found = types.find(row.type);
  if (found == types.end()) {
    throw std::logic_error("no schema for the type " + std::string(row.type));
  }
  return found->second;
}

Json object(KeyContext context, FileKind kind)
{
  Json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  for (const KeyRow& row : keyTable()) {
    if (row.context != context || !row.isAllowedIn(kind)) {
      continue;
    }
    Json value = schemaOfType(row, kind);
    // In draft 7 nothing may stand beside `$ref`.
    Json property = value.contains("$ref") ? Json{{"allOf", Json::array({value})}} : value;
    property["description"] = std::string(row.meaning) + (row.defaultValue.empty() ? "" : " Default: " + std::string(row.defaultValue) + ".");
    schema["properties"][std::string(row.name)] = std::move(property);
    if (row.required && (context != KeyContext::Root || kind == FileKind::Root)) {
      schema["required"].push_back(std::string(row.name));
    }
  }
  return schema;
}

Json requiringOneOf(Json schema, const char* one, const char* other)
{
  schema["oneOf"] = Json::array({{{"required", Json::array({one})}}, {{"required", Json::array({other})}}});
  return schema;
}

} // namespace

Json policySchema()
{
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "The root file of a CAA policy"}};
  schema.update(object(KeyContext::Root, FileKind::Root));
  Json allowItem = requiringOneOf(object(KeyContext::AllowItem, FileKind::Root), "issuer", "ca");
  allowItem["dependencies"] = {{"accounts", Json::array({"ca"})}, {"methods", Json::array({"ca"})}};
  Json methods = Json::array();
  for (const auto method : acmeMethods()) {
    methods.push_back(std::string(method));
  }
  schema["definitions"] = {
    {"hostName", matching("^[^\\s_*/:@]+$")},
    {"method", {{"anyOf", {{{"enum", methods}}, matching("^ca-[a-z0-9-]+$")}}}},
    {"issuerReference", {{"anyOf", {{{"type", "string"}, {"minLength", 1}}, reference("issuer")}}}},
    {"defaults", object(KeyContext::Defaults, FileKind::Root)},
    {"issuer", object(KeyContext::Issuer, FileKind::Root)},
    {"subtree", object(KeyContext::Subtree, FileKind::Root)},
    {"delegatedSubtree", object(KeyContext::Subtree, FileKind::Delegated)},
    {"allowItem", allowItem},
    {"limits", object(KeyContext::Limits, FileKind::Root)},
    {"approval", requiringOneOf(object(KeyContext::Approval, FileKind::Root), "issuer", "issuers")},
    {"zone", object(KeyContext::Zone, FileKind::Root)},
    {"included", object(KeyContext::Root, FileKind::Included)},
    {"delegated", object(KeyContext::Root, FileKind::Delegated)},
  };
  return schema;
}

} // namespace caapolicy::cli
