// SPDX-License-Identifier: GPL-2.0-or-later
#include "withdraw.hh"

#include "jsonl.hh"
#include "yaml_tree.hh"

#include <algorithm>
#include <string_view>

namespace caapolicy {

namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kSpace = " \t\r\n";

bool isJsonLines(const SourceFile& file) { return file.path.ends_with(".jsonl"); }

// What a tree means, wherever it stands.
bool sameMeaning(const TreeNode& left, const TreeNode& right)
{
  return left.kind == right.kind && left.style == right.style && left.text == right.text
    && std::equal(left.items.begin(), left.items.end(), right.items.begin(), right.items.end(), sameMeaning)
    && std::equal(left.entries.begin(), left.entries.end(), right.entries.begin(), right.entries.end(),
                  [](const TreeEntry& a, const TreeEntry& b) { return a.key == b.key && sameMeaning(a.value, b.value); });
}

// What becomes of the comment lines directly above.
enum class Above : uint8_t { Stays, Goes };

// Cuts from the end to the beginning, so that the places before stay what they are.
class TextCutter {
public:
  explicit TextCutter(const std::string& text) : d_before(text), d_text(text)
  {
    d_lines.push_back(0);
    for (size_t at = d_text.find('\n'); at != std::string::npos; at = d_text.find('\n', at + 1)) {
      d_lines.push_back(at + 1);
    }
  }

  // False, of each of these: it can't be done.

  // An item of the list, in whichever way that is written.
  bool cutItem(const TreeNode& list, const TreeNode& item, Above above)
  {
    const size_t begin = offsetOf(list.where);
    return isFlow(list) ? cutFlow(item, begin, above) : cutBlock(item, above);
  }

  bool cutLine(const TreeNode& object)
  {
    const size_t begin = lineBegin(offsetOf(object.where));
    d_text.erase(begin, nextLine(begin) - begin);
    return true;
  }

  // A list that has lost all its items is written as one: a key without a value would be none.
  bool writeEmptyList(const TreeNode& list, const Location& key)
  {
    if (isFlow(list)) {
      return true;
    }
    const size_t colon = d_text.find_first_not_of(kBlanks, offsetOf(key) + key.length);
    if (colon == std::string::npos || d_text[colon] != ':') {
      return false;
    }
    d_text.insert(colon + 1, " []");
    return true;
  }

  std::string take() { return std::move(d_text); }

private:
  // What is before the first cut is where it was.
  size_t offsetOf(const Location& where) const { return where.line == 0 || where.line > d_lines.size() ? d_before.size() : d_lines[where.line - 1] + where.column - 1; }
  bool isFlow(const TreeNode& list) const { return offsetOf(list.where) < d_before.size() && d_before[offsetOf(list.where)] == '['; }
  size_t lineBegin(size_t at) const
  {
    const size_t found = at == 0 ? std::string::npos : d_text.rfind('\n', at - 1);
    return found == std::string::npos ? 0 : found + 1;
  }
  size_t nextLine(size_t at) const
  {
    const size_t found = d_text.find('\n', at);
    return found == std::string::npos ? d_text.size() : found + 1;
  }

  // "- name: …": whole lines, as far as they are indented deeper than the dash.
  bool cutBlock(const TreeNode& item, Above above)
  {
    const size_t value = offsetOf(item.where);
    const size_t dash = value == 0 ? std::string::npos : d_text.find_last_not_of(kSpace, value - 1);
    if (dash == std::string::npos || d_text[dash] != '-') {
      return false;
    }
    const size_t begin = lineBegin(dash);
    if (d_text.find_first_not_of(' ', begin) != dash) {
      return false;
    }
    size_t end = nextLine(value);
    for (size_t at = end; at < d_text.size(); at = nextLine(at)) {
      const size_t first = d_text.find_first_not_of(kBlanks, at);
      const bool isBlank = first == std::string::npos || d_text[first] == '\n' || d_text[first] == '\r';
      if (isBlank) {
        continue;
      }
      const bool isDeeper = first - at > dash - begin;
      const bool isComment = d_text[first] == '#';
      if (!isDeeper && !isComment) {
        break;
      }
      if (isDeeper && (!isComment || at == end)) { // a comment after a gap is about something else
        end = nextLine(at);
      }
    }
    const size_t from = above == Above::Goes ? commentsAbove(begin, dash - begin, value - lineBegin(value)) : begin;
    d_text.erase(from, end - from);
    return true;
  }

