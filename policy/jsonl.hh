// SPDX-License-Identifier: GPL-2.0-or-later
//
// JSON Lines -> trees: one object a line, blank lines between them allowed. Each line stands alone: a bad one is
// reported and the next one is read.
//
// One thread uses an object at a time.
#pragma once

#include "diagnostic.hh"
#include "tree.hh"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace caapolicy {

// Of a file that comes in pieces.
class JsonLines {
public:
  // Calls `use` with the object of each good line. `problems` outlives this.
  JsonLines(uint32_t fileIndex, std::vector<Diagnostic>& problems, std::function<void(const TreeNode&)> use);
  ~JsonLines();
  // Whole lines: UTF-8 without NUL bytes. Those after very many problems are not looked at.
  void read(std::string_view lines);

private:
  class LineParser;
  std::unique_ptr<LineParser> d_parser;
  uint32_t d_file;
  std::vector<Diagnostic>& d_problems;
  std::function<void(const TreeNode&)> d_use;
  size_t d_mostProblems;
  bool d_isGivenUp{false}; // there were so many
  uint32_t d_number{0};    // of the last line
};

} // namespace caapolicy
