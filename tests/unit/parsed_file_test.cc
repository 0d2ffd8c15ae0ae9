// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading_support.hh"

#include "policy/catalogue.hh"
#include "policy/parsed_file.hh"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

// A list as a person would write it down: each approval with its places.
std::string dump(const ApprovalList& list)
{
  const auto place = [](const Location& where) { return std::to_string(where.line) + ":" + std::to_string(where.column) + "+" + std::to_string(where.length); };
  std::string text;
  std::vector<ApprovalList::Use> uses;
  for (size_t index = 0; index < list.size(); ++index) {
    const ApprovalList::Item item = list[index];
    text += toText(item.name) + " " + place(item.where);
    list.usesAt(index, uses);
    for (const ApprovalList::Use& use : uses) {
      text += " [" + std::to_string(use.reference) + " " + place(use.where) + "]";
    }
    text += item.wildcard == Wildcard::Also ? " also" : item.wildcard == Wildcard::Only ? " only" : "";
    text += item.subtree ? " subtree" : "";
    text += item.from != kBeginningOfTime ? " from " + instantToText(item.from) : "";
    text += item.until != kEndOfTime ? " until " + instantToText(item.until) : "";
    for (const std::string_view note : {item.reason, item.ticket, item.by}) {
      text += note.empty() ? "" : " `" + std::string(note) + "`";
    }
    text += "\n";
  }
  return text;
}

const TreeNode& valueOf(const TreeNode& map, std::string_view key)
{
  const TreeNode* value = map.find(key);
  if (value == nullptr) {
    throw std::out_of_range(std::string(key));
  }
  return *value;
}

IssuerTable someIssuers()
{
  IssuerTable issuers;
  issuers.add({"le-web", Issuer{"letsencrypt.org", {}, {"dns-01"}}, {}, true});
  issuers.add({"broken", {}, {}, false});
  return issuers;
}

} // namespace