  // Where the comment lines begin that are indented as a dash or its item, and stand above the line of the dash, without a gap.
  size_t commentsAbove(size_t line, size_t dash, size_t item) const
  {
    size_t begin = line;
    for (size_t at = line; at > 0;) {
      at = lineBegin(at - 1);
      const size_t first = d_text.find_first_not_of(' ', at);
      if (d_text[first] != '#' || (first - at != dash && first - at != item)) {
        break;
      }
      begin = at;
    }
    if (begin == 0) {
      return begin;
    }
    // What is indented as the keys of the item before, and touches it, is about that one.
    const size_t before = lineBegin(begin - 1);
    const size_t first = d_text.find_first_not_of(kBlanks, before);
    const bool isBlank = d_text[first] == '\n' || d_text[first] == '\r';
    const bool isItem = !isBlank && (first - before > dash || d_text[first] == '-');
    while (isItem && begin < line && d_text.find_first_not_of(' ', begin) - begin > dash) {
      begin = nextLine(begin);
    }
    return begin;
  }

  // An item in brackets, with the comma that it needed, or its whole line where it has one for itself.
  bool cutFlow(const TreeNode& item, size_t list, Above above)
  {
    const size_t begin = offsetOf(item.where);
    const size_t end = begin + item.where.length;
    const char wanted = item.isMap() ? '}' : item.isList() ? ']' : '\0';
    if (end > d_text.size() || (wanted != '\0' && (d_text[end - 1] != wanted || item.where.length < 2))) {
      return false;
    }
    const size_t after = std::min(d_text.find_first_not_of(kBlanks, end), d_text.size());
    const bool hasComma = after < d_text.size() && d_text[after] == ',';
    const size_t next = std::min(d_text.find_first_not_of(kBlanks, hasComma ? after + 1 : after), d_text.size());
    const size_t line = lineBegin(begin);
    const bool isAlone = line > list && d_text.find_first_not_of(kBlanks, line) == begin && (next == d_text.size() || std::string_view("\r\n#").find(d_text[next]) != std::string_view::npos);
    if (isAlone) {
      const size_t from = above == Above::Goes ? commentsAbove(line, begin - line, begin - line) : line;
      d_text.erase(from, nextLine(begin) - from);
      return true;
    }
    if (hasComma) {
      d_text.erase(begin, next - begin);
      return true;
    }
    const size_t before = d_text.find_last_not_of(kBlanks, begin - 1);
    const size_t from = d_text[before] == ',' ? before : begin;
    d_text.erase(from, end - from);
    return true;
  }

  const std::string& d_before;
  std::string d_text;
  std::vector<size_t> d_lines; // offset of each line of d_before
};

// The approvals of a file as a list, and where it stands.
struct Approvals {
  TreeNode document; // of JSON Lines: the list itself
  TreeNode* list{nullptr};
  Location key; // of the list, in YAML
};

// None: it isn't a good file of a policy.
std::optional<Approvals> readApprovals(const SourceFile& file)
{
  std::vector<Diagnostic> problems;
  Approvals approvals;
  if (isJsonLines(file)) {
    approvals.document.kind = TreeNode::Kind::List;
    JsonLines(0, problems, [&](const TreeNode& object) { approvals.document.items.push_back(object); }).read(file.text);
    return problems.empty() ? std::optional(std::move(approvals)) : std::nullopt;
  }
  auto tree = parseYaml(file.text, 0, problems);
  if (!tree || !problems.empty()) {
    return std::nullopt;
  }
  approvals.document = std::move(*tree);
  return approvals;
}

// Points into what has found its place.
bool findList(Approvals& approvals)
{
  if (approvals.document.isList()) {
    approvals.list = &approvals.document;
    return true;
  }
  for (TreeEntry& entry : approvals.document.entries) {
    if (entry.key == "approvals") {
      approvals.list = &entry.value;
      approvals.key = entry.keyWhere;
    }
  }
  return approvals.list != nullptr;
}

bool sameBegin(const Location& a, const Location& b) { return a.line == b.line && a.column == b.column; }

struct Cut {
  TreeNode* list;
  size_t index;

