// SPDX-License-Identifier: GPL-2.0-or-later

#include "yaml_tree.hh"

#include "messages.hh"

#include <algorithm>
#include <istream>
#include <streambuf>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace caapolicy {

namespace {

// Lets the parser read the text where it is.
class ViewBuffer : public std::streambuf {
public:
  explicit ViewBuffer(std::string_view text)
  {
    // std::streambuf wants pointers that it could write through; nothing does.
    char* begin = const_cast<char*>(text.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast)
    setg(begin, begin, begin + text.size());
  }
};

// Answers what yaml-cpp's events leave out: how far a value reaches in the source.
class SourceText {
public:
  SourceText(std::string_view text, uint32_t fileIndex) : d_text(text), d_file(fileIndex)
  {
    d_lines.push_back(0);
    for (size_t index = text.find('\n'); index != std::string_view::npos; index = text.find('\n', index + 1)) {
      d_lines.push_back(index + 1);
    }
  }

  // yaml-cpp counts from 0, and its columns count bytes.
  Location at(const YAML::Mark& mark, size_t length) const
  {
    return {d_file, static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1), static_cast<uint32_t>(std::max<size_t>(length, 1))};
  }

  std::string_view from(const YAML::Mark& mark) const
  {
    const auto line = static_cast<size_t>(mark.line);
    if (mark.line < 0 || line >= d_lines.size()) {
      return {};
    }
    return d_text.substr(std::min(d_lines[line] + static_cast<size_t>(mark.column), d_text.size()));
  }

  std::string_view before(const YAML::Mark& mark) const { return d_text.substr(0, d_text.size() - from(mark).size()); }

  YAML::Mark markOf(size_t offset) const
  {
    YAML::Mark mark;
    mark.line = static_cast<int>(std::upper_bound(d_lines.begin(), d_lines.end(), offset) - d_lines.begin() - 1);
    mark.column = static_cast<int>(offset - d_lines[static_cast<size_t>(mark.line)]);
    return mark;
  }

private:
  std::string_view d_text;
  uint32_t d_file;
  std::vector<size_t> d_lines; // offset of each line
};

