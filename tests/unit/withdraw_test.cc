// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading_support.hh"

#include "policy/withdraw.hh"

#include <catch2/catch.hpp>


using namespace caapolicy;
using namespace caapolicy::test;

namespace {

// Takes out every approval whose name begins with `gone`, and every issuer that is called `gone` and has others beside it.
std::optional<std::string> withdraw(const std::string& text, const std::string& path)
{
  const SourceFile file{path, text, {}};
  std::vector<Diagnostic> problems;
  IssuerTable issuers;
  issuers.add({"gone", {"ca.example.net", {}, {}}, {}, true});
  issuers.add({"kept", {"ca.example.org", {}, {}}, {}, true});
  const auto approvals = approvalsOf(FileKind::Included, text, path.ends_with(".jsonl"), issuers, problems);
  INFO(renderAll(problems, {file}));
  REQUIRE(problems.empty());
  std::vector<Withdrawal> withdrawals;
  for (const Approval& approval : approvals) {
    std::vector<Location> gone;
    for (const Grant& grant : approval.grants) {
      if (grant.writtenAs == "gone") {
        gone.push_back(grant.where);
      }
    }
    if (approval.name.toText().starts_with("gone")) {
      withdrawals.push_back({approval.where, {}});
    }
    else if (!gone.empty() && approval.grants.size() > 1) {
      withdrawals.push_back({approval.where, gone});
    }
  }
  REQUIRE_FALSE(withdrawals.empty());
  return withoutApprovals(file, withdrawals);
}

struct Row {
  const char* name;
  std::string before;
  std::optional<std::string> after; // none: it is refused
};

} // namespace

TEST_CASE("approvals are taken out of YAML and nothing else changes")
{
  const std::vector<Row> rows{
    {"flow items of a block list",
     "# ours\napprovals:\n  - {name: a.example.com, issuer: kept} # why\n  - {name: gone.example.com, issuer: kept}  # gone too\n\n  # last\n  - {name: b.example.com, issuer: kept}\n",
     "# ours\napprovals:\n  - {name: a.example.com, issuer: kept} # why\n\n  # last\n  - {name: b.example.com, issuer: kept}\n"},
    {"block items, with their comments and blank lines",
     "approvals:\n  # above\n  - name: gone.example.com\n    # inside\n    issuer: kept\n\n    ticket: T-1\n    # of it\n  # of the next\n  - issuer: kept\n    name: b.example.com\n",
     "approvals:\n  # of the next\n  - issuer: kept\n    name: b.example.com\n"},
    {"the first, not indented, and what follows the list",
     "approvals:\n- name: gone.example.com\n  issuer: kept\n- name: gone2.example.com\n  issuer: kept\n- {name: c.example.com, issuer: kept}\nsubtrees: {example.com: {}}\n",
     "approvals:\n- {name: c.example.com, issuer: kept}\nsubtrees: {example.com: {}}\n"},
    {"a block of text with what looks like comments",
     "approvals:\n  - name: gone.example.com\n    reason: |\n      one\n      # two\n\n      three\n    issuer: kept\n  - {name: c.example.com, issuer: kept}\n",
     "approvals:\n  - {name: c.example.com, issuer: kept}\n"},
    {"the dash on a line of its own",
     "approvals:\n  -\n    name: gone.example.com\n    issuer: kept\n  - {name: c.example.com, issuer: kept}\n",
     "approvals:\n  - {name: c.example.com, issuer: kept}\n"},
    {"no line break at the end", "approvals:\n  - {name: c.example.com, issuer: kept}\n  - {name: gone.example.com, issuer: kept}", "approvals:\n  - {name: c.example.com, issuer: kept}\n"},
    {"line breaks of another system", "approvals:\r\n  - {name: gone.example.com, issuer: kept}\r\n  - {name: c.example.com, issuer: kept}\r\n", "approvals:\r\n  - {name: c.example.com, issuer: kept}\r\n"},
    {"all of a block list", "version: 1\napprovals:   # ours\n  - {name: gone.example.com, issuer: kept}\n  - name: gone2.example.com\n    issuer: kept\n# end\n", "version: 1\napprovals: []   # ours\n# end\n"},
    {"all of a block list, at the end", "version: 1\napprovals:\n  - {name: gone.example.com, issuer: kept}\n", "version: 1\napprovals: []\n"},
    {"the first in brackets", "approvals: [{name: gone.example.com, issuer: kept}, {name: c.example.com, issuer: kept}]\n", "approvals: [{name: c.example.com, issuer: kept}]\n"},
    {"the last in brackets", "approvals: [{name: c.example.com, issuer: kept}, {name: gone.example.com, issuer: kept} ]\n", "approvals: [{name: c.example.com, issuer: kept} ]\n"},
    {"the last two in brackets", "approvals: [ {name: c.example.com, issuer: kept}, {name: gone.example.com, issuer: kept}, {name: gone2.example.com, issuer: kept}]\n", "approvals: [ {name: c.example.com, issuer: kept}]\n"},
    {"all in brackets", "approvals: [{name: gone.example.com, issuer: kept}, {name: gone2.example.com, issuer: kept}]\n", "approvals: []\n"},
    {"a line each in brackets",
     "approvals: [\n  {name: gone.example.com, issuer: kept}, # one\n  {name: c.example.com, issuer: kept},\n  {name: gone2.example.com, issuer: kept}\n]\n",
     "approvals: [\n  {name: c.example.com, issuer: kept},\n]\n"},
    {"an issuer of several", "approvals:\n  - {name: c.example.com, issuers: [gone, kept]}\n", "approvals:\n  - {name: c.example.com, issuers: [kept]}\n"},
    {"an issuer of several, a line each",
     "approvals:\n  - name: c.example.com\n    issuers:\n      - kept # one\n      - gone # two\n    ticket: T-1\n  - {name: gone.example.com, issuer: kept}\n",
     "approvals:\n  - name: c.example.com\n    issuers:\n      - kept # one\n    ticket: T-1\n"},
    {"brackets over several lines", "approvals:\n  - {name: c.example.com, issuer: kept}\n  - {name: gone.example.com,\n     issuer: kept}\n", "approvals:\n  - {name: c.example.com, issuer: kept}\n"},
    {"brackets over several lines, in brackets", "approvals: [{name: c.example.com, issuer: kept}, {name: gone.example.com,\n  issuer: kept}]\n", std::nullopt},
    {"a comment between the dash and the item", "approvals:\n  - # why\n    name: gone.example.com\n    issuer: kept\n", std::nullopt},
    {"JSON in a YAML file", "{\"approvals\": [{\"name\": \"gone.example.com\", \"issuer\": \"kept\"}]}\n", "{\"approvals\": []}\n"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(withdraw(row.before, "a.yaml") == row.after); }
  }
}

