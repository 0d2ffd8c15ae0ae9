// SPDX-License-Identifier: GPL-2.0-or-later
//
// A YAML document or a JSON object as a plain tree in which each value and each key knows where it was written.
// Knows nothing of what keys mean.
#pragma once

#include "diagnostic.hh"
#include "source.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace caapolicy {

struct TreeEntry;

struct TreeNode {
  enum class Kind : uint8_t {
    Nothing, // no value was written, or null
    Scalar,
    List,
    Map,
    Broken, // something was reported already: whoever reads this has nothing to add
  };
  // How a scalar was written: only a plain one or a literal can be a number, true or false.
  enum class Style : uint8_t {
    Plain,   // YAML without quotes; text as well as anything else
    Quoted,  // in quotes, or a block: text
    Literal, // a number, true or false of JSON: never text
  };

  Kind kind{Kind::Nothing};
  Style style{Style::Plain};
  Location where; // of a list or a map: up to the end of its first line
  std::string text;
  std::vector<TreeNode> items;    // of a list
  std::vector<TreeEntry> entries; // of a map, as they stand; each key once

  bool isScalar() const { return kind == Kind::Scalar; }
  bool isList() const { return kind == Kind::List; }
  bool isMap() const { return kind == Kind::Map; }
  bool isBroken() const { return kind == Kind::Broken; }
  // The value of a key of a map; null when it is not there.
  const TreeNode* find(std::string_view key) const;
};

struct TreeEntry {
  std::string key;
  Location keyWhere;
  TreeNode value;
};

inline const TreeNode* TreeNode::find(std::string_view key) const
{
  for (const TreeEntry& entry : entries) {
    if (entry.key == key) {
      return &entry.value;
    }
  }
  return nullptr;
}

// Removes entries whose key an earlier one has, and reports them.
void dropDuplicateKeys(TreeNode& map, std::vector<Diagnostic>& problems);

// The place of a part of a scalar's text; the whole scalar where its text doesn't stand in the source as it is.
inline Location partOf(const TreeNode& scalar, size_t offset, size_t length)
{
  const size_t quote = scalar.style == TreeNode::Style::Quoted ? 1 : 0;
  if (scalar.where.length != scalar.text.size() + 2 * quote || offset + length > scalar.text.size() || length == 0) {
    return scalar.where;
  }
  return {scalar.where.file, scalar.where.line, static_cast<uint32_t>(scalar.where.column + quote + offset), static_cast<uint32_t>(length)};
}

// Values that are nested deeper, or more of them, are refused: no policy needs them, and memory is finite.
inline constexpr size_t kMaxTreeDepth = 24;
inline constexpr size_t kMaxTreeValues = 5'000'000;

} // namespace caapolicy
