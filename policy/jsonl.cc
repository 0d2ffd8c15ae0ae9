// SPDX-License-Identifier: GPL-2.0-or-later

#include "jsonl.hh"

#include "messages.hh"

#include <algorithm>
#include <optional>
#include <string>

#include <simdjson.h>

namespace caapolicy {

namespace {

namespace ondemand = simdjson::ondemand;

// Of one file. A generated one may be wrong in each of a million lines.
constexpr size_t kMaxProblems = 1000;

std::string_view trimmed(std::string_view text)
{
  const size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

// What the first pass of simdjson refuses without saying where: find it.
size_t findBadString(std::string_view line, simdjson::error_code code)
{
  size_t opened = std::string_view::npos;
  for (size_t index = 0; index < line.size(); ++index) {
    if (line[index] == '"') {
      opened = opened == std::string_view::npos ? index : std::string_view::npos;
    }
    else if (opened != std::string_view::npos && line[index] == '\\') {
      ++index;
    }
    else if (opened != std::string_view::npos && code == simdjson::UNESCAPED_CHARS && static_cast<unsigned char>(line[index]) < 0x20) {
      return index;
    }
  }
  return opened == std::string_view::npos ? 0 : opened;
}

std::string_view reason(simdjson::error_code code)
{
  switch (code) {
  case simdjson::UNCLOSED_STRING:
    return "the string that begins here has no end";
  case simdjson::UNESCAPED_CHARS:
    return "a control character in a string";
  case simdjson::STRING_ERROR:
    return "a bad escape in a string";
  case simdjson::NUMBER_ERROR:
  case simdjson::NUMBER_OUT_OF_RANGE:
    return "a bad number";
  case simdjson::T_ATOM_ERROR:
  case simdjson::F_ATOM_ERROR:
  case simdjson::N_ATOM_ERROR:
    return "an unknown word";
  case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
    return "a `}` or `]` is missing";
  case simdjson::TRAILING_CONTENT:
    return "something follows the object";
  default:
    return "unexpected text";
  }
}

// Thrown to leave a line that is not JSON.
struct BadLine {
  simdjson::error_code code;
  std::optional<size_t> offset; // none: where the parser stands
};

} // namespace

class JsonLines::LineParser {
public:
  LineParser(uint32_t fileIndex, std::vector<Diagnostic>& problems) : d_file(fileIndex), d_problems(problems) {}

  // Null when it was reported. Holds until the next line is parsed.
  const TreeNode* parse(std::string_view line, uint32_t number)
  {
    d_number = number;
    // The parser reads whole vectors, past the end of the line.
    d_buffer.assign(line);
    d_buffer.append(simdjson::SIMDJSON_PADDING, '\0');
    d_line = std::string_view(d_buffer).substr(0, line.size());

    ondemand::document document;
    if (const auto code = d_parser.iterate(d_buffer.data(), line.size(), d_buffer.size()).get(document)) {
      report({code, findBadString(line, code)}, document);
      return nullptr;
    }
    try {
      ondemand::json_type type{};
      need(document.type().get(type));
      if (type != ondemand::json_type::object) {
        d_problems.push_back(messages::notAnObject(at(line.find_first_not_of(" \t"), trimmed(line).size() - line.find_first_not_of(" \t"))));
        return nullptr;
      }
      ondemand::object object;
      need(document.get_object().get(object));
      readObject(object, at(line.find_first_not_of(" \t"), 1), 1, d_tree);
      const char* rest = nullptr;
      if (document.current_location().get(rest) == simdjson::SUCCESS) {
        throw BadLine{simdjson::TRAILING_CONTENT, std::nullopt};
      }
      d_tree.where.length = static_cast<uint32_t>(trimmed(line).size() - (d_tree.where.column - 1));
      return &d_tree;
    }
    catch (const BadLine& bad) {
      if (bad.code != simdjson::DEPTH_ERROR) { // that one was reported where it was seen
        report(bad, document);
      }
      return nullptr;
    }
  }

private:
  static void need(simdjson::error_code code, std::optional<size_t> offset = std::nullopt)
  {
    if (code != simdjson::SUCCESS) {
      throw BadLine{code, offset};
    }
  }

  void report(const BadLine& bad, ondemand::document& document)
  {
    size_t offset = d_line.size();
    const char* location = nullptr;
    if (bad.offset) {
      offset = *bad.offset;
    }
    else if (document.current_location().get(location) == simdjson::SUCCESS) {
      offset = std::min(offsetOf(location), d_line.size());
    }
    d_problems.push_back(messages::notJson(at(offset, 1), reason(bad.code)));
  }

  size_t offsetOf(const char* pointer) const { return static_cast<size_t>(pointer - d_buffer.data()); }

  Location at(size_t offset, size_t length) const
  {
    return {d_file, d_number, static_cast<uint32_t>(offset + 1), static_cast<uint32_t>(std::max<size_t>(length, 1))};
  }

