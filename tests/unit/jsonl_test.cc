// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading_support.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

struct Case {
  const char* name;
  FileKind kind;
  std::string text;
  std::string problems;
};

const std::vector<Case> kCases{
  {"several bad lines", FileKind::Included,
R"~({"name": "a.example.com", "issuer": "ca.example.net"}

{"name": "b.example.com" "issuer": "ca.example.net"}
{"name": "c.example.com", "isuer": "ca.example.net"}
nope
[1]
"x"
)~",
R"~(approvals.jsonl:3:26: error: not JSON: unexpected text [not-json]
    {"name": "b.example.com" "issuer": "ca.example.net"}
                             ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
approvals.jsonl:4:27: error: unknown key `isuer` in an approval [unknown-key]
    {"name": "c.example.com", "isuer": "ca.example.net"}
                              ^~~~~~~
  hint: did you mean `issuer`?
approvals.jsonl:4:1: error: an approval needs the key `issuer` or `issuers` [missing-key]
    {"name": "c.example.com", "isuer": "ca.example.net"}
    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: for example `issuer: letsencrypt.org`
approvals.jsonl:5:1: error: a line of a JSON Lines file must be an object [not-an-object]
    nope
    ^~~~
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
approvals.jsonl:6:1: error: a line of a JSON Lines file must be an object [not-an-object]
    [1]
    ^~~
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
approvals.jsonl:7:1: error: a line of a JSON Lines file must be an object [not-an-object]
    "x"
    ^~~
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"string without an end", FileKind::Included,
"{\"name\": \"a.example.com}\n",
R"~(approvals.jsonl:1:10: error: not JSON: the string that begins here has no end [not-json]
    {"name": "a.example.com}
             ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"object without an end", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\"\n",
R"~(approvals.jsonl:1:1: error: not JSON: a `}` or `]` is missing [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net"
    ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"list without an end", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuers\": [\"ca.example.net\"}\n",
R"~(approvals.jsonl:1:55: error: not JSON: unexpected text [not-json]
    {"name": "a.example.com", "issuers": ["ca.example.net"}
                                                          ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"something behind", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\"} {}\n",
R"~(approvals.jsonl:1:55: error: not JSON: something follows the object [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net"} {}
                                                          ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"comma at the end", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\",}\n",
R"~(approvals.jsonl:1:54: error: not JSON: unexpected text [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net",}
                                                         ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"bad escape", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\", \"reason\": \"\\q\"}\n",
R"~(approvals.jsonl:1:65: error: not JSON: a bad escape in a string [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net", "reason": "\q"}
                                                                    ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"tab in a string", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\", \"reason\": \"a\tb\"}\n",
R"~(approvals.jsonl:1:67: error: not JSON: a control character in a string [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net", "reason": "a  b"}
                                                                      ^~
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"unknown words", FileKind::Included,
R"~({"name": "a.example.com", "issuer": "ca.example.net", "subtree": tru}
{"name": "a.example.com", "issuer": "ca.example.net", "subtree": nul}
)~",
R"~(approvals.jsonl:1:66: error: not JSON: unexpected text [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net", "subtree": tru}
                                                                     ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
