// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy_builder.hh"

#include "policy/compare.hh"

#include <catch2/catch.hpp>

namespace caapolicy::test {

namespace {

Grant bound(std::string ca, std::vector<std::string> accounts, std::vector<std::string> methods = {}, Wildcard wildcard = Wildcard::No)
{
  Grant made = grant(std::move(ca), wildcard);
  made.issuer.accounts = std::move(accounts);
  made.issuer.methods = std::move(methods);
  return made;
}

std::string textOf(const PermissionChange& change)
{
  static const char* const kPurposes[] = {"name", "wildcard", "mail", "mark"};
  std::string text;
  for (const Purpose purpose : change.purposes) {
    text += std::string(text.empty() ? "" : "+") + kPurposes[static_cast<size_t>(purpose)];
  }
  text += " " + (change.ca.empty() ? "any" : change.ca);
  text += change.account.empty() ? "" : " " + change.account;
  for (const auto& method : change.methods) {
    text += " " + method;
  }
  const auto instant = [](Instant at) { return at == kEndOfTime ? std::string("end") : std::to_string(at); };
  text += " [" + instant(change.from) + "," + instant(change.until) + ")";
  for (const auto& permission : change.ofIt) {
    text += " of it " + (permission.ca.empty() ? "any" : permission.ca) + "/" + permission.account + "/" + permission.method;
  }
  return text;
}

// One line for each.
std::string difference(const PolicyBuilder& before, const PolicyBuilder& after, Instant from = 0)
{
  const auto old = before.compile();
  const auto fresh = after.compile();
  std::string text;
  for (const auto& change : compare(*old, *fresh, from)) {
    const char* const reach = change.reach == NameChange::Reach::Name ? "" : change.reach == NameChange::Reach::Below ? "below " : "all of ";
    text += reach + change.name.toText() + (change.widens() ? " WIDER" : "") + (change.isUnchanged() ? " unchanged" : "") + "\n";
    for (const auto& added : change.added) {
      text += "+ " + textOf(added) + "\n";
    }
    for (const auto& removed : change.removed) {
      text += "- " + textOf(removed) + "\n";
    }
    if (change.recordsBefore != change.recordsAfter) {
      text += "records\n";
    }
  }
  return text;
}

} // namespace

TEST_CASE("policies are compared by what they permit")
{
  PolicyBuilder before, after;
  before.subtree("example.com");
  after.subtree("example.com");

  SECTION("nothing is different that is written otherwise")
  {
    before.approve("a.example.com", bound("one.example", {}, {"dns-01", "http-01"}));
    after.approve("a.example.com", bound("one.example", {}, {"http-01"}));
    after.approve("a.example.com", bound("one.example", {}, {"dns-01"}));
    after.approve("a.example.com", bound("one.example", {"urn:x:1"}, {"dns-01"})); // covered
    CHECK(difference(before, after) == "");
  }
  SECTION("an approval that is added, and one that is removed")
  {
    after.approve("a.example.com", grant("one.example"));
    CHECK(difference(before, after) == "a.example.com WIDER\n+ name one.example [0,end)\n");
    CHECK(difference(after, before) == "a.example.com\n- name one.example [0,end)\n");
  }
  SECTION("one that is over doesn't count, one to come does")
  {
    before.approve("a.example.com", grant("one.example"), 10, 20);
    CHECK(difference(before, after, 20) == "");
    CHECK(difference(after, before, 5) == "a.example.com WIDER\n+ name one.example [10,20)\n");
  }
  SECTION("a longer one is wider, for the time that it is longer")
  {
    before.approve("a.example.com", grant("one.example"), 10, 20);
    after.approve("a.example.com", grant("one.example"), 10, 30);
    CHECK(difference(before, after) == "a.example.com WIDER\n+ name one.example [20,30)\n");
  }
  SECTION("a binding")
  {
    before.approve("a.example.com", bound("one.example", {}, {}, Wildcard::Also));
    after.approve("a.example.com", bound("one.example", {"urn:x:1"}, {}, Wildcard::Also));
    CHECK(difference(before, after) == "a.example.com\n- name+wildcard one.example [0,end) of it one.example/urn:x:1/\n");
    CHECK(difference(after, before) == "a.example.com WIDER\n+ name+wildcard one.example [0,end) of it one.example/urn:x:1/\n");
  }
  SECTION("one account for another")
  {
    before.approve("a.example.com", bound("one.example", {"urn:x:1", "urn:x:2"}));
    after.approve("a.example.com", bound("one.example", {"urn:x:1", "urn:x:3"}));
    CHECK(difference(before, after) == "a.example.com WIDER\n+ name one.example urn:x:3 [0,end)\n- name one.example urn:x:2 [0,end)\n");
  }
  SECTION("a subtree, and the name in it that stays as it is")
  {
    before.subtree("b.example.com");
    before.approve("c.example.com", grant("one.example"));
    after = before;
    after.policy().subtrees[0].allow = {grant("one.example")};
    CHECK(difference(before, after) == "all of example.com WIDER\n+ name one.example [0,end)\nall of b.example.com unchanged\nc.example.com unchanged\n");
  }
  SECTION("the scope of an approval")
  {
    before.approve("a.example.com", grant("one.example"));
    after.approve("a.example.com", grant("one.example")).subtree = true;
    CHECK(difference(before, after) == "below a.example.com WIDER\n+ name one.example [0,end)\n");
  }
  SECTION("leaving the policy and entering it")
  {
    after.subtree("example.net", {grant("one.example")});
    CHECK(difference(before, after) == "all of example.net\n- name any [0,end) of it one.example//\n- wildcard any [0,end)\n");
    CHECK(difference(after, before) == "all of example.net WIDER\n+ name any [0,end) of it one.example//\n+ wildcard any [0,end)\n");
  }
  SECTION("mail, and records that permit nothing")
  {
    before.policy().subtrees[0].settings.mail = OtherIssuers{};
    after.policy().subtrees[0].settings.iodef = {{"mailto:pki@example.com"}};
    CHECK(difference(before, after) == "all of example.com WIDER\n+ mail any [0,end)\nrecords\n");
  }
  SECTION("aliases that are no longer flattened")
  {
    before.policy().subtrees[0].cname = CnameMode::Flatten;
    CHECK(difference(before, after) == "all of example.com WIDER\n");
    CHECK(difference(after, before) == "all of example.com\n");
  }
}

TEST_CASE("a record set permits what the standards say")
{
  const auto permitted = [](std::vector<CaaRecord> records) {
    std::string text;
    for (const auto& permission : permissionsOf({std::move(records), false})) {
      text += (text.empty() ? "" : ", ") + std::to_string(static_cast<int>(permission.purpose)) + " " + permission.ca + "/" + permission.account + "/" + permission.method;
    }
    return text;
  };
  const std::string others = ", 2 //, 3 //"; // mail and mark certificates
  CHECK(permitted({{0, "iodef", "mailto:pki@example.com"}}) == "0 //, 1 //" + others);
  CHECK(permitted({{0, "Issue", "One.example"}}) == "0 one.example//, 1 one.example//" + others);
  CHECK(permitted({{0, "issue", "one.example"}, {0, "issuewild", ";"}}) == "0 one.example//" + others);
  CHECK(permitted({{0, "issuewild", "one.example"}}) == "0 //, 1 one.example//" + others);
  CHECK(permitted({{0, "issue", "one.example; accounturi=urn:x:1; validationmethods=dns-01,http-01"}, {0, "issuewild", ";"}})
        == "0 one.example/urn:x:1/dns-01, 0 one.example/urn:x:1/http-01" + others);
  CHECK(permitted({{0, "issue", "one.example; accounturi=urn:x:1; accounturi=urn:x:2"}}) == others.substr(2));
  CHECK(permitted({{0, "issue", "one.example; validationmethods=a,b; validationmethods=b"}, {0, "issuewild", ""}}) == "0 one.example//b" + others);
  CHECK(permitted({{0, "issue", "one.example; validationmethods="}}) == others.substr(2));
  CHECK(permitted({{0, "issue", "%%%"}}) == others.substr(2));
  CHECK(permitted({{0, "issue", "one.example"}, {128, "future", "x"}}) == "");
  CHECK(permitted({{0, "issue", ";"}, {0, "issuemail", ";"}, {0, "issuevmc", "one.example"}}) == "3 one.example//");
}

} // namespace caapolicy::test