TEST_CASE("the comment lines directly above an approval go with it, and no others")
{
  const std::string kept = "  - {name: c.example.com, issuer: kept}\n";
  const std::string gone = "  - {name: gone.example.com, issuer: kept}\n";
  const auto check = [](const std::string& before, const std::string& after) {
    INFO(before);
    CHECK(withdraw(before, "a.yaml") == after);
  };
  // Above the first, one in the midst, and the last.
  check("approvals:\n  # one\n  # two\n" + gone + kept, "approvals:\n" + kept);
  check("approvals:\n" + kept + "  # one\n  # two\n" + gone + kept, "approvals:\n" + kept + kept);
  check("approvals:\n  # of it\n" + kept + "  # one\n" + gone, "approvals:\n  # of it\n" + kept);
  // Each its own, of several that go, and of all.
  check("approvals:\n  # one\n" + gone + "  # two\n" + gone + "  # of it\n" + kept, "approvals:\n  # of it\n" + kept);
  check("approvals: # list\n  # one\n" + gone + "  # two\n" + gone + "# end\n", "approvals: [] # list\n# end\n");
  // A gap: it is about several, or about something else.
  check("approvals:\n  # group\n\n  # one\n" + gone + kept, "approvals:\n  # group\n\n" + kept);
  check("approvals:\n  # group\n\n" + gone + kept, "approvals:\n  # group\n\n" + kept);
  check("approvals:\n  # group\n \t\n" + gone + kept, "approvals:\n  # group\n \t\n" + kept);
  check("approvals:\n" + kept + "\n  # one\n" + gone + "\n  # of it\n" + kept, "approvals:\n" + kept + "\n\n  # of it\n" + kept);
  // Indented otherwise.
  check("approvals:\n# list\n" + gone + kept, "approvals:\n# list\n" + kept);
  check("approvals:\n# list\n  # one\n" + gone + kept, "approvals:\n# list\n" + kept);
  check("approvals:\n   # odd\n" + gone + kept, "approvals:\n   # odd\n" + kept);
  check("approvals:\n  # one\n      # odd\n" + gone + kept, "approvals:\n  # one\n      # odd\n" + kept);
  check("approvals:\n\t# odd\n" + gone + kept, "approvals:\n\t# odd\n" + kept);
  // As the item is: its own where nothing is above that it could belong to.
  check("approvals:\n    # one\n" + gone + kept, "approvals:\n" + kept);
  check("approvals:\n" + kept + "\n    # one\n" + gone, "approvals:\n" + kept + "\n");
  check("approvals:\n" + kept + "    # of it\n" + gone, "approvals:\n" + kept + "    # of it\n");
  check("approvals:\n" + kept + "    # of it\n    # too\n  # one\n    # two\n" + gone, "approvals:\n" + kept + "    # of it\n    # too\n");
  check("approvals:\n  - name: c.example.com\n    issuer: kept\n    # of it\n" + gone, "approvals:\n  - name: c.example.com\n    issuer: kept\n    # of it\n");
  check("approvals:\n" + gone + "    # of it\n" + gone + kept, "approvals:\n" + kept);
  // Not indented at all.
  check("# list\napprovals:\n# one\n- {name: gone.example.com, issuer: kept}\n- {name: c.example.com, issuer: kept}\n", "# list\napprovals:\n- {name: c.example.com, issuer: kept}\n");
  check("approvals:\n- name: c.example.com\n  issuer: kept\n  # of it\n# one\n- name: gone.example.com\n  issuer: kept\n",
        "approvals:\n- name: c.example.com\n  issuer: kept\n  # of it\n");
  check("approvals:\n- {name: c.example.com, issuer: kept}\n# one\n-\n  name: gone.example.com\n  issuer: kept\n", "approvals:\n- {name: c.example.com, issuer: kept}\n");
  // Line breaks of another system, and none at the end.
  check("approvals:\r\n  # group\r\n\r\n  # one\r\n  - {name: gone.example.com, issuer: kept}\r\n  - {name: c.example.com, issuer: kept}",
        "approvals:\r\n  # group\r\n\r\n  - {name: c.example.com, issuer: kept}");
  check("approvals:\n" + kept + "  # one\n  - {name: gone.example.com, issuer: kept}", "approvals:\n" + kept);
  // What only looks like a comment.
  check("approvals:\n  - name: c.example.com\n    issuer: kept\n    reason: |\n      text\n      # text\n" + gone, "approvals:\n  - name: c.example.com\n    issuer: kept\n    reason: |\n      text\n      # text\n");
  // In brackets, where it has its line.
  check("approvals: [\n  # one\n  {name: gone.example.com, issuer: kept},\n  # of it\n  {name: c.example.com, issuer: kept}\n]\n", "approvals: [\n  # of it\n  {name: c.example.com, issuer: kept}\n]\n");
  check("approvals: [\n  # both\n  {name: gone.example.com, issuer: kept}, {name: c.example.com, issuer: kept}\n]\n", "approvals: [\n  # both\n  {name: c.example.com, issuer: kept}\n]\n");
  // An issuer of several is none.
  check("approvals:\n  # of it\n  - name: c.example.com\n    issuers:\n      # two\n      - gone\n      - kept\n", "approvals:\n  # of it\n  - name: c.example.com\n    issuers:\n      # two\n      - kept\n");
}

