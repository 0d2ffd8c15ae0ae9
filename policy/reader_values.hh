// SPDX-License-Identifier: GPL-2.0-or-later
//
// Typed values out of tree nodes. Each function reports what is wrong and then returns none; a broken node was
// reported before. `what` is how a message speaks of the value: "`ttl`", "an account".
#pragma once

#include "messages.hh"
#include "reader.hh"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

// What reading a file takes along.
struct Reading {
  FileKind kind;
  const IssuerTable& issuers;
  std::vector<Diagnostic>& problems;
  IssuerCheck* check{nullptr}; // null: issuers are not looked at

  void report(Diagnostic diagnostic) const { problems.push_back(std::move(diagnostic)); }
};

inline constexpr uint32_t kMaxTtl = 604800; // a week

bool wantMap(const TreeNode& node, std::string_view what, const Reading& reading);
bool wantList(const TreeNode& node, std::string_view what, const Reading& reading);
// A list, or a single value in its place.
std::vector<const TreeNode*> oneOrMore(const TreeNode& node, std::string_view what, const Reading& reading);

// Keys that are unknown, not allowed in this kind of file, or missing.
void checkKeys(const TreeNode& map, KeyContext context, const Reading& reading);

// Text without control characters; with `multiline`, line breaks and tabs are allowed. Not empty.
bool wantText(const TreeNode& node, std::string_view what, const Reading& reading, bool multiline = false);
std::optional<std::string> readText(const TreeNode& node, std::string_view what, const Reading& reading, bool multiline = false);
std::optional<bool> readBool(const TreeNode& node, std::string_view what, const Reading& reading);
std::optional<Wildcard> readWildcard(const TreeNode& node, const Reading& reading);
std::optional<uint32_t> readTtl(const TreeNode& node, const Reading& reading);
std::optional<int64_t> readSpan(const TreeNode& node, std::string_view what, const Reading& reading);
std::optional<Instant> readInstant(const TreeNode& node, std::string_view what, const Reading& reading);
std::optional<Name> readName(const TreeNode& node, std::string_view what, messages::NameUse use, const Reading& reading);
// The same of a key.
std::optional<Name> readNameKey(const TreeEntry& entry, messages::NameUse use, const Reading& reading);

// Reports a word that is not one of `allowed`; `meant` is what it probably stands for.
std::optional<std::string> readWord(const TreeNode& node, std::string_view what, const std::vector<std::string_view>& allowed, const Reading& reading);

} // namespace caapolicy
