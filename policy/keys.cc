// SPDX-License-Identifier: GPL-2.0-or-later

#include "keys.hh"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace caapolicy {

namespace {

using Context = KeyContext;

constexpr uint8_t kRootOnly = static_cast<uint8_t>(FileKind::Root);
constexpr uint8_t kDelegated = static_cast<uint8_t>(FileKind::Delegated);
constexpr uint8_t kRootAndIncluded = kRootOnly | static_cast<uint8_t>(FileKind::Included);
constexpr uint8_t kAll = kRootAndIncluded | kDelegated;

// In the order in which the reference shows them.
constexpr std::array kKeys{
  KeyRow{Context::Root, "version", "`1`", "", true, kAll, "The version of the policy language. Required in the root file.", "1"},
  KeyRow{Context::Root, "issuers", "map: name → issuer", "", false, kAll,
         "Issuers that the policy refers to by name. A name is made of `a-z`, `0-9`, `-` and `_`, and has no dot.",
         "{le-web: {ca: letsencrypt.org, methods: [dns-01]}}"},
  KeyRow{Context::Root, "defaults", "map", "", false, kRootOnly, "Settings of all subtrees that don't set them, and have no subtree above that does.",
         "{ttl: 300}"},
  KeyRow{Context::Root, "subtrees", "map: host name → subtree", "", false, kAll,
         "The names that the policy governs, each with all names below it. In a delegated file: at or below its node.", "{example.com: {}}"},
  KeyRow{Context::Root, "approvals", "list of approvals", "", false, kAll,
         "Issuers allowed for one listed name, for a time. In a delegated file: at or below its node.",
         "[{name: shop.example.com, issuer: le-web}]"},
  KeyRow{Context::Root, "include", "list of paths", "", false, kRootAndIncluded,
         "Files to read as well: glob(3) patterns that end in `.yaml`, `.yml` or `.jsonl`, relative to the folder of this file.",
         "[approvals.d/*.yaml, approvals.d/*.jsonl]"},
  KeyRow{Context::Root, "catalogue", "path", "", false, kRootOnly,
         "A file in JSON or YAML with CAs of your own, or with what you know better of others than the built-in CA catalogue. Relative to the folder of this file.", "catalogue.json"},
  KeyRow{Context::Root, "zones", "map: host name → zone", "", false, kRootOnly, "The zones to answer for; only for `launch=caapolicy` without a wrapped backend.",
         "{example.com: {primary: ns1.example.com, hostmaster: hostmaster.example.com, nameservers: [ns1.example.com]}}"},

  KeyRow{Context::Defaults, "ttl", "whole number", "`300`", false, kRootOnly, "TTL of the CAA records, 1 to 604800 seconds.", "300"},
  KeyRow{Context::Defaults, "iodef", "URL or list of URLs", "", false, kRootOnly, "Where a CA may report requests that it refused (RFC 8659 4.4): `mailto:`, `http:` or `https:`.",
         "[mailto:pki@example.com]"},
  KeyRow{Context::Defaults, "contactemail", "e-mail address or list of them", "", false, kRootOnly, "Contacts for validation by e-mail.", "[pki@example.com]"},
  KeyRow{Context::Defaults, "contactphone", "telephone number or list of them", "", false, kRootOnly, "Contacts for validation by telephone, with a leading `+`.", "[\"+442079460000\"]"},
  KeyRow{Context::Defaults, "mail", "`deny` or list of issuers", "", false, kRootOnly, "Who may issue S/MIME certificates (RFC 9495). Absent: not restricted.", "deny"},
  KeyRow{Context::Defaults, "vmc", "`deny` or list of issuers", "", false, kRootOnly, "Who may issue mark certificates. Absent: not restricted.", "deny"},

  KeyRow{Context::Issuer, "ca", "host name or id", "", true, kAll, "The issuer domain that the CA knows as its own (RFC 8659 4.2), or the id of a CA in the catalogue, which stands for the first of its domains.", "letsencrypt.org"},
  KeyRow{Context::Issuer, "accounts", "list of URIs", "any account", false, kAll, "The accounts of the CA that may ask (RFC 8657 3).",
         "[https://acme-v02.api.letsencrypt.org/acme/acct/12345]"},
  KeyRow{Context::Issuer, "methods", "list of validation methods", "any method", false, kAll, "The validation methods that the CA may use (RFC 8657 4).", "[dns-01]"},

  KeyRow{Context::AllowItem, "issuer", "issuer", "", false, kAll, "A name under `issuers`, an issuer domain, or an issuer in place. Exactly one of `issuer` and `ca` is needed.", "le-web"},
  KeyRow{Context::AllowItem, "ca", "host name or id", "", false, kAll, "An issuer in place: its issuer domain, or the id of a CA in the catalogue.", "letsencrypt.org"},
  KeyRow{Context::AllowItem, "accounts", "list of URIs", "any account", false, kAll, "With `ca`: as of an issuer.", "[https://ca.example.com/acct/1]"},
  KeyRow{Context::AllowItem, "methods", "list of validation methods", "any method", false, kAll, "With `ca`: as of an issuer.", "[dns-01]"},
  KeyRow{Context::AllowItem, "wildcard", "`true`, `false` or `only`", "`false`", false, kAll, "`true`: wildcard certificates as well; `only`: nothing else.", "true"},

  KeyRow{Context::Subtree, "allow", "list of issuers", "nobody", false, kAll,
         "Who may issue for any name that this subtree governs. Replaces what the subtree above allows.", "[le-web, {issuer: letsencrypt.org, wildcard: true}]"},
  KeyRow{Context::Subtree, "inherit", "`true` or `false`", "`false`", false, kAll, "`true`: what the subtree above allows holds here as well, and so do approvals with `subtree: true` that reach it.", "true"},
  KeyRow{Context::Subtree, "ttl", "whole number", "inherited", false, kAll, "TTL of the CAA records, 1 to 604800 seconds.", "300"},
  KeyRow{Context::Subtree, "iodef", "URL or list of URLs", "inherited", false, kAll, "As under `defaults`. `[]`: none.", "[mailto:pki@example.com]"},
  KeyRow{Context::Subtree, "contactemail", "e-mail address or list of them", "inherited", false, kAll, "As under `defaults`. `[]`: none.", "[pki@example.com]"},
  KeyRow{Context::Subtree, "contactphone", "telephone number or list of them", "inherited", false, kAll, "As under `defaults`. `[]`: none.", "[\"+442079460000\"]"},
  KeyRow{Context::Subtree, "mail", "`deny` or list of issuers", "inherited", false, kAll, "Who may issue S/MIME certificates (RFC 9495).", "[digicert.com]"},
  KeyRow{Context::Subtree, "vmc", "`deny` or list of issuers", "inherited", false, kAll, "Who may issue mark certificates.", "deny"},
  KeyRow{Context::Subtree, "limits", "map", "", false, kAll, "What may be granted at or below, by anyone. The limits of all subtrees above hold as well.", "{wildcard: false, lifetime: 90d}"},
  KeyRow{Context::Subtree, "delegate", "path", "", false, kRootAndIncluded,
         "Another team's file; it can grant only here, within the limits. Relative to the folder of this file.", "teams/shops.yaml"},
  KeyRow{Context::Subtree, "cname", "`keep` or `flatten`", "`keep`", false, kAll, "`flatten`: a CNAME at a governed name becomes ALIAS, so that the name can carry CAA.", "flatten"},

  KeyRow{Context::Limits, "issuers", "list of issuers", "any issuer", false, kAll, "A grant must be of one of these CAs, with no more accounts and methods than it has here. `[]`: no issuer.", "[le-web]"},
  KeyRow{Context::Limits, "require", "list of `account` and `method`", "", false, kAll, "What each grant must be bound to.", "[account, method]"},
  KeyRow{Context::Limits, "wildcard", "`true` or `false`", "`true`", false, kAll, "`false`: no wildcard certificate may be granted.", "false"},
  KeyRow{Context::Limits, "lifetime", "span", "", false, kAll, "An approval must have an `until`, at most this long after it begins: a whole number and `s`, `m`, `h`, `d` or `w`.", "90d"},

  KeyRow{Context::Approval, "name", "host name", "", true, kAll, "The name that is approved.", "shop.example.com"},
  KeyRow{Context::Approval, "issuer", "issuer", "", false, kAll, "Who may issue. Exactly one of `issuer` and `issuers` is needed.", "le-web"},
  KeyRow{Context::Approval, "issuers", "list of issuers", "", false, kAll, "Who may issue, where it is more than one.", "[le-web, digicert.com]"},
  KeyRow{Context::Approval, "wildcard", "`true`, `false` or `only`", "`false`", false, kAll, "`true`: also `*.name`; `only`: nothing but the wildcard.", "true"},
  KeyRow{Context::Approval, "subtree", "`true` or `false`", "`false`", false, kAll, "`true`: also every name below, down to the next subtree; into that one if it has `inherit: true`.", "true"},
  KeyRow{Context::Approval, "from", "RFC 3339 timestamp", "always", false, kAll, "The approval holds from here on.", "2026-11-22T09:00:00Z"},
  KeyRow{Context::Approval, "until", "RFC 3339 timestamp", "for ever", false, kAll, "The approval has ended here. `limits.lifetime` may demand it.", "2026-12-22T09:00:00Z"},
  KeyRow{Context::Approval, "reason", "text", "", false, kAll, "Why, for people.", "new storefront"},
  KeyRow{Context::Approval, "ticket", "text", "", false, kAll, "Where it was asked for, for people.", "SEC-1234"},
  KeyRow{Context::Approval, "by", "text", "", false, kAll, "Who approved it, for people.", "pki@example.com"},

  KeyRow{Context::Zone, "primary", "host name", "", true, kRootOnly, "The primary name server (SOA MNAME).", "ns1.example.com"},
  KeyRow{Context::Zone, "hostmaster", "host name", "", true, kRootOnly, "The mailbox of the zone, as a name (SOA RNAME).", "hostmaster.example.com"},
  KeyRow{Context::Zone, "nameservers", "list of host names", "", true, kRootOnly, "The name servers (NS), at least one.", "[ns1.example.com]"},
};

struct Range {
  size_t begin{0};
  size_t end{0};
};

// Which rows are those of a context: they stand together.
constexpr auto kRanges = [] {
  std::array<Range, static_cast<size_t>(Context::Zone) + 1> ranges{};
  for (size_t row = 0; row < kKeys.size(); ++row) {
    Range& range = ranges[static_cast<size_t>(kKeys[row].context)];
    range.begin = range.end == 0 ? row : range.begin;
    range.end = row + 1;
  }
  return ranges;
}();
static_assert([] {
  size_t rows = 0;
  for (const Range& range : kRanges) {
    rows += range.end - range.begin;
  }
  return rows == kKeys.size();
}());

struct Section {
  Context context;
  std::string_view name;
  std::string_view title;
  std::string_view intro;
};

constexpr std::array kSections{
  Section{Context::Root, "the policy", "The file", "The outermost keys. A JSON Lines file has none of them: each of its lines is an approval."},
  Section{Context::Defaults, "`defaults`", "`defaults`", "Settings for subtrees that have none of their own."},
  Section{Context::Issuer, "an issuer", "Issuers", "Under `issuers`, and wherever an issuer is written in place."},
  Section{Context::Subtree, "a subtree", "Subtrees", "The values under `subtrees`. All keys are optional: `{}` is a subtree in which nobody may issue unless approved."},
  Section{Context::AllowItem, "an item of `allow`", "Items of `allow`", "An item is an issuer's name or domain, or a map with these keys."},
  Section{Context::Limits, "`limits`", "`limits`", "A grant outside the limits is an error of the file that holds it."},
  Section{Context::Approval, "an approval", "Approvals", "The items of `approvals`, and the lines of JSON Lines files."},
  Section{Context::Zone, "a zone", "Zones", "The values under `zones`."},
};

// Every context has one.
const Section& sectionOf(Context context)
{
  return *std::find_if(kSections.begin(), kSections.end(), [context](const Section& section) { return section.context == context; });
}

std::string filesText(uint8_t files)
{
  if (files == kAll) {
    return "all";
  }
  return files == kRootOnly ? "root" : "root, included";
}

} // namespace

