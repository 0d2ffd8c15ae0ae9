// SPDX-License-Identifier: GPL-2.0-or-later

#include "diagnostic.hh"

#include "utf8.hh"

#include <algorithm>

#include <fmt/format.h>

namespace caapolicy {

namespace {

constexpr size_t kTabWidth = 4;
// A JSON line may be far longer than a terminal: show this much of it, with a little of what comes before the place.
constexpr size_t kShownBytes = 160;
constexpr size_t kShownBefore = 40;

std::string place(const Location& where, const std::vector<SourceFile>& files)
{
  const std::string path = where.file < files.size() ? printable(files[where.file].path) : "(unknown file)";
  if (where.line == 0) {
    return path;
  }
  return fmt::format("{}:{}:{}", path, where.line, where.column);
}

std::string headline(const Diagnostic& diagnostic, const std::vector<SourceFile>& files)
{
  return fmt::format("{}: {}: {} [{}]", place(diagnostic.where, files),
                     diagnostic.severity == Severity::Error ? "error" : "warning", diagnostic.message, diagnostic.code);
}

// The part of the line that is shown, and where the offending text is in it.
struct Excerpt {
  std::string_view text;
  size_t begin{0};
  size_t end{0};
  bool cutBefore{false};
  bool cutAfter{false};
};

Excerpt excerptOf(std::string_view line, const Location& where)
{
  Excerpt excerpt{line, std::min<size_t>(where.column - 1, line.size()), 0, false, false};
  excerpt.end = std::min<size_t>(excerpt.begin + std::max<uint32_t>(where.length, 1), line.size());

  size_t first = std::min(line.find_first_not_of(" \t"), excerpt.begin);
  if (line.size() - first > kShownBytes && excerpt.begin - first > kShownBefore) {
    first = excerpt.begin - kShownBefore;
    while (first > 0 && isUtf8Continuation(line[first])) {
      --first;
    }
    excerpt.cutBefore = true;
  }
  size_t last = line.size();
  if (last - first > kShownBytes) {
    last = first + kShownBytes;
    while (last < line.size() && isUtf8Continuation(line[last])) {
      ++last;
    }
    excerpt.cutAfter = last < line.size();
  }
  excerpt.text = line.substr(first, last - first);
  excerpt.begin -= first;
  excerpt.end = std::min(excerpt.end - first, excerpt.text.size());
  return excerpt;
}

// The source line with the place underlined: two lines, indented.
std::string snippet(const Location& where, const std::vector<SourceFile>& files)
{
  if (where.line == 0 || where.column == 0 || where.file >= files.size()) {
    return {};
  }
  const std::string_view line = files[where.file].line(where.line);
  const Excerpt excerpt = excerptOf(line, where);

  std::string shown = excerpt.cutBefore ? "…" : "";
  std::string marks = excerpt.cutBefore ? " " : "";
  size_t width = marks.size();
  bool marked = false;
  const auto mark = [&](size_t byte, size_t cells) {
    const bool inside = byte >= excerpt.begin && byte < excerpt.end;
    for (size_t cell = 0; cell < cells; ++cell) {
      marks += inside ? (marked ? '~' : '^') : ' ';
      marked = marked || inside;
    }
  };
  for (size_t byte = 0; byte < excerpt.text.size();) {
    if (excerpt.text[byte] == '\t') {
      // Tabs become spaces, so that the underline stands right wherever the tab stops of the terminal are.
      const size_t cells = kTabWidth - width % kTabWidth;
      shown.append(cells, ' ');
      mark(byte, cells);
      width += cells;
      ++byte;
      continue;
    }
    const Utf8Character character = decodeUtf8(excerpt.text.substr(byte));
    shown += printable(excerpt.text.substr(byte, character.length));
    const size_t cells = displayWidth(character);
    mark(byte, cells);
    width += cells;
    byte += character.length;
  }
  shown += excerpt.cutAfter ? "…" : "";
  if (!marked) {
    // Past the end of the line, as for something that is missing there.
    marks += '^';
  }
  marks.erase(marks.find_last_not_of(' ') + 1);
  return fmt::format("    {}\n    {}\n", shown, marks);
}

} // namespace

std::string render(const Diagnostic& diagnostic, const std::vector<SourceFile>& files)
{
  std::string text = headline(diagnostic, files) + "\n" + snippet(diagnostic.where, files);
  if (!diagnostic.hint.empty()) {
    text += fmt::format("  hint: {}\n", diagnostic.hint);
  }
  if (diagnostic.related) {
    text += fmt::format("{}: note: {}\n", place(*diagnostic.related, files), diagnostic.relatedMessage);
    text += snippet(*diagnostic.related, files);
  }
  return text;
}

std::string renderLine(const Diagnostic& diagnostic, const std::vector<SourceFile>& files)
{
  std::string text = headline(diagnostic, files);
  if (!diagnostic.hint.empty()) {
    text += fmt::format(" ({})", diagnostic.hint);
  }
  return text;
}

} // namespace caapolicy
