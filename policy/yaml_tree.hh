// SPDX-License-Identifier: GPL-2.0-or-later
//
// YAML text -> tree. Only what a policy needs: one document of maps with scalar keys, lists and scalars, without
// anchors, aliases and tags. Everything else is reported, where it stands.
//
// Pure function; any thread may call it.
#pragma once

#include "diagnostic.hh"
#include "tree.hh"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace caapolicy {

// A list that is too long to be held: the value of `key` in the outermost map. Each item is handed over when it is complete, and
// then forgotten; the tree has an empty list in the place of the list. A value that is no list stays as it is.
struct ItemStream {
  std::string_view key;
  std::function<void(const TreeNode&)> use;
};

// `text` must be UTF-8 without NUL bytes and without a byte order mark. None when the text is not YAML or is too large
// to go on with; an empty document is a tree of kind Nothing. `maxValues` counts those that are held at one time.
std::optional<TreeNode> parseYaml(std::string_view text, uint32_t fileIndex, std::vector<Diagnostic>& problems, size_t maxValues = kMaxTreeValues,
                                  const ItemStream* stream = nullptr);

} // namespace caapolicy