TEST_CASE("approvals are taken out of JSON Lines")
{
  const std::string one = R"({"name": "c.example.com", "issuer": "kept"})";
  const std::string gone = R"(  {"name": "gone.example.com", "issuer": "kept"} )";
  CHECK(withdraw(one + "\n\n" + gone + "\n" + one + "\n", "a.jsonl") == one + "\n\n" + one + "\n");
  CHECK(withdraw(one + "\n" + gone, "a.jsonl") == one + "\n");
  CHECK(withdraw(gone, "a.jsonl") == "");
  CHECK(withdraw(R"({"name": "c.example.com", "issuers": ["kept", "gone"]})", "a.jsonl") == R"({"name": "c.example.com", "issuers": ["kept"]})");
  // Where an issuer in place ends is not known.
  CHECK(withdraw(R"({"name": "gone.example.com", "issuers": ["kept", {"ca": "ca.example.net"}]})", "a.jsonl") == "");
}

TEST_CASE("what is not there is not taken out")
{
  const SourceFile file{"a.yaml", "approvals:\n  - {name: a.example.com, issuer: kept}\n", {}};
  CHECK_FALSE(withoutApprovals(file, {{{0, 3, 12, 1}, {}}}));
  CHECK_FALSE(withoutApprovals(file, {{{0, 2, 12, 1}, {{0, 2, 40, 1}}}}));
  CHECK_FALSE(withoutApprovals({"a.yaml", "approvals: [", {}}, {{{0, 1, 12, 1}, {}}}));
  CHECK_FALSE(withoutApprovals({"a.yaml", "subtrees: {}\n", {}}, {{{0, 1, 12, 1}, {}}}));
}

TEST_CASE("a file with one approval and nothing else")
{
  CHECK(holdsOneApproval({"a.yaml", "# note\napprovals:\n  - {name: a.example.com, issuer: kept}\n", {}}));
  CHECK_FALSE(holdsOneApproval({"a.yaml", "approvals:\n  - {name: a.example.com, issuer: kept}\n  - {name: b.example.com, issuer: kept}\n", {}}));
  CHECK_FALSE(holdsOneApproval({"a.yaml", "version: 1\napprovals:\n  - {name: a.example.com, issuer: kept}\n", {}}));
  CHECK_FALSE(holdsOneApproval({"a.yaml", "approvals: []\n", {}}));
}