  const Location& where() const { return list->items[index].where; }
};

// Those of the list that are to go.
void addIssuers(TreeNode& approval, const std::vector<Location>& issuers, std::vector<Cut>& cuts)
{
  for (TreeEntry& entry : approval.entries) {
    for (size_t index = 0; entry.key == "issuers" && index < entry.value.items.size(); ++index) {
      if (std::any_of(issuers.begin(), issuers.end(), [&](const Location& gone) { return sameBegin(gone, entry.value.items[index].where); })) {
        cuts.push_back({&entry.value, index});
      }
    }
  }
}

// What is to be cut, in the order of the text; none: not everything was found.
std::optional<std::vector<Cut>> findCuts(TreeNode& list, std::vector<Withdrawal> wanted)
{
  std::sort(wanted.begin(), wanted.end(), [](const Withdrawal& a, const Withdrawal& b) { return a.approval < b.approval; });
  std::vector<Cut> cuts;
  size_t expected = 0;
  size_t next = 0;
  for (size_t index = 0; index < list.items.size() && next < wanted.size(); ++index) {
    const TreeNode* name = list.items[index].find("name");
    if (name == nullptr || !sameBegin(name->where, wanted[next].approval)) {
      continue;
    }
    const auto& issuers = wanted[next++].issuers;
    expected += std::max<size_t>(issuers.size(), 1);
    if (issuers.empty()) {
      cuts.push_back({&list, index});
    }
    else {
      addIssuers(list.items[index], issuers, cuts);
    }
  }
  return next == wanted.size() && cuts.size() == expected ? std::optional(std::move(cuts)) : std::nullopt;
}

} // namespace

std::optional<std::string> withoutApprovals(const SourceFile& file, const std::vector<Withdrawal>& withdrawals)
{
  auto approvals = readApprovals(file);
  if (!approvals || !findList(*approvals)) {
    return std::nullopt;
  }
  const auto cuts = findCuts(*approvals->list, withdrawals);
  if (!cuts) {
    return std::nullopt;
  }
  TextCutter cutter(file.text);
  for (auto cut = cuts->rbegin(); cut != cuts->rend(); ++cut) {
    const bool isLine = cut->list == &approvals->document;
    const TreeNode& item = cut->list->items[cut->index];
    const Above above = cut->list == approvals->list ? Above::Goes : Above::Stays;
    if (!(isLine ? cutter.cutLine(item) : cutter.cutItem(*cut->list, item, above))) {
      return std::nullopt;
    }
  }
  // An item of the outer list may hold an inner one, so the inner ones are cut first; none that goes holds one.
  for (const bool inner : {true, false}) {
    for (auto cut = cuts->rbegin(); cut != cuts->rend(); ++cut) {
      if ((cut->list != approvals->list) == inner) {
        cut->list->items.erase(cut->list->items.begin() + static_cast<std::ptrdiff_t>(cut->index));
      }
    }
  }
  if (approvals->list->items.empty() && !approvals->document.isList() && !cutter.writeEmptyList(*approvals->list, approvals->key)) {
    return std::nullopt;
  }
  SourceFile written{file.path, cutter.take(), {}};
  const auto again = readApprovals(written);
  if (!again || !sameMeaning(again->document, approvals->document)) {
    return std::nullopt;
  }
  return std::move(written.text);
}

bool holdsOneApproval(const SourceFile& file)
{
  auto approvals = readApprovals(file);
  return approvals && findList(*approvals) && approvals->list->items.size() == 1 && approvals->document.entries.size() <= 1;
}

} // namespace caapolicy
