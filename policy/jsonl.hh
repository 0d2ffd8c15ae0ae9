// SPDX-License-Identifier: GPL-2.0-or-later
//
// JSON Lines -> trees: one object a line, blank lines between them allowed. Each line stands alone: a bad one is
// reported and the next one is read.
//
// Pure function; any thread may call it.
#pragma once

#include "diagnostic.hh"
#include "tree.hh"

#include <functional>
#include <string_view>
#include <vector>

namespace caapolicy {

// Calls `use` with the object of each good line. `text` must be UTF-8 without NUL bytes.
void parseJsonLines(std::string_view text, uint32_t fileIndex, std::vector<Diagnostic>& problems, const std::function<void(const TreeNode&)>& use);

} // namespace caapolicy
