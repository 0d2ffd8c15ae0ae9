// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy_builder.hh"

#include "policy/explain.hh"

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

std::string own(const Snapshot& snapshot, std::string_view text, Instant now = 0)
{
  const auto view = snapshot.find(name(text).wire());
  if (!view.governed()) {
    return "not governed";
  }
  std::string shown;
  for (const auto& record : snapshot.own(view, now).set->records) {
    shown += (shown.empty() ? "" : ", ") + record.tag + "=" + record.value;
  }
  return shown;
}

bool published(const Snapshot& snapshot, std::string_view text, Instant now = 0)
{
  return snapshot.published(snapshot.find(name(text).wire()), now);
}

const std::string kDeny = "issue=;";
const std::string kA = "issue=a.example, issuewild=;";
const std::string kAB = "issue=a.example, issue=b.example, issuewild=;";

} // namespace

TEST_CASE("the nearest subtree governs, alone", "[snapshot]")
{
  PolicyBuilder builder;
  builder.subtree("example.com", {grant("a.example")});
  builder.subtree("dev.example.com", {grant("b.example")}).inherit = true;
  builder.subtree("x.dev.example.com");
  const auto snapshot = builder.compile();
  CHECK(own(*snapshot, "example.com") == kA);
  CHECK(own(*snapshot, "www.example.com") == kA);
  CHECK(own(*snapshot, "dev.example.com") == kAB);
  CHECK(own(*snapshot, "a.b.dev.example.com") == kAB);
  CHECK(own(*snapshot, "a.x.dev.example.com") == kDeny);
  CHECK(own(*snapshot, "com") == "not governed");
  CHECK(own(*snapshot, "example.org") == "not governed");
}

TEST_CASE("a name is found in any case", "[snapshot]")
{
  PolicyBuilder builder;
  builder.subtree("example.com");
  builder.approve("shop.example.com", grant("a.example"));
  const auto snapshot = builder.compile();
  const auto view = snapshot->find(std::string_view("\4SHop\7eXample\3COM\0", 18));
  CHECK(view.listed());
  CHECK(snapshot->own(view, 0).set->grants);
  // The longest name there is.
  std::string longest;
  for (int i = 0; i < 121; ++i) {
    longest += "\1A";
  }
  longest += std::string("\7EXAMPLE\3COM\0", 13);
  REQUIRE(longest.size() == kMaxNameLength);
  CHECK(snapshot->find(longest).governed());
}

TEST_CASE("an approval covers its name alone, or all below it up to the next subtree", "[snapshot]")
{
  PolicyBuilder builder;
  builder.subtree("example.com");
  builder.subtree("own.tree.example.com");
  builder.subtree("open.tree.example.com").inherit = true;
  builder.approve("exact.example.com", grant("a.example"));
  builder.approve("tree.example.com", grant("a.example")).subtree = true;
  const auto snapshot = builder.compile();
  CHECK(own(*snapshot, "exact.example.com") == kA);
  CHECK(own(*snapshot, "x.exact.example.com") == kDeny);
  CHECK(own(*snapshot, "tree.example.com") == kA);
  CHECK(own(*snapshot, "x.y.tree.example.com") == kA);
  CHECK(own(*snapshot, "own.tree.example.com") == kDeny);
  CHECK(own(*snapshot, "x.open.tree.example.com") == kA);
}

TEST_CASE("a grant lives from its `from` to its `until`, to the second", "[snapshot]")
{
  PolicyBuilder builder;
  builder.subtree("example.com");
  builder.approve("a.b.example.com", grant("a.example"), 100, 200);
  const auto snapshot = builder.compile();
  CHECK(own(*snapshot, "a.b.example.com", 99) == kDeny);
  CHECK(own(*snapshot, "a.b.example.com", 100) == kA);
  CHECK(own(*snapshot, "a.b.example.com", 199) == kA);
  CHECK(own(*snapshot, "a.b.example.com", 200) == kDeny);
  CHECK_FALSE(published(*snapshot, "b.example.com", 99));
  CHECK(published(*snapshot, "b.example.com", 100));
  CHECK(published(*snapshot, "a.b.example.com", 199));
  CHECK_FALSE(published(*snapshot, "a.b.example.com", 200));
  CHECK(published(*snapshot, "com", 0));
  CHECK_FALSE(published(*snapshot, "x.a.b.example.com", 150));

  const auto view = snapshot->find(name("a.b.example.com").wire());
  CHECK(snapshot->own(view, 0).changes == 100);
  CHECK(snapshot->own(view, 100).changes == 200);
  CHECK(snapshot->own(view, 200).changes == kEndOfTime);
  CHECK(snapshot->child(view, 0).changes == kEndOfTime);
  CHECK(snapshot->nextChange(0) == 100);
  CHECK(snapshot->nextChange(100) == 200);
  CHECK(snapshot->nextChange(200) == kEndOfTime);
  CHECK(snapshot->lastChange(99) == kBeginningOfTime);
  CHECK(snapshot->lastChange(150) == 100);

  const auto changes = snapshot->changesBetween(99, 100);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0] == Snapshot::Change{name("b.example.com"), false}); // it only begins to exist
  CHECK(changes[1] == Snapshot::Change{name("a.b.example.com"), true});
  CHECK(snapshot->changesBetween(100, 199).empty());
}

