// SPDX-License-Identifier: GPL-2.0-or-later
//
// The files that an `include` pattern means, by the rules of glob(3): `*`, `?` and `[…]`, none of which matches a
// leading dot or a slash. Unlike glob(3) it tells which folders were listed, and doesn't pass over one that it may
// not list.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace caapolicy {

struct Expansion {
  std::vector<std::filesystem::path> files;                    // in order of their bytes, whatever the locale
  std::vector<std::filesystem::path> folders;                  // that were listed, or looked for to be listed
  std::vector<std::pair<std::filesystem::path, int>> unreadable; // folders with the errno
};

bool hasWildcard(const std::string& pattern);

// A relative pattern is joined to `base`. Blocks on the file system.
Expansion expandPattern(const std::filesystem::path& base, const std::string& pattern);

// Would the pattern mean the path, if a file were there? By the path as expandPattern() has it; asks no file system.
bool matchesPattern(const std::filesystem::path& base, const std::string& pattern, const std::filesystem::path& path);

} // namespace caapolicy