approvals.jsonl:2:66: error: not JSON: an unknown word [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net", "subtree": nul}
                                                                     ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"bad number", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\", \"ticket\": 01}\n",
R"~(approvals.jsonl:1:65: error: not JSON: a bad number [not-json]
    {"name": "a.example.com", "issuer": "ca.example.net", "ticket": 01}
                                                                    ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"single quotes", FileKind::Included,
"{'name': 'a.example.com'}\n",
R"~(approvals.jsonl:1:2: error: not JSON: unexpected text [not-json]
    {'name': 'a.example.com'}
     ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"duplicate key", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\", \"na\\u006de\": \"b.example.com\"}\n",
R"~(approvals.jsonl:1:55: error: the key `name` is here twice [duplicate-key]
    {"name": "a.example.com", "issuer": "ca.example.net", "na\u006de": "b.example.com"}
                                                          ^~~~~~~~~~~
  hint: remove one of the two
approvals.jsonl:1:2: note: first written here
    {"name": "a.example.com", "issuer": "ca.example.net", "na\u006de": "b.example.com"}
     ^~~~~~
)~"},
  {"duplicate keys of a line that is no JSON", FileKind::Included,
"{\"name\": \"a.example.com\", \"name\": \"b.example.com\", \"name\": nope}\n",
R"~(approvals.jsonl:1:27: error: the key `name` is here twice [duplicate-key]
    {"name": "a.example.com", "name": "b.example.com", "name": nope}
                              ^~~~~~
  hint: remove one of the two
approvals.jsonl:1:2: note: first written here
    {"name": "a.example.com", "name": "b.example.com", "name": nope}
     ^~~~~~
approvals.jsonl:1:60: error: not JSON: an unknown word [not-json]
    {"name": "a.example.com", "name": "b.example.com", "name": nope}
                                                               ^
  hint: a JSON Lines file holds one approval a line: `{"name": "shop.example.com", "issuer": "letsencrypt.org"}`
)~"},
  {"wrong types", FileKind::Included,
R"~({"name": 7, "issuer": true, "subtree": "true", "wildcard": "only", "ticket": 12, "reason": null}
)~",
R"~(approvals.jsonl:1:10: error: `name` must be a host name, not a number [wrong-type]
    {"name": 7, "issuer": true, "subtree": "true", "wildcard": "only", "ticket": 12, "reason": null}
             ^
approvals.jsonl:1:23: error: `issuer` must be text, not `true` or `false` [wrong-type]
    {"name": 7, "issuer": true, "subtree": "true", "wildcard": "only", "ticket": 12, "reason": null}
                          ^~~~
  hint: write it in quotes: `"true"`
approvals.jsonl:1:40: error: `subtree` must be `true` or `false`, not `"true"` [bad-value]
    {"name": 7, "issuer": true, "subtree": "true", "wildcard": "only", "ticket": 12, "reason": null}
                                           ^~~~~~
  hint: write `true` without quotes
approvals.jsonl:1:92: error: `reason` must be text, not nothing [wrong-type]
    {"name": 7, "issuer": true, "subtree": "true", "wildcard": "only", "ticket": 12, "reason": null}
                                                                                               ^~~~
approvals.jsonl:1:78: error: `ticket` must be text, not a number [wrong-type]
    {"name": 7, "issuer": true, "subtree": "true", "wildcard": "only", "ticket": 12, "reason": null}
                                                                                 ^~
  hint: write it in quotes: `"12"`
)~"},
  {"nested too deep", FileKind::Included,
"{\"name\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}\n",
R"~(approvals.jsonl:1:33: error: more than 24 levels of lists and maps in each other [too-deep]
    {"name": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}
                                    ^
)~"},
  {"windows line ends", FileKind::Included,
"{\"name\": \"a.example.com\", \"issuer\": \"ca.example.net\"}\r\n{\"name\": \"*.example.com\", \"issuer\": \"ca.example.net\"}\r\n",
R"~(approvals.jsonl:2:11: error: the wildcard `*.example.com` is not a host name [bad-name]
    {"name": "*.example.com", "issuer": "ca.example.net"}
              ^
  hint: write `name: example.com` with `wildcard: only`, or `wildcard: true` for the name as well
)~"},
};

} // namespace

TEST_CASE("lines that are no approvals are reported one by one")
{
  for (const Case& test : kCases) {
    INFO(test.name);
    CHECK(problemsOf(test.kind, test.text, true) == test.problems);
  }
}

