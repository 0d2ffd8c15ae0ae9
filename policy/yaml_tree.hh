// SPDX-License-Identifier: GPL-2.0-or-later
//
// YAML text -> tree. Only what a policy needs: one document of maps with scalar keys, lists and scalars, without
// anchors, aliases and tags. Everything else is reported, where it stands.
//
// Pure function; any thread may call it.
#pragma once

#include "diagnostic.hh"
#include "tree.hh"

#include <optional>
#include <string_view>
#include <vector>

namespace caapolicy {

// `text` must be UTF-8 without NUL bytes and without a byte order mark. None when the text is not YAML or is too large
// to go on with; an empty document is a tree of kind Nothing.
std::optional<TreeNode> parseYaml(std::string_view text, uint32_t fileIndex, std::vector<Diagnostic>& problems, size_t maxValues = kMaxTreeValues);

} // namespace caapolicy
