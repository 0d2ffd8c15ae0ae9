// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the vectors of decisions_test.cc leave out.
#include "policy/evaluate.hh"
#include "zone_stub.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

const std::string kCa = "ca.example.com";
const std::string kAccount = "https://ca.example.com/acct/1";

enum Expected { Deny, StrictDeny, Allow };

Expected outcome(const Verdict& verdict)
{
  // Strict never allows more, and says why when it allows less.
  REQUIRE((verdict.allow || !verdict.strictAllow));
  REQUIRE(verdict.strictReason.empty() == (verdict.allow == verdict.strictAllow));
  REQUIRE_FALSE(verdict.reason.empty());
  return !verdict.allow ? Deny : verdict.strictAllow ? Allow : StrictDeny;
}

std::string at(const Verdict& verdict)
{
  return verdict.decidedAt ? verdict.decidedAt->toText() : "";
}

// A chain of aliases a0 -> a1 -> ... below example.com, `length` CNAMEs long, whose last target has `records`.
ZoneStub::Records chain(size_t length, const std::vector<std::string>& records)
{
  ZoneStub::Records zone;
  for (size_t i = 0; i < length; ++i) {
    zone["a" + std::to_string(i) + ".example.com"] = {"CNAME a" + std::to_string(i + 1) + ".example.com"};
  }
  zone["a" + std::to_string(length) + ".example.com"] = records;
  return zone;
}

} // namespace

