// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads one file of a policy whole, and refuses one that cannot be trusted or is no text.
#pragma once

#include "diagnostic.hh"
#include "source.hh"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

struct SourceRead {
  SourceFile file;                 // what could be read, also when there are errors
  std::vector<Diagnostic> problems;
  bool good() const { return problems.empty(); }
};

// `fileIndex` is what places in the file are given; `whole` is where to say that the file cannot be read at all.
// Blocks on the file system. Errors: the file is missing, unreadable, not a regular file or over `maxBytes`; it, or a
// folder that holds it or that its symbolic link points into, is writable by everybody; it holds a NUL byte or bytes
// that are not UTF-8.
SourceRead readSource(const std::filesystem::path& path, uint32_t fileIndex, const Location& whole, size_t maxBytes);

// The same for a file that is to be written with this text, as far as it can be known before: all but who may read it.
SourceRead takeSource(const std::filesystem::path& path, std::string text, uint32_t fileIndex, const Location& whole, size_t maxBytes);

// Reads a file as readSource() does, but gives it in pieces of whole lines, one after the other, and keeps no text: for one that may be
// large. What is given is UTF-8 without NUL bytes; with a problem, no more of the file is given.
using UseLines = std::function<void(std::string_view lines)>;
SourceRead readLines(const std::filesystem::path& path, uint32_t fileIndex, const Location& whole, size_t maxBytes, const UseLines& use);

} // namespace caapolicy