TEST_CASE("the approvals of a YAML file are read without a tree of them", "[parsed_file]")
{
  const ParsedFile file = parseYamlFile(R"~(version: 1
approvals:
  - name: b.example.com
    issuers: [le-web, {ca: ca.example.net, accounts: [https://ca.example.net/1]}]
    wildcard: only
    subtree: true
    from: 2026-11-22T09:00:00Z
    until: 2026-12-22T09:00:00Z
    reason: "a \"new\"\nshop"
    ticket: SEC-1
    by: pki@example.com
  - {name: "a.example.com", issuer: {ca: ca.example.net, accounts: [https://ca.example.net/1]}, wildcard: true}
  - {name: a.example.com, issuer: "le-web"}
  - {name: a.example.com, issuer: le-web}
include: [x.yaml]
)~", FileKind::Root);
  CHECK(file.problems.empty());
  REQUIRE(file.tree);
  REQUIRE(file.tree->entries.size() == 3);
  const TreeNode& approvals = valueOf(*file.tree, "approvals");
  CHECK(approvals.isList());
  CHECK(approvals.items.empty());
  CHECK(approvals.where == Location{0, 3, 3, 21});
  CHECK(valueOf(*file.tree, "include").items.size() == 1);
  CHECK(dump(*file.approvals) == R"~(a.example.com 12:12+15 [1 12:37+58] also
a.example.com 13:12+13 [2 13:35+8]
a.example.com 14:12+13 [0 14:35+6]
b.example.com 3:11+13 [0 4:15+6] [1 4:23+58] only subtree from 2026-11-22T09:00:00Z until 2026-12-22T09:00:00Z `a "new"
shop` `SEC-1` `pki@example.com`
)~");
  REQUIRE(file.approvals->references().size() == 3);
  CHECK(file.approvals->references()[0].node.text == "le-web");
  CHECK(valueOf(file.approvals->references()[1].node, "ca").where == Location{0, 4, 28, 14});
}

TEST_CASE("the approvals of a JSON Lines file", "[parsed_file]")
{
  // Lines of all shapes, as each one is read into what the one before has left.
  const ParsedFile file = parseJsonLinesFile(R"~({"name":"b.example.com","issuers":["le-web",{"ca":"ca.example.net","methods":["dns-01","http-01"]}],"wildcard":"only","reason":"a \"new\"\nshop"}
{"issuer":"le-web","name":"a.example.com"}

nope
{"name":"d.example.com","issuers":[{"ca":"ca.example.net","methods":["dns-01"]}],"until":"2026-12-22T09:00:00Z","subtree":true}
{"name":"d.example.com","issuers":[{"ca":
{"name":"c.example.com","issuer":{"ca":"ca.example.net"}}
)~", FileKind::Included);
  CHECK_FALSE(file.tree);
  CHECK(dump(*file.approvals) == R"~(a.example.com 2:27+15 [0 2:11+8]
b.example.com 1:9+15 [0 1:36+8] [1 1:45+1] only `a "new"
shop`
c.example.com 7:9+15 [3 7:34+1]
d.example.com 5:9+15 [2 5:36+1] subtree until 2026-12-22T09:00:00Z
)~");
  CHECK(shortForm(file.problems) == "0:4:1+4 not-an-object\n0:6:1+1 not-json\n");
  REQUIRE(file.approvals->references().size() == 4);
  CHECK(valueOf(file.approvals->references()[1].node, "methods").items.size() == 2);
  CHECK(valueOf(file.approvals->references()[2].node, "methods").items.size() == 1);
  CHECK(file.approvals->references()[3].node.entries.size() == 1);
}

TEST_CASE("`approvals` that is no list, or is there twice", "[parsed_file]")
{
  const ParsedFile noList = parseYamlFile("approvals: {name: a.example.com}\n", FileKind::Included);
  REQUIRE(noList.tree);
  CHECK(valueOf(*noList.tree, "approvals").isMap());
  CHECK(noList.approvals->size() == 0);
  CHECK(problemsOf(FileKind::Included, "approvals: {name: a.example.com}\n") == R"~(policy.yaml:1:12: error: `approvals` must be a list, not a map [wrong-type]
    approvals: {name: a.example.com}
               ^~~~~~~~~~~~~~~~~~~~~
)~");

  const ParsedFile twice = parseYamlFile("approvals: [{name: a.example.com, issuer: x}]\napprovals: [{name: b.example.com, issuer: y}, 7]\n", FileKind::Included);
  CHECK(dump(*twice.approvals) == "a.example.com 1:20+13 [0 1:43+1]\n");
  CHECK(shortForm(twice.problems) == "0:2:1+9 duplicate-key\n");
  const ParsedFile second = parseYamlFile("approvals: 7\napprovals: [{name: b.example.com, issuer: y}]\n", FileKind::Included);
  CHECK(second.approvals->size() == 0);

  // Only the outermost one is meant.
  const ParsedFile inside = parseYamlFile("subtrees: {approvals: [7]}\nx: [{approvals: [7]}]\n", FileKind::Included);
  CHECK(inside.problems.empty());
  REQUIRE(inside.tree);
  CHECK(valueOf(valueOf(*inside.tree, "subtrees"), "approvals").items.size() == 1);
  CHECK(valueOf(valueOf(*inside.tree, "x").items.at(0), "approvals").items.size() == 1);
}

TEST_CASE("what can be said of an approval alone is said when it is read", "[parsed_file]")
{
  const ParsedFile file = parseYamlFile(R"~(approvals:
  - {issuer: &x x}
  - {name: a.example.com, issuer: [x], until: soon}
  - {name: b.example.com, issuer: x, issuers: []}
  - {name: -.example.com, issuer: x}
  - {name: c.example.com, issuers: [x, 7, "", *x], name: d.example.com}
  - 7
  -
  - {name: e.example.com, issuer: x, by: }
  - {name: f.example.com}
  - {name: g.example.com, issuer: x, from: 2026-12-22T09:00:00Z, until: 2026-11-22T09:00:00Z}
  - {name: h.example.com, issuer: x}
)~", FileKind::Included);
  CHECK(dump(*file.approvals) == "h.example.com 12:12+13 [0 12:35+1]\n");
  CHECK(shortForm(file.problems) == R"~(0:2:14+2 yaml-anchor
0:6:47+2 yaml-alias
0:6:52+4 duplicate-key
0:2:5+14 missing-key
0:3:35+3 wrong-type
0:3:47+4 bad-time
0:4:38+7 issuer-and-issuers
0:4:47+2 empty-list
0:5:12+1 bad-name
0:6:43+2 empty-text
0:7:5+1 wrong-type
0:8:3+1 wrong-type
0:9:38+2 wrong-type
0:10:5+21 missing-key
0:11:73+20 ends-before-it-begins
)~");
}

TEST_CASE("of a file that is not YAML only that is told", "[parsed_file]")
{
  const ParsedFile file = parseYamlFile("approvals:\n  - {name: a.example.com, issuer: x}\n  - {name: b..example.com, issuer: x}\n  - {name: c.example.com, issuer: x\n", FileKind::Included);
  CHECK_FALSE(file.tree);
  REQUIRE(file.approvals);
  CHECK(file.approvals->size() == 0);
  CHECK(shortForm(file.problems) == "0:5:1+1 not-yaml\n");
}

TEST_CASE("the limit on values counts those that are held at one time", "[parsed_file]")
{
  std::string text = "x: y\napprovals:\n";
  for (int item = 0; item < 100; ++item) {
    text += "- {a: b}\n";
  }
  std::vector<Diagnostic> problems;
  size_t items = 0;
  const ItemStream stream{"approvals", [&](const TreeNode& item) { items += item.entries.size(); }};
  // The outermost map, `x`, `y`, `approvals`, its list, and of an item the map, its key and its value.
  CHECK(parseYaml(text, 0, problems, 8, &stream));
  CHECK(items == 100);
  CHECK(problems.empty());
  CHECK_FALSE(parseYaml(text, 0, problems, 7, &stream));
  CHECK_FALSE(parseYaml(text, 0, problems, 8));
  CHECK_FALSE(parseYaml(text + "z: [1, 2]\n", 0, problems, 8, &stream));
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].where == Location{0, 3, 7, 1});
  CHECK(problems[1].where == Location{0, 4, 3, 6});
  CHECK(problems[2].where == Location{0, 103, 8, 1});
}

TEST_CASE("issuers are linked, and what is wrong with them is told at each place", "[parsed_file]")
{
  const std::string text = R"~(approvals:
  - {name: c.example.com, issuers: [le-web, le-wep, letsencrypt.org, broken]}
  - {name: b.example.com, issuers: [{ca: ca.example.net, methods: [dns-1]}, {ca: ca.example.net}]}
  - {name: a.example.com, issuers: [{ca: ca.example.net, methods: [dns-1]}, le-wep]}
  - {name: -.example.com, issuer: le-wep}
  - {name: d.example.com, issuers: [-.example.net]}
  - {name: e..example.com, issuer: {ca: no}}
)~";
  const ParsedFile file = parseYamlFile(text, FileKind::Included);
  CHECK(shortForm(file.problems) == "0:5:12+1 bad-name\n0:7:13+2 bad-name\n");
  REQUIRE(file.approvals->size() == 4);

  std::vector<Diagnostic> problems;
  IssuerPool pool;
  const auto linked = linkIssuers(*file.approvals, 5, FileKind::Included, someIssuers(), pool, problems);
  REQUIRE(linked.size() == file.approvals->references().size());
  REQUIRE(linked.size() == 8);
  CHECK(*linked[0] == LinkedIssuer{Issuer{"letsencrypt.org", {}, {"dns-01"}}, "le-web"});
  CHECK_FALSE(linked[1]);
  CHECK(*linked[2] == LinkedIssuer{Issuer{"letsencrypt.org", {}, {}}, "letsencrypt.org"});
  CHECK_FALSE(linked[3]); // it was told where it is defined
  CHECK_FALSE(linked[4]);
  CHECK(*linked[5] == LinkedIssuer{Issuer{"ca.example.net", {}, {}}, "ca.example.net"});
  CHECK_FALSE(linked[6]);
  CHECK_FALSE(linked[7]);
  CHECK(shortForm(problems) == R"~(5:3:68+5 bad-method
5:7:41+2 bad-issuer-domain
5:2:45+6 unknown-issuer
5:4:77+6 unknown-issuer
5:5:35+6 unknown-issuer
5:6:37+13 bad-issuer-domain
)~");
}

TEST_CASE("an issuer that is missing everywhere is not told of everywhere", "[parsed_file]")
{
  std::string text;
  for (int line = 0; line < 2000; ++line) {
    text += "{\"name\":\"a.example.com\",\"issuer\":\"nobody\"}\n";
  }
  std::vector<Diagnostic> problems;
  IssuerPool pool;
  linkIssuers(*parseJsonLinesFile(text, FileKind::Included).approvals, 2, FileKind::Included, IssuerTable(), pool, problems);
  REQUIRE(problems.size() == 1001);
  CHECK(problems[999].where == Location{2, 1000, 34, 8});
  CHECK(problems.back().code == "too-many-problems");
  CHECK(problems.back().where == Location{2, 1001, 1, 1});
}

TEST_CASE("the catalogue is asked about each different issuer once", "[parsed_file]")
{
  std::string text;
  for (int line = 0; line < 3; ++line) {
    text += "{\"name\":\"a.example.com\",\"issuers\":[\"ca.nowhere.net\",{\"ca\":\"letsencrypt.org\",\"accounts\":[\"https://acme-staging-v02.api.letsencrypt.org/acme/acct/1\"]}]}\n";
  }
  std::vector<Diagnostic> problems;
  IssuerCheck check(Catalogue::builtIn(), kNow);
  IssuerPool pool;
  const auto linked = linkIssuers(*parseJsonLinesFile(text, FileKind::Included).approvals, 1, FileKind::Included, IssuerTable(), pool, problems, &check);
  CHECK(problems.empty());
  REQUIRE(linked.size() == 2);
  CHECK(linked[0]);
  CHECK(linked[1]);
  CHECK(shortForm(check.warnings) == "1:1:36+16 ca-unknown\n1:1:89+58 account-staging\n");
}