  // The string whose text begins at the offset, with its quotes.
  Location atString(size_t textOffset) const
  {
    size_t end = textOffset;
    while (end < d_line.size() && d_line[end] != '"') {
      end += d_line[end] == '\\' ? 2U : 1U;
    }
    return at(textOffset - 1, end + 2 - textOffset);
  }

  // The nodes are those of the line before, so that lines of one shape are read without allocating.
  static void reset(TreeNode& node, TreeNode::Kind kind, const Location& where)
  {
    node.kind = kind;
    node.style = TreeNode::Style::Plain;
    node.where = where;
    node.text.clear();
    if (kind != TreeNode::Kind::List) {
      node.items.clear();
    }
    if (kind != TreeNode::Kind::Map) {
      node.entries.clear();
    }
  }

  template <typename Element>
  static Element& nodeAt(std::vector<Element>& elements, size_t index)
  {
    if (index == elements.size()) {
      elements.emplace_back();
    }
    return elements[index];
  }

  void readObject(ondemand::object object, const Location& where, size_t depth, TreeNode& node)
  {
    reset(node, TreeNode::Kind::Map, where);
    size_t count = 0;
    const auto end = [&] {
      node.entries.resize(count);
      dropDuplicateKeys(node, d_problems);
    };
    try {
      for (auto item : object) {
        ondemand::field field;
        need(std::move(item).get(field));
        TreeEntry& entry = nodeAt(node.entries, count);
        entry.keyWhere = atString(offsetOf(field.key().raw()));
        std::string_view key;
        need(field.unescaped_key().get(key));
        entry.key = key;
        readValue(field.value(), depth, entry.value);
        ++count;
      }
    }
    catch (const BadLine&) { // duplicates before the bad place are told of as well
      end();
      throw;
    }
    end();
  }

  void readValue(ondemand::value value, size_t depth, TreeNode& node)
  {
    const std::string_view token = trimmed(value.raw_json_token());
    const size_t offset = offsetOf(token.data());
    const Location where = at(offset, token.size());
    ondemand::json_type type{};
    need(value.type().get(type));
    if ((type == ondemand::json_type::object || type == ondemand::json_type::array) && depth >= kMaxTreeDepth) {
      d_problems.push_back(messages::tooDeep(where, kMaxTreeDepth));
      throw BadLine{simdjson::DEPTH_ERROR, offset};
    }
    switch (type) {
    case ondemand::json_type::object: {
      ondemand::object object;
      need(value.get_object().get(object));
      readObject(object, where, depth + 1, node);
      return;
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      need(value.get_array().get(array));
      reset(node, TreeNode::Kind::List, where);
      size_t count = 0;
      for (auto item : array) {
        ondemand::value element;
        need(std::move(item).get(element));
        readValue(element, depth + 1, nodeAt(node.items, count));
        ++count;
      }
      node.items.resize(count);
      return;
    }
    case ondemand::json_type::string: {
      std::string_view text;
      need(value.get_string().get(text), offset);
      reset(node, TreeNode::Kind::Scalar, where);
      node.style = TreeNode::Style::Quoted;
      node.text = text;
      return;
    }
    case ondemand::json_type::number: {
      ondemand::number number;
      need(value.get_number().get(number), offset);
      break;
    }
    case ondemand::json_type::boolean: {
      bool boolean = false;
      need(value.get_bool().get(boolean), offset);
      break;
    }
    case ondemand::json_type::null:
      if (token != "null") {
        throw BadLine{simdjson::N_ATOM_ERROR, offset};
      }
      value.is_null(); // moves on
      reset(node, TreeNode::Kind::Nothing, where);
      node.text = token;
      return;
    }
    reset(node, TreeNode::Kind::Scalar, where);
    node.style = TreeNode::Style::Literal;
    node.text = token;
  }

  uint32_t d_file;
  std::vector<Diagnostic>& d_problems;
  ondemand::parser d_parser;
  std::string d_buffer;    // the line, padded
  std::string_view d_line; // of the buffer
  uint32_t d_number{0};
  TreeNode d_tree; // of the line
};

JsonLines::JsonLines(uint32_t fileIndex, std::vector<Diagnostic>& problems, std::function<void(const TreeNode&)> use) :
  d_parser(std::make_unique<LineParser>(fileIndex, problems)), d_file(fileIndex), d_problems(problems), d_use(std::move(use)), d_mostProblems(problems.size() + kMaxProblems)
{
}

JsonLines::~JsonLines() = default;

void JsonLines::read(std::string_view lines)
{
  while (!lines.empty() && !d_isGivenUp) {
    if (d_problems.size() >= d_mostProblems) {
      d_problems.push_back(messages::tooManyProblems({d_file, d_number, 1, 1}));
      d_isGivenUp = true;
      return;
    }
    const size_t end = lines.find('\n');
    const std::string_view line = trimmed(lines.substr(0, end));
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    ++d_number;
    if (line.empty()) {
      continue;
    }
    if (const TreeNode* object = d_parser->parse(line, d_number)) {
      d_use(*object);
    }
  }
}

} // namespace caapolicy
