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
  {"alias", FileKind::Root,
R"~(subtrees:
  example.com: {allow: [*a]}
)~",
R"~(policy.yaml:2:25: error: `*a` is a YAML alias, which has no place in a policy [yaml-alias]
    example.com: {allow: [*a]}
                          ^~
  hint: write the value out
)~"},
  {"wildcard without quotes", FileKind::Root,
R"~(approvals:
  - name: *.example.com
)~",
R"~(policy.yaml:2:11: error: `*.example.com` is a YAML alias, which has no place in a policy [yaml-alias]
    - name: *.example.com
            ^~~~~~~~~~~~~
  hint: for a wildcard, write `example.com` with `wildcard: true`, or `wildcard: only`
)~"},
  {"alias as a key", FileKind::Root,
"*.example.com: {}\n",
R"~(policy.yaml:1:1: error: `*.example.com` is a YAML alias, which has no place in a policy [yaml-alias]
    *.example.com: {}
    ^~~~~~~~~~~~~
  hint: for a wildcard, write `example.com` with `wildcard: true`, or `wildcard: only`
)~"},
  {"anchor", FileKind::Root,
R"~(defaults: &d
  ttl: 300
)~",
R"~(policy.yaml:1:11: error: the YAML anchor `&d` has no place in a policy [yaml-anchor]
    defaults: &d
              ^~
  hint: write the value out wherever it is needed
policy.yaml: error: the policy needs the key `version` [missing-key]
  hint: for example `version: 1`
)~"},
  {"alias of an anchor", FileKind::Root,
R"~(version: &v 1
subtrees: {example.com: {ttl: *v}}
)~",
R"~(policy.yaml:1:10: error: the YAML anchor `&v` has no place in a policy [yaml-anchor]
    version: &v 1
             ^~
  hint: write the value out wherever it is needed
policy.yaml:2:31: error: `*v` is a YAML alias, which has no place in a policy [yaml-alias]
    subtrees: {example.com: {ttl: *v}}
                                  ^~
  hint: write the value out
)~"},
  {"tag", FileKind::Root,
R"~(version: !!int 1
issuers: !x {}
)~",
R"~(policy.yaml:1:10: error: the YAML tag `!!int` has no place in a policy [yaml-tag]
    version: !!int 1
             ^~~~~
  hint: remove it
policy.yaml:2:10: error: the YAML tag `!x` has no place in a policy [yaml-tag]
    issuers: !x {}
             ^~
  hint: remove it
)~"},
  {"list as a key", FileKind::Root,
R"~(? [a, b]
: c
)~",
R"~(policy.yaml:1:3: error: a key must be text [bad-key]
    ? [a, b]
      ^~~~~~
policy.yaml: error: the policy needs the key `version` [missing-key]
  hint: for example `version: 1`
)~"},
  {"null as a key", FileKind::Root,
"~: c\n",
R"~(policy.yaml:1:1: error: a key must be text [bad-key]
    ~: c
    ^
policy.yaml: error: the policy needs the key `version` [missing-key]
  hint: for example `version: 1`
)~"},
  {"key without a colon", FileKind::Root,
R"~(version: 1
subtrees:
  example.com
  dev.example.com: {}
)~",
R"~(policy.yaml:4:18: error: not YAML: illegal map value [not-yaml]
    dev.example.com: {}
                   ^
  hint: look for a `: ` too much, a `:` that is missing in the line before, or lines that are not indented alike
)~"},
  {"word on a line of its own", FileKind::Root,
R"~(version: 1
subtrees
)~",
R"~(policy.yaml:2:1: error: `subtrees` stands where a key is expected, without a `:` [missing-colon]
    subtrees
    ^~~~~~~~
  hint: write `subtrees:`, with the value after it
)~"},
  {"word in a map in brackets", FileKind::Root,
"subtrees: {example.com}\n",
R"~(policy.yaml:1:12: error: `example.com` stands where a key is expected, without a `:` [missing-colon]
    subtrees: {example.com}
               ^~~~~~~~~~~
  hint: write `example.com:`, with the value after it
policy.yaml: error: the policy needs the key `version` [missing-key]
  hint: for example `version: 1`
)~"},
  {"duplicate key", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    ttl: 60
    "ttl": 300
)~",
R"~(policy.yaml:5:5: error: the key `ttl` is here twice [duplicate-key]
    "ttl": 300
    ^~~~~
  hint: remove one of the two