TEST_CASE("JSON Lines and YAML mean the same")
{
  std::vector<Diagnostic> problems;
  IssuerTable issuers;
  issuers.add({"le-web", Issuer{"letsencrypt.org", {}, {"dns-01"}}, {}, true});
  const std::string lines = R"~({"name":"a.example.com","issuer":"le-web"}

  { "name" : "b.example.com", "issuers" : [ "le-web", {"ca": "ca.example.net", "accounts": ["https://ca.example.net/1"]} ], "wildcard": "only", "subtree": true, "from": "2026-11-22T09:00:00Z", "until": "2026-12-22T09:00:00Z", "reason": "a \"new\"\nshop", "ticket": "SEC-1", "by": "pki@example.com" }
{"name":"c.example.com","issuer":"le-web","wildcard":true})~";
  const std::string yaml = R"~(approvals:
  - {name: a.example.com, issuer: le-web}
  - name: b.example.com
    issuers: [le-web, {ca: ca.example.net, accounts: [https://ca.example.net/1]}]
    wildcard: only
    subtree: true
    from: 2026-11-22T09:00:00Z
    until: 2026-12-22T09:00:00Z
    reason: "a \"new\"\nshop"
    ticket: SEC-1
    by: pki@example.com
  - {name: c.example.com, issuer: le-web, wildcard: true}
)~";
  const auto fromLines = approvalsOf(FileKind::Included, lines, true, issuers, problems, 1);
  const auto fromYaml = approvalsOf(FileKind::Included, yaml, false, issuers, problems, 2);
  CHECK(problems.empty());
  REQUIRE(fromLines.size() == 3);
  REQUIRE(fromYaml.size() == 3);
  for (size_t index = 0; index < 3; ++index) {
    const Approval& left = fromLines[index];
    const Approval& right = fromYaml[index];
    CHECK(left.name == right.name);
    REQUIRE(left.grants.size() == right.grants.size());
    for (size_t grant = 0; grant < left.grants.size(); ++grant) {
      CHECK(left.grants[grant].issuer == right.grants[grant].issuer);
      CHECK(left.grants[grant].writtenAs == right.grants[grant].writtenAs);
      CHECK(left.grants[grant].wildcard == right.grants[grant].wildcard);
    }
    CHECK(left.subtree == right.subtree);
    CHECK(left.from == right.from);
    CHECK(left.until == right.until);
    CHECK(left.reason == right.reason);
    CHECK(left.ticket == right.ticket);
    CHECK(left.by == right.by);
  }
  CHECK(fromLines[0].where == Location{1, 1, 9, 15});
  CHECK(fromLines[1].where == Location{1, 3, 14, 15});
}

TEST_CASE("nothing of a line is left in the next ones")
{
  const auto dump = [](const TreeNode& node, const auto& self) -> std::string {
    std::string text = std::to_string(static_cast<int>(node.kind)) + std::to_string(static_cast<int>(node.style)) + " " + std::to_string(node.where.column) + "+"
      + std::to_string(node.where.length) + " " + node.text;
    for (const TreeNode& item : node.items) {
      text += " [" + self(item, self) + "]";
    }
    for (const TreeEntry& entry : node.entries) {
      text += " {" + entry.key + " " + std::to_string(entry.keyWhere.column) + "+" + std::to_string(entry.keyWhere.length) + ": " + self(entry.value, self) + "}";
    }
    return text;
  };
  const std::vector<std::string> values{"[1,[2,\"3\"],{\"a\":4}]", "\"text\"", "{\"a\":[1],\"b\":{\"c\":\"d\"}}", "[[5]]", "null", "{\"b\":[]}", "7", "[]", "[\"a longer text than fits into a string\"]", "{}"};
  std::vector<Diagnostic> problems;
  for (const std::string& first : values) {
    for (const std::string& second : values) {
      INFO(first << " and " << second);
      std::vector<std::string> dumps;
      const auto add = [&](const TreeNode& object) { dumps.push_back(dump(object, dump)); };
      JsonLines(0, problems, add).read("{\"x\":" + first + ",\"y\":" + first + "}\n{\"x\":" + first + ",\"nope\n{\"x\":" + second + "}\n");
      JsonLines(0, problems, add).read("{\"x\":" + second + "}");
      REQUIRE(dumps.size() == 3);
      CHECK(dumps[1] == dumps[2]);
    }
  }
}

TEST_CASE("a file that is wrong in each line is given up")
{
  std::string text;
  for (int line = 0; line < 2000; ++line) {
    text += "nope\n";
  }
  std::vector<Diagnostic> problems;
  JsonLines(0, problems, [](const TreeNode&) {}).read(text);
  REQUIRE(problems.size() == 1001);
  CHECK(problems.back().code == "too-many-problems");
  CHECK(problems.back().where == Location{0, 1000, 1, 1});
  CHECK(problems.back().message == "too many problems in this file: what follows this line was not read");
  CHECK(problems.back().hint == "mend those above");
}
