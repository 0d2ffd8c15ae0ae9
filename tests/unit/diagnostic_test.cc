// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/diagnostic.hh"
#include "policy/messages.hh"
#include "policy/similar.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;

namespace {

Diagnostic at(const Location& where)
{
  return {"some-code", Severity::Error, where, "something is wrong", {}, {}, {}};
}

std::string underline(const std::string& line, uint32_t column, uint32_t length)
{
  const std::string text = render(at({0, 1, column, length}), {{"f", line + "\n", {}}});
  const std::string first = "f:1:" + std::to_string(column) + ": error: something is wrong [some-code]\n";
  REQUIRE(text.substr(0, first.size()) == first);
  return text.substr(first.size());
}

} // namespace

TEST_CASE("a diagnostic is rendered with its source")
{
  const std::vector<SourceFile> files{{"policy.yaml", "version: 1\nsubtrees:\n  example.com:\n    alow: [letsencrypt.org]\n", {}},
                                      {"other.yaml", "a: b", {}}};
  Diagnostic diagnostic{"unknown-key", Severity::Error, {0, 4, 5, 4}, "unknown key `alow`", "did you mean `allow`?", {}, {}};
  CHECK(render(diagnostic, files) == R"(policy.yaml:4:5: error: unknown key `alow` [unknown-key]
    alow: [letsencrypt.org]
    ^~~~
  hint: did you mean `allow`?
)");
  CHECK(renderLine(diagnostic, files) == "policy.yaml:4:5: error: unknown key `alow` [unknown-key] (did you mean `allow`?)");

  diagnostic.severity = Severity::Warning;
  diagnostic.hint.clear();
  diagnostic.related = Location{1, 1, 4, 1};
  diagnostic.relatedMessage = "first written here";
  CHECK(render(diagnostic, files) == R"(policy.yaml:4:5: warning: unknown key `alow` [unknown-key]
    alow: [letsencrypt.org]
    ^~~~
other.yaml:1:4: note: first written here
    a: b
       ^
)");
  CHECK(renderLine(diagnostic, files) == "policy.yaml:4:5: warning: unknown key `alow` [unknown-key]");

  CHECK(render(at({1, 0, 0, 0}), files) == "other.yaml: error: something is wrong [some-code]\n");
  CHECK(render(at({7, 1, 1, 1}), files) == "(unknown file):1:1: error: something is wrong [some-code]\n");
  CHECK(render(at({1, 9, 3, 2}), files) == "other.yaml:9:3: error: something is wrong [some-code]\n    \n    ^\n");
}

TEST_CASE("the underline stands under the text")
{
  struct Case {
    const char* name;
    std::string line;
    uint32_t column, length;
    std::string rendered;
  };
  const std::vector<Case> cases{
    {"after an indentation", "      key: value", 12, 5, "    key: value\n         ^~~~~\n"},
    {"in the indentation", "  \tkey", 2, 1, "        key\n    ^\n"},
    {"after tabs", "\tkey:\tvalue", 7, 5, "    key:    value\n            ^~~~~\n"},
    {"a tab itself", "key:\tvalue", 5, 1, "    key:    value\n        ^~~~\n"},
    {"after two bytes", "ü: value", 5, 5, "    ü: value\n       ^~~~~\n"},
    {"two bytes themselves", "ü: value", 1, 2, "    ü: value\n    ^\n"},
    {"after wide characters", "日本: value", 9, 5, "    日本: value\n          ^~~~~\n"},
    {"after a combining character", "u\xCC\x88: x", 6, 1, "    u\xCC\x88: x\n       ^\n"},
    {"behind the end", "key:", 5, 1, "    key:\n        ^\n"},
    {"longer than the line", "key: v", 6, 100, "    key: v\n         ^\n"},
    {"control characters", "a\x1B[31m: x", 8, 1, "    a\xEF\xBF\xBD[31m: x\n           ^\n"},
    {"bytes that are not UTF-8", "a\xFF: x", 2, 1, "    a\xEF\xBF\xBD: x\n     ^\n"},
    {"with a carriage return", "key: v\r", 6, 1, "    key: v\n         ^\n"},
  };
  for (const Case& test : cases) {
    INFO(test.name);
    CHECK(underline(test.line, test.column, test.length) == test.rendered);
  }
}

TEST_CASE("only a part of a long line is shown")
{
  const std::string line = std::string(500, 'a') + "HERE" + std::string(500, 'b');
  CHECK(underline(line, 501, 4) == "    …" + std::string(40, 'a') + "HERE" + std::string(116, 'b') + "…\n     " + std::string(40, ' ') + "^~~~\n");
  CHECK(underline(line, 1, 2) == "    " + std::string(160, 'a') + "…\n    ^~\n");
  // Not cut in the middle of a character.
  std::string wide;
  for (int count = 0; count < 100; ++count) {
    wide += "ü";
  }
  CHECK(underline(wide + "x", 201, 1).substr(0, 9) == "    …ü");
}

TEST_CASE("input in a message cannot steer a terminal or add a line")
{
  CHECK(messages::quoted("a b") == "`a b`");
  CHECK(messages::quoted("a\nb\tc\x1B[0m\x7F") == "`a\\nb\\tc\\x1b[0m\\x7f`");
  CHECK(messages::quoted("\xFF") == "`\\xff`");
  CHECK(messages::quoted("\xE2\x80\xAE") == "`\\xe2\\x80\\xae`"); // right-to-left override
  CHECK(messages::quoted("bücher") == "`bücher`");
  CHECK(messages::quoted(std::string(1000, 'a')) == "`" + std::string(200, 'a') + "…`");
  CHECK(messages::quotedList({}) == "");
  CHECK(messages::quotedList({"a"}) == "`a`");
  CHECK(messages::quotedList({"a", "b", "c"}, "or") == "`a`, `b` or `c`");
}

TEST_CASE("only a word that is near enough is suggested")
{
  const std::vector<std::string_view> words{"allow", "inherit", "iodef", "issuer", "issuers", "ttl"};
  struct Case {
    const char* word;
    const char* suggested; // null: none
  };
  const std::vector<Case> cases{
    {"alow", "allow"}, {"allwo", "allow"}, {"Allow", "allow"}, {"ALLOW", "allow"}, {"isuer", "issuer"}, {"issures", "issuers"},
    {"inheirts", "inherit"}, {"tll", "ttl"}, {"tt", "ttl"}, {"t", nullptr}, {"xyz", nullptr}, {"alw", nullptr}, {"", nullptr},
    {"inherit-everything", nullptr},
  };
  for (const Case& test : cases) {
    INFO(test.word);
    const auto found = mostSimilar(test.word, words);
    CHECK(found == (test.suggested != nullptr ? std::optional<std::string_view>(test.suggested) : std::nullopt));
  }
  CHECK(editDistance("abc", "abc", 3) == 0);
  CHECK(editDistance("abc", "acb", 3) == 1);
  CHECK(editDistance("abc", "", 3) == 3);
  CHECK(editDistance("kitten", "sitting", 3) == 3);
  CHECK(editDistance("kitten", "sitting", 2) == 3);
  CHECK(editDistance("aaaaaa", "bbbbbb", 2) == 3);
}