std::string_view restOfLine(std::string_view text)
{
  std::string_view line = text.substr(0, text.find('\n'));
  line = line.substr(0, line.find(" #"));
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

// Up to and with the closing quote; none when there is no closing quote.
std::optional<size_t> quotedLength(std::string_view text)
{
  const char quote = text[0];
  for (size_t index = 1; index < text.size(); ++index) {
    if (quote == '"' && text[index] == '\\') {
      ++index;
    }
    else if (text[index] == quote) {
      if (quote == '\'' && index + 1 < text.size() && text[index + 1] == quote) {
        ++index; // '' is an apostrophe
        continue;
      }
      return index + 1;
    }
  }
  return std::nullopt;
}

// A list or map in brackets as far as it is on one line; any other to the end of the line.
size_t collectionLength(std::string_view text)
{
  const std::string_view line = restOfLine(text);
  if (line.empty() || (line[0] != '[' && line[0] != '{')) {
    return line.size();
  }
  size_t depth = 0;
  for (size_t index = 0; index < line.size(); ++index) {
    const char letter = line[index];
    if (letter == '[' || letter == '{') {
      ++depth;
    }
    else if (letter == ']' || letter == '}') {
      if (--depth == 0) {
        return index + 1;
      }
    }
    else if (letter == '"' || letter == '\'') {
      const auto length = quotedLength(line.substr(index));
      index += length ? *length - 1 : 0;
    }
  }
  return line.size();
}

// Thrown through the parser, which has no other way to be stopped.
struct Stop {};

class Builder : public YAML::EventHandler {
public:
  Builder(const SourceText& source, std::vector<Diagnostic>& problems, size_t maxValues, const ItemStream* stream) :
    d_source(source), d_problems(problems), d_maxValues(maxValues), d_stream(stream)
  {
  }

  TreeNode take() { return std::move(d_root); }

  void OnDocumentStart(const YAML::Mark& mark) override
  {
    if (++d_documents > 1) {
      d_problems.push_back(messages::severalDocuments(d_source.at(mark, restOfLine(d_source.from(mark)).size())));
      throw Stop{};
    }
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override
  {
    TreeNode node;
    const std::string_view written = restOfLine(d_source.from(mark));
    const size_t word = written.substr(0, 1) == "~" ? 1 : 4;
    std::string_view text = written.substr(0, word);
    const bool isWritten = text == "~" || text == "null" || text == "Null" || text == "NULL";
    // The mark of a value that is not there is that of whatever follows.
    node.where = isWritten ? d_source.at(mark, word) : placeOfNothing(mark);
    node.text = isWritten ? std::string(text) : std::string();
    add(std::move(node), isWritten);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override
  {
    const std::string_view text = d_source.from(mark);
    const size_t length = std::min(text.find_first_of(" \t\r\n,]}"), text.size());
    TreeNode node;
    node.kind = TreeNode::Kind::Broken;
    node.where = d_source.at(mark, length);
    d_problems.push_back(messages::yamlAlias(node.where, text.substr(0, length)));
    add(std::move(node));
  }

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override
  {
    d_problems.push_back(messages::yamlAnchor(d_source.at(mark, name.size() + 1), name));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
  {
    TreeNode node;
    node.kind = TreeNode::Kind::Scalar;
    node.text = value;
    const std::string_view text = d_source.from(mark);
    if (!plainTag(mark, tag)) {
      node.kind = TreeNode::Kind::Broken;
      node.where = d_source.at(mark, restOfLine(text).size());
    }
    else if (anchor != 0) {
      // The mark is that of the anchor.
      node.style = tag == "?" ? TreeNode::Style::Plain : TreeNode::Style::Quoted;
      node.where = d_source.at(mark, restOfLine(text).size());
    }
    else if (tag == "!" && !text.empty() && (text[0] == '"' || text[0] == '\'')) {
      node.style = TreeNode::Style::Quoted;
      const auto length = quotedLength(text);
      if (!length) {
        // yaml-cpp takes the end of the file for the closing quote.
        d_problems.push_back(messages::notYaml(d_source.at(mark, 1), "the text in quotes that begins here has no end", "close the quotes"));
        throw Stop{};
      }
      const size_t firstLine = restOfLineWithComment(text).size();
      node.where = d_source.at(mark, std::min(*length, firstLine));
    }
    else if (tag == "!") {
      node.style = TreeNode::Style::Quoted; // a block: | or >
      node.where = d_source.at(mark, restOfLine(text).size());
    }
    else {
      node.where = d_source.at(mark, text.substr(0, value.size()) == value ? value.size() : restOfLine(text).size());
    }
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override
  {
    open(TreeNode::Kind::List, mark, tag);
  }
  void OnSequenceEnd() override { closeTop(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override
  {
    open(TreeNode::Kind::Map, mark, tag);
  }
  void OnMapEnd() override
  {
    dropDuplicateKeys(d_open.back().node, d_problems);
    closeTop();
  }

private:
  struct Open {
    TreeNode node;
    bool wantsKey{true};
    bool keyIsGood{false};
    bool isStreamed{false};
    size_t valuesBefore{0}; // of a streamed list: before its items
    TreeEntry entry; // of a map: the one whose key was read
  };

  static std::string_view restOfLineWithComment(std::string_view text)
  {
    const std::string_view line = text.substr(0, text.find('\n'));
    return line.substr(0, line.find_last_not_of(" \t\r") + 1);
  }

  bool plainTag(const YAML::Mark& mark, const std::string& tag)
  {
    if (tag.empty() || tag == "?" || tag == "!") {
      return true;
    }
    const std::string_view text = d_source.from(mark);
    const size_t length = std::min(text.find_first_of(" \t\r\n,]}"), text.size());
    d_problems.push_back(messages::yamlTag(d_source.at(mark, length), text.substr(0, length)));
    return false;
  }

  // Nothing was written: after a key it is at the key; in a list, at the dash.
  Location placeOfNothing(const YAML::Mark& mark) const
  {
    if (!d_open.empty() && d_open.back().node.isMap() && !d_open.back().wantsKey) {
      return d_open.back().entry.keyWhere;
    }
    const std::string_view before = d_source.before(mark);
    const size_t dash = before.find_last_not_of(" \t\r\n");
    if (dash != std::string_view::npos && before[dash] == '-') {
      return d_source.at(d_source.markOf(dash), 1);
    }
    return d_source.at(mark, 1);
  }

  void open(TreeNode::Kind kind, const YAML::Mark& mark, const std::string& tag)
  {
    plainTag(mark, tag);
    Open opened;
    opened.node.kind = kind;
    opened.node.where = d_source.at(mark, collectionLength(d_source.from(mark)));
    count(opened.node.where);
    if (d_open.size() >= kMaxTreeDepth) {
      d_problems.push_back(messages::tooDeep(opened.node.where, kMaxTreeDepth));
      throw Stop{};
    }
    opened.isStreamed = kind == TreeNode::Kind::List && isStreamNext();
    opened.valuesBefore = d_values;
    d_open.push_back(std::move(opened));
  }

  // Is the value that comes the one to be handed over in pieces? Under a key that is there for the second time it is not.
  bool isStreamNext() const
  {
    if (d_stream == nullptr || d_open.size() != 1) {
      return false;
    }
    const Open& root = d_open.back();
    return root.node.isMap() && !root.wantsKey && root.keyIsGood && root.entry.key == d_stream->key && root.node.find(d_stream->key) == nullptr;
  }

  void closeTop()
  {
    TreeNode node = std::move(d_open.back().node);
    d_open.pop_back();
    attach(std::move(node), true);
  }

  void add(TreeNode node, bool isWritten = true)
  {
    count(node.where);
    attach(std::move(node), isWritten);
  }

  void count(const Location& where)
  {
    if (++d_values > d_maxValues) {
      d_problems.push_back(messages::tooManyValues(where, d_maxValues));
      throw Stop{};
    }
  }

  void attach(TreeNode node, bool isWritten)
  {
    if (d_open.empty()) {
      d_root = std::move(node);
      return;
    }
    Open& top = d_open.back();
    if (top.isStreamed) {
      d_stream->use(node);
      d_values = top.valuesBefore;
      return;
    }
    if (top.node.isList()) {
      top.node.items.push_back(std::move(node));
      return;
    }
    if (top.wantsKey) {
      top.wantsKey = false;
      top.keyIsGood = node.isScalar();
      if (!top.keyIsGood && !node.isBroken()) {
        d_problems.push_back(messages::keyIsNotText(node.where));
      }
      top.entry = TreeEntry{std::move(node.text), node.where, {}};
      return;
    }
    top.wantsKey = true;
    if (!top.keyIsGood) {
      return;
    }
    if (!isWritten && !hasColon(top.entry)) {
      d_problems.push_back(messages::missingColon(top.entry.keyWhere, top.entry.key));
      node.kind = TreeNode::Kind::Broken;
    }
    top.entry.value = std::move(node);
    top.node.entries.push_back(std::move(top.entry));
  }

  // yaml-cpp takes a word alone on its line for a key without a value.
  bool hasColon(const TreeEntry& entry) const
  {
    YAML::Mark mark;
    mark.line = static_cast<int>(entry.keyWhere.line) - 1;
    mark.column = static_cast<int>(entry.keyWhere.column + entry.keyWhere.length) - 1;
    const std::string_view after = d_source.from(mark);
    const size_t next = after.find_first_not_of(" \t");
    return next != std::string_view::npos && after[next] == ':';
  }

  const SourceText& d_source;
  std::vector<Diagnostic>& d_problems;
  size_t d_maxValues;
  const ItemStream* d_stream; // null: none
  std::vector<Open> d_open;
  TreeNode d_root;
  size_t d_documents{0};
  size_t d_values{0};
};

// yaml-cpp's words, and what usually is behind them.
Diagnostic explain(const YAML::Exception& exception, const SourceText& source)
{
  const YAML::Mark& mark = exception.mark;
  if (mark.is_null()) {
    return messages::notYaml({source.at({}, 1).file, 0, 0, 0}, exception.msg, {});
  }
  const std::string_view text = restOfLine(source.from(mark));
  const std::string_view word = text.substr(0, text.find_first_of(" \t,]}"));
  if (text.substr(0, 1) == "*") {
    const size_t colon = word.find(':');
    return messages::yamlAlias(source.at(mark, std::min(colon, word.size())), word.substr(0, colon));
  }
  const std::string_view before = source.before(mark);
  const std::string_view line = before.substr(before.rfind('\n') + 1);
  if (line.find('\t') != std::string_view::npos || text.substr(0, 1) == "\t") {
    return messages::notYaml(source.at(mark, 1), exception.msg, "indent with spaces: YAML has no room for tabs");
  }
  if (text.find_first_of("@`%") == 0 && mark.column > 0) {
    return messages::notYaml(source.at(mark, word.size()), exception.msg, "a text that begins with `@`, `` ` `` or `%` must be in quotes");
  }
  if (exception.msg == "illegal map value") {
    return messages::notYaml(source.at(mark, 1), exception.msg, "look for a `: ` too much, a `:` that is missing in the line before, or lines that are not indented alike");
  }
  if (exception.msg == "end of sequence flow not found" || exception.msg == "end of map flow not found") {
    return messages::notYaml(source.at(mark, 1), exception.msg, "a `[` or `{` before this place is not closed");
  }
  if (exception.msg == "illegal flow end") {
    return messages::notYaml(source.at(mark, 1), exception.msg, "a `]` or `}` here closes nothing");
  }
  return messages::notYaml(source.at(mark, 1), exception.msg, {});
}

// yaml-cpp keeps a token for every bracket that is open before it tells of any, so that a few megabytes of `[` would take
// gigabytes. Where brackets that may open a list or a map get ahead of those that close one by this many, it is not asked.
std::optional<size_t> bracketFlood(std::string_view text)
{
  constexpr size_t kMaxOpen = 1000; // free text may have a lonely bracket now and then
  size_t open = 0;
  char before = '\n';
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if ((c == '[' || c == '{') && std::string_view(" \t\r\n,[{:-?").find(before) != std::string_view::npos) {
      if (++open > kMaxOpen) {
        return at;
      }
    }
    else if ((c == ']' || c == '}') && open > 0) {
      --open;
    }
    before = c;
  }
  return std::nullopt;
}

} // namespace

std::optional<TreeNode> parseYaml(std::string_view text, uint32_t fileIndex, std::vector<Diagnostic>& problems, size_t maxValues, const ItemStream* stream)
{
  const SourceText source(text, fileIndex);
  if (const auto flood = bracketFlood(text)) {
    problems.push_back(messages::tooDeep(source.at(source.markOf(*flood), 1), kMaxTreeDepth));
    return std::nullopt;
  }
  Builder builder(source, problems, maxValues, stream);
  try {
    ViewBuffer buffer(text);
    std::istream input(&buffer);
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
    TreeNode tree = builder.take();
    if (tree.kind == TreeNode::Kind::Nothing) {
      tree.where = {fileIndex, 0, 0, 0};
    }
    return tree;
  }
  catch (const Stop&) {
    return std::nullopt;
  }
  catch (const YAML::Exception& exception) {
    problems.push_back(explain(exception, source));
    return std::nullopt;
  }
}

} // namespace caapolicy