TEST_CASE("one set decides for a plain name", "[evaluate]")
{
  struct Row {
    std::vector<std::string> records;
    Expected expected;
  };
  const Row rows[] = {
    // values
    {{R"(0 issue "ca.example.com")"}, Allow},
    {{R"(0 issue "other.example.com")"}, Deny},
    {{R"(0 issue "sub.ca.example.com")"}, Deny},
    {{R"(0 issue "example.com")"}, Deny},
    {{R"(0 issue "CA.EXAMPLE.COM")"}, StrictDeny},
    {{R"(0 issue "CA.EXAMPLE.COM")", R"(0 issue "ca.example.com")"}, Allow},
    {{R"(0 issue "ca.example.com.")"}, Deny},
    {{R"(0 issue "%%%%%")"}, Deny},
    {{R"(0 issue "%%%%%")", R"(0 issue "ca.example.com")"}, Allow},
    {{R"(0 issue ""ca.example.com"")"}, Deny},
    {{R"(0 issue "; a=b")"}, Deny},
    {{R"(0 issue "ca.example.com; a=b;")"}, Deny},
    {{R"(0 issue "ca.example.com; a=b; a=b")"}, Allow},
    // properties of another kind
    {{R"(0 issuewild "ca.example.com")"}, StrictDeny},
    {{R"(0 issuewild "other.example.com")"}, StrictDeny},
    {{R"(0 issuewild ";")"}, Allow},
    {{R"(0 issuewild "%%%%%")"}, Allow},
    {{R"(0 ISSUEWILD "ca.example.com")"}, StrictDeny},
    {{R"(0 issuewild "ca.example.com")", R"(0 issue "ca.example.com")"}, Allow},
    {{R"(0 issuewild "ca.example.com")", R"(0 issue ";")"}, Deny},
    {{R"(0 issuemail "ca.example.com")"}, Allow},
    {{R"(0 issuevmc ";")"}, Allow},
    {{R"(0 issuance "ca.example.com")"}, Allow},
    // flags
    {{R"(128 issue "ca.example.com")"}, Allow},
    {{R"(255 issue "ca.example.com")"}, Allow},
    {{R"(128 issue ";")"}, Deny},
    {{R"(128 other "x")"}, Deny},
    {{R"(129 other "x")", R"(0 issue "ca.example.com")"}, Deny},
    {{R"(64 other "x")", R"(0 issue "ca.example.com")"}, StrictDeny},
    {{R"(1 other "x")"}, StrictDeny},
    {{R"(127 other "x")"}, StrictDeny},
    {{R"(0 other "x")"}, Allow},
    {{R"(128 ISSUEWILD ";")", R"(128 Iodef "mailto:a@example.com")", R"(128 issuemail ";")", R"(128 IssueVMC ";")",
      R"(128 contactemail "a@example.com")", R"(128 contactphone "1")", R"(1 issue "ca.example.com")"},
     Allow},
    // accounts, for a request by account 1
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1")"}, Allow},
    {{R"(0 issue "ca.example.com;accounturi = https://ca.example.com/acct/1 ")"}, Allow},
    {{R"(0 issue "ca.example.com; accounturi=https://CA.example.com/acct/1")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/2")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi=")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi=1")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi="https://ca.example.com/acct/1"")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1; accounturi=https://ca.example.com/acct/2")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/2")", R"(0 issue "ca.example.com")"}, Allow},
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/2")",
      R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1")"},
     Allow},
    {{R"(0 issue "other.example.com; accounturi=https://ca.example.com/acct/1")"}, Deny},
    {{R"(0 issue "ca.example.com; AccountURI=https://ca.example.com/acct/2")"}, StrictDeny},
    {{R"(0 issue "ca.example.com; AccountURI=https://ca.example.com/acct/1")"}, Allow},
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1; AccountURI=https://ca.example.com/acct/1")"}, StrictDeny},
    {{R"(0 issue "ca.example.com; account=https://ca.example.com/acct/2")"}, Allow},
    // methods, for a request by dns-01
    {{R"(0 issue "ca.example.com; validationmethods=dns-01")"}, Allow},
    {{R"(0 issue "ca.example.com; validationmethods=http-01,dns-01")"}, Allow},
    {{R"(0 issue "ca.example.com; validationmethods=DNS-01")"}, Deny},
    {{R"(0 issue "ca.example.com; validationmethods=dns-0")"}, Deny},
    {{R"(0 issue "ca.example.com; validationmethods=dns-011")"}, Deny},
    {{R"(0 issue "ca.example.com; validationmethods=")"}, Deny},
    {{R"(0 issue "ca.example.com; validationmethods=dns-01,")"}, Deny},
    {{R"(0 issue "ca.example.com; validationmethods=dns-01, http-01")"}, Deny},
    {{R"(0 issue "ca.example.com; validationmethods=dns_01,dns-01")"}, Deny},
    {{R"(0 issue "ca.example.com; ValidationMethods=http-01")"}, StrictDeny},
    {{R"(0 issue "ca.example.com; validationmethods=dns-01; validationmethods=http-01,dns-01")"}, StrictDeny},
    {{R"(0 issue "ca.example.com; validationmethods=dns-01; validationmethods=http-01")"}, Deny},
    // both
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1; validationmethods=dns-01")"}, Allow},
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1; validationmethods=http-01")"}, Deny},
    {{R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1; validationmethods=http-01")",
      R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/2; validationmethods=dns-01")"},
     Deny},
  };
  for (const Row& row : rows) {
    const ZoneStub zone = zoneWith({{"www.example.com", row.records}});
    const Verdict verdict = zone.evaluate(requestFor("www.example.com", kCa, kAccount, "dns-01"));
    CAPTURE(row.records, verdict.reason, verdict.strictReason);
    CHECK(outcome(verdict) == row.expected);
    CHECK(at(verdict) == "www.example.com");
  }
}

TEST_CASE("a request without account or method", "[evaluate]")
{
  const ZoneStub zone = zoneWith({{"account.example.com", {R"(0 issue "ca.example.com; accounturi=https://ca.example.com/acct/1")"}},
                       {"empty.example.com", {R"(0 issue "ca.example.com; accounturi=")"}},
                       {"method.example.com", {R"(0 issue "ca.example.com; validationmethods=dns-01")"}},
                       {"none.example.com", {R"(0 issue "ca.example.com; validationmethods=")"}},
                       {"free.example.com", {R"(0 issue "ca.example.com")"}}});
  CHECK(outcome(zone.evaluate(requestFor("account.example.com", kCa, "", "dns-01"))) == Deny);
  CHECK(outcome(zone.evaluate(requestFor("empty.example.com", kCa))) == Deny);
  CHECK(outcome(zone.evaluate(requestFor("method.example.com", kCa, kAccount))) == Deny);
  CHECK(outcome(zone.evaluate(requestFor("none.example.com", kCa))) == Deny);
  CHECK(outcome(zone.evaluate(requestFor("free.example.com", kCa))) == Allow);
}

TEST_CASE("a CA without a name is named by nothing", "[evaluate]")
{
  const ZoneStub zone = zoneWith({{"example.com", {R"(0 issue ";")"}}});
  CHECK(outcome(zone.evaluate(requestFor("example.com", ""))) == Deny);
}

TEST_CASE("wildcards", "[evaluate]")
{
  struct Row {
    std::vector<std::string> records;
    Expected expected;
  };
  const Row rows[] = {
    {{R"(0 issue "ca.example.com")"}, Allow},
    {{R"(0 issue "other.example.com")"}, Deny},
    {{R"(0 issuewild "ca.example.com")"}, Allow},
    {{R"(0 issuewild "other.example.com")"}, Deny},
    {{R"(0 issue "ca.example.com")", R"(0 issuewild ";")"}, Deny},
    {{R"(0 issue ";")", R"(0 issuewild "ca.example.com")"}, Allow},
    {{R"(0 issue "ca.example.com")", R"(0 issuewild "%%%%%")"}, Deny},
    {{R"(0 issue "ca.example.com")", R"(0 IssueWild ";")"}, Deny},
    {{R"(0 issue "ca.example.com")", R"(0 issuewild "ca.example.com; validationmethods=dns-01")"}, Allow},
    {{R"(0 issue "ca.example.com")", R"(0 issuewild "ca.example.com; validationmethods=http-01")"}, Deny},
    {{R"(0 iodef "mailto:a@example.com")"}, Allow},
    {{R"(1 other "x")", R"(0 issuewild "ca.example.com")"}, StrictDeny},
  };
  for (const Row& row : rows) {
    const ZoneStub zone = zoneWith({{"www.example.com", row.records}});
    const Verdict verdict = zone.evaluate(requestFor("*.www.example.com", kCa, kAccount, "dns-01"));
    CAPTURE(row.records, verdict.reason);
    CHECK(outcome(verdict) == row.expected);
    CHECK(at(verdict) == "www.example.com");
  }
}

TEST_CASE("mail and mark certificates", "[evaluate]")
{
  struct Row {
    std::vector<std::string> records;
    Expected expected;
  };
  // TAG stands for the property that is asked about.
  const Row rows[] = {
    {{R"(0 TAG "ca.example.com")"}, Allow},
    {{R"(0 TAG "other.example.com")"}, Deny},
    {{R"(0 TAG ";")"}, Deny},
    {{R"(0 TAG "CA.example.com")"}, StrictDeny},
    {{R"(0 TAG ";")", R"(0 TAG "ca.example.com")"}, Allow},
    {{R"(0 TAG "%%%%%")"}, Deny},
    {{R"(0 issue ";")"}, Allow},
    {{R"(0 issue ";")", R"(0 TAG "ca.example.com")"}, Allow},
    {{R"(0 issue "ca.example.com")", R"(0 TAG ";")"}, Deny},
    {{R"(0 issuewild "ca.example.com")"}, Allow},
    {{R"(128 other "x")", R"(0 TAG "ca.example.com")"}, Deny},
    // RFC 8657 speaks of issue and issuewild only.
    {{R"(0 TAG "ca.example.com; accounturi=https://ca.example.com/acct/2")"}, StrictDeny},
    {{R"(0 TAG "ca.example.com; accounturi=https://ca.example.com/acct/1")"}, Allow},
    {{R"(0 TAG "ca.example.com; validationmethods=http-01")"}, StrictDeny},
  };
  const std::pair<Property, std::string> properties[] = {{Property::IssueMail, "issuemail"}, {Property::IssueVmc, "issuevmc"}};
  for (const auto& [property, tag] : properties) {
    for (const Row& row : rows) {
      auto records = row.records;
      for (std::string& record : records) {
        if (const size_t place = record.find("TAG"); place != std::string::npos) {
          record.replace(place, 3, tag);
        }
      }
      const ZoneStub zone = zoneWith({{"example.com", records}});
      CaRequest request = requestFor("example.com", kCa, kAccount, "dns-01");
      request.property = property;
      CAPTURE(records);
      CHECK(outcome(zone.evaluate(request)) == row.expected);
    }
  }

  SECTION("one is not the other")
  {
    const ZoneStub zone = zoneWith({{"example.com", {R"(0 issuemail "ca.example.com")", R"(0 issuevmc ";")"}}});
    CaRequest request = requestFor("example.com", kCa);
    request.property = Property::IssueMail;
    CHECK(outcome(zone.evaluate(request)) == Allow);
    request.property = Property::IssueVmc;
    CHECK(outcome(zone.evaluate(request)) == Deny);
  }
}

TEST_CASE("climbing", "[evaluate]")
{
  SECTION("asks every ancestor but the root, once and in order")
  {
    const ZoneStub zone = zoneWith({});
    const Verdict verdict = zone.evaluate(requestFor("a.b.example.com", kCa));
    CHECK(outcome(verdict) == Allow);
    CHECK(at(verdict).empty());
    CHECK(zone.asked() == std::vector<std::string>{"a.b.example.com", "b.example.com", "example.com", "com"});
  }
  SECTION("stops at the first set")
  {
    const ZoneStub zone = zoneWith({{"b.example.com", {R"(0 iodef "mailto:a@example.com")"}}, {"example.com", {R"(0 issue ";")"}}});
    const Verdict verdict = zone.evaluate(requestFor("a.b.example.com", kCa));
    CHECK(outcome(verdict) == Allow);
    CHECK(at(verdict) == "b.example.com");
    CHECK(zone.asked() == std::vector<std::string>{"a.b.example.com", "b.example.com"});
  }
  SECTION("goes up to a top-level domain")
  {
    const ZoneStub zone = zoneWith({{"com", {R"(0 issue ";")"}}});
    const Verdict verdict = zone.evaluate(requestFor("www.example.com", kCa));
    CHECK(outcome(verdict) == Deny);
    CHECK(at(verdict) == "com");
  }
  SECTION("never asks the root")
  {
    const ZoneStub zone = zoneWith({});
    CaRequest request = requestFor("com", kCa);
    request.name = Name{};
    CHECK(outcome(zone.evaluate(request)) == Allow);
    CHECK(zone.asked().empty());
  }
  SECTION("of a wildcard begins at its parent")
  {
    const ZoneStub zone = zoneWith({{"*.example.com", {R"(0 issue "ca.example.com")"}}, {"example.com", {R"(0 issue ";")"}}});
    const Verdict verdict = zone.evaluate(requestFor("*.example.com", kCa));
    CHECK(outcome(verdict) == Deny);
    CHECK(at(verdict) == "example.com");
  }
  SECTION("of a wildcard takes issue where issuewild stands further up only")
  {
    const ZoneStub zone = zoneWith({{"b.example.com", {R"(0 issue "ca.example.com")"}}, {"example.com", {R"(0 issuewild ";")"}}});
    const Verdict verdict = zone.evaluate(requestFor("*.a.b.example.com", kCa));
    CHECK(outcome(verdict) == Allow);
    CHECK(at(verdict) == "b.example.com");
  }
  SECTION("passes a set without records")
  {
    const auto empty = [](const Name&) -> CaaLookup { return RecordSet{}; };
    const Verdict verdict = evaluate(requestFor("example.com", kCa), empty);
    CHECK(outcome(verdict) == Allow);
    CHECK(at(verdict).empty());
  }
}

TEST_CASE("aliases", "[evaluate]")
{
  SECTION("the set of the target decides, at the name of the alias")
  {
    const ZoneStub zone = zoneWith({{"www.example.com", {"CNAME web.example.net"}},
                         {"web.example.net", {R"(0 issue "ca.example.com")"}},
                         {"example.com", {R"(0 issue ";")"}}});
    const Verdict verdict = zone.evaluate(requestFor("www.example.com", kCa));
    CHECK(outcome(verdict) == Allow);
    CHECK(at(verdict) == "www.example.com");
  }
  SECTION("a target without CAA leads to the parent of the alias, not of the target")
  {
    const ZoneStub zone = zoneWith({{"www.example.com", {"CNAME web.example.net"}},
                         {"example.net", {R"(0 issue "ca.example.com")"}},
                         {"example.com", {R"(0 issue ";")"}}});
    const Verdict verdict = zone.evaluate(requestFor("www.example.com", kCa));
    CHECK(outcome(verdict) == Deny);
    CHECK(at(verdict) == "example.com");
    CHECK(zone.asked() == std::vector<std::string>{"www.example.com", "web.example.net", "example.com"});
  }
  SECTION("an ancestor may be an alias, too")
  {
    const ZoneStub zone = zoneWith({{"b.example.com", {"CNAME web.example.net"}}, {"web.example.net", {R"(0 issue ";")"}}});
    const Verdict verdict = zone.evaluate(requestFor("*.a.b.example.com", kCa));
    CHECK(outcome(verdict) == Deny);
    CHECK(at(verdict) == "b.example.com");
  }
  SECTION("a chain of 16 is followed")
  {
    const Verdict verdict = ZoneStub(chain(16, {R"(0 issue "ca.example.com")"})).evaluate(requestFor("a0.example.com", kCa));
    CHECK(outcome(verdict) == Allow);
    CHECK(at(verdict) == "a0.example.com");
  }
  SECTION("a longer one denies, whatever its end has")
  {
    const Verdict verdict = ZoneStub(chain(17, {R"(0 issue "ca.example.com")"})).evaluate(requestFor("a0.example.com", kCa));
    CHECK(outcome(verdict) == Deny);
    CHECK(at(verdict).empty());
    CHECK(verdict.reason == "the CNAME chain at `a0.example.com` is longer than 16");
  }
  SECTION("each name that is climbed to begins its own chain")
  {
    auto zone = chain(16, {});
    zone["x.a0.example.com"] = {"CNAME web.example.net"};
    CHECK(outcome(ZoneStub(zone).evaluate(requestFor("x.a0.example.com", kCa))) == Allow);
  }
  SECTION("a loop denies")
  {
    const ZoneStub zone = zoneWith({{"a.example.com", {"CNAME b.example.com"}},
                         {"b.example.com", {"CNAME c.example.com"}},
                         {"c.example.com", {"CNAME b.example.com"}},
                         {"self.example.com", {"CNAME self.example.com"}},
                         {"example.com", {R"(0 issue "ca.example.com")"}}});
    for (const std::string name : {"a.example.com", "self.example.com"}) {
      const Verdict verdict = zone.evaluate(requestFor(name, kCa));
      CHECK(outcome(verdict) == Deny);
      CHECK(at(verdict).empty());
      CHECK(verdict.reason == "the CNAME chain at `" + name + "` is a loop");
    }
    const Verdict below = zone.evaluate(requestFor("x.a.example.com", kCa));
    CHECK(outcome(below) == Deny);
    CHECK(below.reason == "the CNAME chain at `a.example.com` is a loop");
  }
}

TEST_CASE("reasons", "[evaluate]")
{
  struct Row {
    std::vector<std::string> records;
    std::string reason;
    std::string strictReason;
  };
  const Row rows[] = {
    {{R"(0 issue "ca.example.com")"}, "`issue` names `ca.example.com`", ""},
    {{R"(0 issue ";")"}, "no `issue` names `ca.example.com`", ""},
    {{R"(0 iodef "mailto:a@example.com")"}, "the set has no `issue`", ""},
    {{R"(128 other "x")"}, "`other` has flags 128 and is not known", ""},
    {{R"(1 other "x")"}, "the set has no `issue`", "`other` has flags 1 and is not known"},
    {{R"(0 issue "CA.example.com")"}, "`issue` names `ca.example.com`", "no `issue` names `ca.example.com`"},
    {{R"(0 issuewild "ca.example.com")"}, "the set has no `issue`", "`issuewild` names a CA and there is no `issue`"},
    {{R"(0 issue "ca.example.com; accounturi=urn:2")"},
     "`issue` names `ca.example.com`, but not for the account `https://ca.example.com/acct/1`",
     ""},
    {{R"(0 issue "ca.example.com; validationmethods=http-01")"},
     "`issue` names `ca.example.com`, but not for the method `dns-01`",
     ""},
    {{R"(0 issue "ca.example.com; validationmethods=http-01")", R"(0 issue "ca.example.com; accounturi=urn:2")"},
     "`issue` names `ca.example.com`, but not for the method `dns-01`",
     ""},
  };
  for (const Row& row : rows) {
    const Verdict verdict =
      zoneWith({{"example.com", row.records}}).evaluate(requestFor("example.com", kCa, kAccount, "dns-01"));
    CHECK(verdict.reason == row.reason);
    CHECK(verdict.strictReason == row.strictReason);
  }
  CHECK(zoneWith({}).evaluate(requestFor("example.com", kCa)).reason == "no CAA is found up to the root");
  const ZoneStub bound = zoneWith({{"a.example.com", {R"(0 issue "ca.example.com; accounturi=urn:2")"}},
                        {"m.example.com", {R"(0 issue "ca.example.com; validationmethods=http-01")"}}});
  CHECK(bound.evaluate(requestFor("a.example.com", kCa)).reason == "`issue` demands an account of `ca.example.com`, the request has none");
  CHECK(bound.evaluate(requestFor("m.example.com", kCa)).reason == "`issue` demands a method of `ca.example.com`, the request has none");
}