TEST_CASE("a new snapshot tells what differs", "[snapshot]")
{
  PolicyBuilder before;
  before.subtree("example.com");
  before.approve("a.example.com", grant("a.example"));
  PolicyBuilder after = before;
  after.approve("b.c.example.com", grant("a.example"));
  const auto old = before.compile();
  const auto changes = after.compile()->changesSince(*old, 0);
  CHECK(changes == std::vector<Snapshot::Change>{{name("c.example.com"), false}, {name("b.c.example.com"), true}});
  CHECK(old->changesSince(*after.compile(), 0) == changes);
  CHECK(before.compile()->changesSince(*old, 0).empty());

  PolicyBuilder shorter = before;
  shorter.approvals()[0].until = 5000; // the set is the same, but not for ever: a TTL may have to be cut
  CHECK(shorter.compile()->changesSince(*old, 0) == std::vector<Snapshot::Change>{{name("a.example.com"), true}});

  PolicyBuilder whole = after;
  whole.policy().subtrees[0].allow = {grant("b.example")};
  CHECK(whole.compile()->changesSince(*old, 0) == std::vector<Snapshot::Change>{{name("example.com"), true}});
}

TEST_CASE("settings are inherited until set, limits of inheritance of grants notwithstanding", "[snapshot]")
{
  PolicyBuilder builder;
  builder.policy().defaults.ttl = 600;
  builder.policy().defaults.iodef = {{"mailto:pki@example.com"}};
  builder.subtree("example.com").settings.mail = OtherIssuers{};
  auto& mail = builder.subtree("mail.example.com");
  mail.settings.mail = OtherIssuers{{"digicert.com", {}, {}}};
  mail.settings.ttl = 60;
  mail.settings.iodef.emplace(); // none here
  const auto snapshot = builder.compile();
  CHECK(own(*snapshot, "www.example.com") == "issue=;, issuemail=;, iodef=mailto:pki@example.com");
  CHECK(own(*snapshot, "x.mail.example.com") == "issue=;, issuemail=digicert.com");
  CHECK(snapshot->own(snapshot->find(name("www.example.com").wire()), 0).ttl == 600);
  CHECK(snapshot->own(snapshot->find(name("x.mail.example.com").wire()), 0).ttl == 60);
}

TEST_CASE("a subtree whose file was never good is denied as a whole", "[snapshot]")
{
  PolicyBuilder builder;
  builder.subtree("example.com", {grant("a.example")});
  builder.subtree("team.example.com", {grant("a.example")}).denied = true;
  builder.subtree("x.team.example.com", {grant("a.example")}).inherit = true;
  builder.approve("y.team.example.com", grant("a.example"));
  const auto snapshot = builder.compile();
  CHECK(own(*snapshot, "team.example.com") == kDeny);
  CHECK(own(*snapshot, "x.team.example.com") == kDeny);
  CHECK(own(*snapshot, "y.team.example.com") == kDeny);
  CHECK_FALSE(published(*snapshot, "y.team.example.com"));
  CHECK(own(*snapshot, "www.example.com") == kA);
}

TEST_CASE("the dump of a small policy", "[snapshot]")
{
  PolicyBuilder builder;
  builder.subtree("example.com");
  builder.approve("shop.example.com", grant("letsencrypt.org", Wildcard::Also), 1763802000, 1766394000);
  CHECK(builder.compile()->dump() == R"(example.com in example.com ttl 300
  from the beginning, published
    own [0 issue ";"]
shop.example.com in example.com ttl 300
  from the beginning
    own [0 issue ";"]
  from 2025-11-22T09:00:00Z, published
    own [0 issue "letsencrypt.org"]
    child [0 issue ";"]
  from 2025-12-22T09:00:00Z
    own [0 issue ";"]
)");
}

TEST_CASE("explaining a name", "[explain]")
{
  PolicyBuilder builder;
  builder.subtree("example.com", {grant("a.example", Wildcard::Also)});
  auto& approval = builder.approve("shop.example.com", grant("letsencrypt.org"), 0, 1766394000);
  approval.grants[0].issuer.accounts = {"https://ca.example/1"};
  approval.ticket = "SEC-1234";
  const auto snapshot = builder.compile();
  CHECK(explainName(*snapshot, name("shop.example.com"), 1) == R"(shop.example.com is governed by example.com (policy.yaml:1)
granted: letsencrypt.org, no wildcard, account https://ca.example/1, any method: approved at policy.yaml:2 until 2025-12-22T09:00:00Z, SEC-1234
granted: a.example, wildcard too, any account, any method: allowed at policy.yaml:1
records:
  shop.example.com. 300 IN CAA 0 issue "a.example"
  shop.example.com. 300 IN CAA 0 issue "letsencrypt.org; accounturi=https://ca.example/1"
  shop.example.com. 300 IN CAA 0 issuewild "a.example"
names below it that are not listed:
  *.shop.example.com. 300 IN CAA 0 issue "a.example"
changes: 2025-12-22T09:00:00Z
)");
  CHECK(explainName(*snapshot, name("example.org"), 1)
        == "example.org is not governed: no subtree of the policy is at or above it, and its CAA is left as it is\n");

  PolicyBuilder closed;
  closed.subtree("example.com");
  CHECK(explainName(*closed.compile(), name("www.example.com"), 1) == R"(www.example.com is governed by example.com (policy.yaml:1)
nobody may issue for it: no approval is in force and its subtree allows nobody
records:
  www.example.com. 300 IN CAA 0 issue ";"
changes: not by itself
)");
}