policy.yaml:4:5: note: first written here
    ttl: 60
    ^~~
)~"},
  {"several documents", FileKind::Root,
R"~(version: 1
---
version: 1
)~",
R"~(policy.yaml:2:1: error: a second YAML document begins here [several-documents]
    ---
    ^~~
  hint: write one document a file: remove the `---` or `...`
)~"},
  {"text after the end of the document", FileKind::Root,
R"~(version: 1
...
issuers: {}
)~",
R"~(policy.yaml:3:1: error: a second YAML document begins here [several-documents]
    issuers: {}
    ^~~~~~~~~~~
  hint: write one document a file: remove the `---` or `...`
)~"},
  {"colon too much", FileKind::Root,
R"~(version: 1
issuers: a: b
)~",
R"~(policy.yaml:2:11: error: not YAML: illegal map value [not-yaml]
    issuers: a: b
              ^
  hint: look for a `: ` too much, a `:` that is missing in the line before, or lines that are not indented alike
)~"},
  {"quotes without an end", FileKind::Root,
R"~(version: 1
defaults: {iodef: "mailto:pki@example.com}
)~",
R"~(policy.yaml:2:19: error: not YAML: the text in quotes that begins here has no end [not-yaml]
    defaults: {iodef: "mailto:pki@example.com}
                      ^
  hint: close the quotes
)~"},
  {"bracket without an end", FileKind::Root,
R"~(version: 1
include: [a.yaml
issuers: {}
)~",
R"~(policy.yaml:3:8: error: not YAML: end of sequence flow not found [not-yaml]
    issuers: {}
           ^
  hint: a `[` or `{` before this place is not closed
)~"},
  {"tab", FileKind::Root,
R"~(issuers:
	- b
)~",
R"~(policy.yaml:2:2: error: not YAML: illegal block entry [not-yaml]
    - b
    ^
  hint: indent with spaces: YAML has no room for tabs
)~"},
  {"tab after text", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    ttl: 5
	allow: []
)~",
R"~(policy.yaml:5:1: error: not YAML: illegal tab when looking for indentation [not-yaml]
        allow: []
    ^~~~
  hint: indent with spaces: YAML has no room for tabs
)~"},
  {"reserved character", FileKind::Root,
"issuers: {a: {ca: @home}}\n",
R"~(policy.yaml:1:19: error: not YAML: unknown token [not-yaml]
    issuers: {a: {ca: @home}}
                      ^~~~~
  hint: a text that begins with `@`, `` ` `` or `%` must be in quotes
)~"},
  {"unknown escape", FileKind::Root,
"issuers: \"\\q\"\n",
R"~(policy.yaml:1:13: error: not YAML: unknown escape character: q [not-yaml]
    issuers: "\q"
                ^
)~"},
  {"closing bracket too much", FileKind::Root,
"include: [a.yaml]]\n",
R"~(policy.yaml:1:18: error: not YAML: illegal flow end [not-yaml]
    include: [a.yaml]]
                     ^
  hint: a `]` or `}` here closes nothing
)~"},
  {"directive", FileKind::Root,
R"~(%YAML 3.0
---
version: 1
)~",
R"~(policy.yaml:1:1: error: not YAML: YAML major version too large [not-yaml]
    %YAML 3.0
    ^
)~"},
  {"columns count bytes", FileKind::Root,
"{übung: 1, übung: 2}\n",
R"~(policy.yaml:1:13: error: the key `übung` is here twice [duplicate-key]
    {übung: 1, übung: 2}
               ^~~~~
  hint: remove one of the two
policy.yaml:1:2: note: first written here
    {übung: 1, übung: 2}
     ^~~~~
policy.yaml:1:2: error: unknown key `übung` in the policy [unknown-key]
    {übung: 1, übung: 2}
     ^~~~~
  hint: the keys here are `version`, `issuers`, `defaults`, `subtrees`, `approvals`, `include`, `catalogue` and `zones`
policy.yaml: error: the policy needs the key `version` [missing-key]
  hint: for example `version: 1`
)~"},
};

} // namespace

TEST_CASE("YAML that is no policy is reported where it stands")
{
  for (const Case& test : kCases) {
    INFO(test.name);
    CHECK(problemsOf(test.kind, test.text) == test.problems);
  }
}

namespace {

TreeNode parseGood(const std::string& text)
{
  std::vector<Diagnostic> problems;
  auto tree = parseYaml(text, 3, problems);
  CHECK(problems.empty());
  REQUIRE(tree);
  return std::move(*tree);
}

} // namespace

TEST_CASE("a tree keeps order, styles and places")
{
  const TreeNode tree = parseGood("# comment\nb: {x: 'y z', \"q\": [1, ~]}\na:\n  - \"it\"\n  -\nü: |\n  two\n  lines\nlast:\n");
  REQUIRE(tree.isMap());
  REQUIRE(tree.entries.size() == 4);
  CHECK(tree.where == Location{3, 2, 1, 26});

  CHECK(tree.entries[0].key == "b");
  const TreeNode& map = tree.entries[0].value;
  CHECK(map.where == Location{3, 2, 4, 23});
  REQUIRE(map.entries.size() == 2);
  CHECK(map.entries[0].value.text == "y z");
  CHECK(map.entries[0].value.style == TreeNode::Style::Quoted);
  CHECK(map.entries[0].value.where == Location{3, 2, 8, 5});
  CHECK(map.entries[1].keyWhere == Location{3, 2, 15, 3});
  REQUIRE(map.entries[1].value.items.size() == 2);
  CHECK(map.entries[1].value.items[0].style == TreeNode::Style::Plain);
  CHECK(map.entries[1].value.items[1].kind == TreeNode::Kind::Nothing);
  CHECK(map.entries[1].value.items[1].where == Location{3, 2, 24, 1});

  const TreeNode& list = tree.entries[1].value;
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0].where == Location{3, 4, 5, 4});
  CHECK(list.items[1].kind == TreeNode::Kind::Nothing);
  CHECK(list.items[1].where == Location{3, 5, 3, 1});

  CHECK(tree.entries[2].key == "ü");
  CHECK(tree.entries[2].keyWhere == Location{3, 6, 1, 2});
  CHECK(tree.entries[2].value.text == "two\nlines\n");
  CHECK(tree.entries[2].value.where == Location{3, 6, 5, 1});

  CHECK(tree.entries[3].value.kind == TreeNode::Kind::Nothing);
  CHECK(tree.entries[3].value.where == tree.entries[3].keyWhere);
  CHECK(tree.find("a") == &list);
  CHECK(tree.find("c") == nullptr);
}

TEST_CASE("an empty document is nothing")
{
  CHECK(parseGood("").kind == TreeNode::Kind::Nothing);
  CHECK(parseGood("# yaml-language-server: $schema=policy.json\n").kind == TreeNode::Kind::Nothing);
  CHECK(parseGood("---\n").kind == TreeNode::Kind::Nothing);
}

TEST_CASE("Windows line ends don't move columns")
{
  const TreeNode tree = parseGood("a: b\r\nc: d\r\n");
  CHECK(tree.entries[1].value.where == Location{3, 2, 4, 1});
  CHECK(tree.entries[1].value.text == "d");
}

TEST_CASE("a part of a scalar has a place of its own where the text stands as it is")
{
  const TreeNode tree = parseGood("a: one.two\nb: 'one.two'\nc: \"one\\x2etwo\"\n");
  CHECK(partOf(tree.entries[0].value, 4, 3) == Location{3, 1, 8, 3});
  CHECK(partOf(tree.entries[1].value, 4, 3) == Location{3, 2, 9, 3});
  CHECK(partOf(tree.entries[2].value, 4, 3) == tree.entries[2].value.where);
}

TEST_CASE("YAML with too many values is given up")
{
  const std::vector<SourceFile> files{{"policy.yaml", "a: [b, c, d]\n", {}}};
  std::vector<Diagnostic> problems;
  CHECK(parseYaml(files[0].text, 0, problems, 6));
  CHECK(problems.empty());
  CHECK_FALSE(parseYaml(files[0].text, 0, problems, 4));
  CHECK(renderAll(problems, files) == R"~(policy.yaml:1:8: error: more than 4 values in one file [too-many-values]
    a: [b, c, d]
           ^
  hint: write approvals as JSON Lines, or in several included files
)~");
}

TEST_CASE("YAML that is nested too deep is given up")
{
  const std::string nested = std::string(30, '[') + std::string(30, ']') + "\n";
  CHECK(problemsOf(FileKind::Root, nested) == "policy.yaml:1:25: error: more than 24 levels of lists and maps in each other [too-deep]\n    "
          + std::string(30, '[') + std::string(30, ']') + "\n    " + std::string(24, ' ') + "^" + std::string(11, '~') + "\n");
  CHECK(problemsOf(FileKind::Root, std::string(100000, '[')).find("[too-deep]") != std::string::npos);
  std::string flood;
  for (int i = 0; i < 10'000'000; ++i) { // would take gigabytes to be read
    flood += "[\n";
  }
  CHECK(problemsOf(FileKind::Root, flood).find("policy.yaml:1001:1: error: more than 24 levels of lists and maps in each other [too-deep]") == 0);
}