std::span<const KeyRow> keyTable()
{
  return kKeys;
}

std::span<const KeyRow> keyTable(KeyContext context)
{
  const Range& range = kRanges[static_cast<size_t>(context)];
  return keyTable().subspan(range.begin, range.end - range.begin);
}

const KeyRow* findKey(KeyContext context, std::string_view name)
{
  for (const KeyRow& row : keyTable(context)) {
    if (row.name == name) {
      return &row;
    }
  }
  return nullptr;
}

std::vector<std::string_view> keysOf(KeyContext context, FileKind kind)
{
  std::vector<std::string_view> names;
  for (const KeyRow& row : keyTable(context)) {
    if (row.isAllowedIn(kind)) {
      names.push_back(row.name);
    }
  }
  return names;
}

std::string_view contextName(KeyContext context) { return sectionOf(context).name; }
std::string_view contextTitle(KeyContext context) { return sectionOf(context).title; }
std::string_view contextIntro(KeyContext context) { return sectionOf(context).intro; }

std::vector<KeyContext> keyContexts()
{
  std::vector<KeyContext> contexts;
  for (const Section& section : kSections) {
    contexts.push_back(section.context);
  }
  return contexts;
}

std::string_view fileKindName(FileKind kind)
{
  switch (kind) {
  case FileKind::Root:
    return "the root file";
  case FileKind::Included:
    return "an included file";
  case FileKind::Delegated:
    return "a delegated file";
  }
  return {};
}

std::string policyReference()
{
  std::string text;
  for (const Section& section : kSections) {
    text += fmt::format("{}## {}\n\n{}\n\n", text.empty() ? "" : "\n", section.title, section.intro);
    text += "| key | value | default | files | meaning | example |\n|---|---|---|---|---|---|\n";
    for (const KeyRow& row : keyTable(section.context)) {
      text += fmt::format("| `{}` | {} | {} | {} | {} | `{}: {}` |\n", row.name, row.type, row.required ? "required" : row.defaultValue,
                          filesText(row.files), row.meaning, row.name, row.example);
    }
  }
  return text;
}

} // namespace caapolicy
