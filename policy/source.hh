// SPDX-License-Identifier: GPL-2.0-or-later
//
// The texts that a policy was read from, and places in them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

// A place in a source. Lines and columns count from 1; columns and lengths count bytes. line 0: the file as a whole.
// Ordered by file, line and column.
struct Location {
  uint32_t file{0}; // index in Policy::files / LoadResult::files
  uint32_t line{0};
  uint32_t column{0};
  uint32_t length{0}; // of the offending text, at least 1 when line is not 0
  auto operator<=>(const Location&) const = default;
};

// One file as it was read.
struct SourceFile {
  std::string path;   // as it was named: relative paths are joined to the folder of the file that names them
  std::string text;   // the whole content
  std::string sha256; // of the content, lower case hex

  // The line without its line break; empty when there is none.
  std::string_view line(uint32_t number) const;
};

} // namespace caapolicy
