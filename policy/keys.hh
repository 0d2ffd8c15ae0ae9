// SPDX-License-Identifier: GPL-2.0-or-later
//
// Every key of the policy language, one row each: the reader takes from here which keys there are and where they may
// stand, and the reference page is printed from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

// The map that a key stands in.
enum class KeyContext : uint8_t { Root, Defaults, Issuer, AllowItem, Subtree, Limits, Approval, Zone };

enum class FileKind : uint8_t {
  Root = 1,
  Included = 2,
  Delegated = 4,
};

struct KeyRow {
  KeyContext context;
  std::string_view name;
  std::string_view type;
  std::string_view defaultValue; // empty: none
  bool required;                 // in a root file, for those of the root
  uint8_t files;                 // bits of FileKind
  std::string_view meaning;      // Markdown
  std::string_view example;      // as it stands after `name: `

  bool isAllowedIn(FileKind kind) const { return (files & static_cast<uint8_t>(kind)) != 0; }
};

std::span<const KeyRow> keyTable();
// The rows of one context.
std::span<const KeyRow> keyTable(KeyContext context);
// Null: there is no such key.
const KeyRow* findKey(KeyContext context, std::string_view name);
std::vector<std::string_view> keysOf(KeyContext context, FileKind kind);
// With its article: "an approval".
std::string_view contextName(KeyContext context);
// As a heading, and what is to be said below it, in Markdown.
std::string_view contextTitle(KeyContext context);
std::string_view contextIntro(KeyContext context);
// All contexts, in the order of the reference.
std::vector<KeyContext> keyContexts();
std::string_view fileKindName(FileKind kind);

// The table as Markdown: a section for each context.
std::string policyReference();

} // namespace caapolicy
