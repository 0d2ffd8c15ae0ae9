// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/check.hh"
#include "tests/packed.hh"
#include "zone_stub.hh"

#include <catch2/catch.hpp>

#include <algorithm>
#include <tuple>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

constexpr Instant kNow = 1795338000; // 2026-11-22T09:00:00Z
constexpr int64_t kDay = 86400;
const std::string kLe = "letsencrypt.org";

Location line(uint32_t number, uint32_t file = 0)
{
  return {file, number, 1, 1};
}

Issuer issuer(std::string ca, std::vector<std::string> accounts = {}, std::vector<std::string> methods = {})
{
  return {std::move(ca), std::move(accounts), std::move(methods)};
}

Grant grant(Issuer who, Location where, Wildcard wildcard = Wildcard::No)
{
  Grant made;
  made.writtenAs = who.ca;
  made.issuer = std::move(who);
  made.wildcard = wildcard;
  made.where = where;
  return made;
}

Subtree subtree(const std::string& name, Location where, std::vector<Grant> allow = {}, bool inherit = false)
{
  Subtree made;
  made.name = nameOf(name);
  made.where = where;
  made.allow = std::move(allow);
  made.inherit = inherit;
  return made;
}

Subtree limited(const std::string& name, Location where, Limits limits, std::vector<Grant> allow = {})
{
  Subtree made = subtree(name, where, std::move(allow));
  limits.where = where;
  limits.issuersWhere = limits.requireWhere = limits.wildcardWhere = limits.lifetimeWhere = line(where.line + 1, where.file);
  made.limits = std::move(limits);
  return made;
}

enum Reach { Exact, AndBelow };

// Its grants stand on the line of its name unless they say otherwise.
Approval approval(const std::string& name, Location where, std::vector<Grant> grants, Reach reach = Exact)
{
  Approval made;
  made.name = nameOf(name);
  made.where = where;
  made.grants = std::move(grants);
  made.subtree = reach == AndBelow;
  return made;
}

Approval simple(const std::string& name, Location where, Reach reach = Exact)
{
  return approval(name, where, {grant(issuer(kLe), where)}, reach);
}

Approval during(Approval made, Instant from, Instant until)
{
  made.from = from;
  made.until = until;
  return made;
}

Policy policyOf(std::vector<Subtree> subtrees, std::vector<Approval> approvals = {})
{
  Policy policy;
  policy.files.resize(3);
  policy.subtrees = std::move(subtrees);
  policy.approvals = packed(approvals);
  std::stable_sort(policy.subtrees.begin(), policy.subtrees.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return policy;
}

std::string placeText(const Location& where)
{
  return std::to_string(where.file) + ":" + std::to_string(where.line);
}

// All of a diagnostic in one text: "file:line severity code: message | hint | file:line related message".
std::string textOf(const Diagnostic& diagnostic)
{
  std::string text = placeText(diagnostic.where) + (diagnostic.severity == Severity::Error ? " error " : " warning ") + diagnostic.code
    + ": " + diagnostic.message;
  if (!diagnostic.hint.empty()) {
    text += " | " + diagnostic.hint;
  }
  if (diagnostic.related) {
    text += " | " + placeText(*diagnostic.related) + " " + diagnostic.relatedMessage;
  }
  return text;
}

using Texts = std::vector<std::string>;

Texts textsOf(const std::vector<Diagnostic>& diagnostics)
{
  Texts texts;
  std::transform(diagnostics.begin(), diagnostics.end(), std::back_inserter(texts), textOf);
  return texts;
}

// All problems, in the order of files and places.
std::vector<Diagnostic> checkPolicy(const Policy& policy, const std::vector<FileRole>& roles, const std::vector<std::string>& flattenNeeds = {})
{
  const auto snapshot = Snapshot::compile(std::make_shared<const Policy>(policy));
  auto diagnostics = checkSubtrees(*snapshot, roles, kNow, flattenNeeds);
  for (const auto& [name, problems] : checkApprovals(*snapshot, roles, kNow)) {
    diagnostics.insert(diagnostics.end(), problems.begin(), problems.end());
  }
  const auto placeOf = [](const Diagnostic& diagnostic) { return std::tuple(diagnostic.where.file, diagnostic.where.line, diagnostic.where.column); };
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& left, const Diagnostic& right) { return placeOf(left) < placeOf(right); });
  return diagnostics;
}

Texts check(const Policy& policy, const std::vector<FileRole>& roles = std::vector<FileRole>(3))
{
  return textsOf(checkPolicy(policy, roles));
}

FileRole delegated(const std::string& node)
{
  return {nameOf(node)};
}

const std::string kAddsNothing = " warning approval-adds-nothing: approval for `shop.example.com` adds nothing | remove it | ";

} // namespace

TEST_CASE("a policy without a fault gives no diagnostic", "[check]")
{
  CHECK(check(policyOf({})).empty());
  CHECK(check(policyOf({subtree("example.com", line(1)), subtree("dev.example.com", line(2), {grant(issuer(kLe), line(3))})},
                       {simple("shop.example.com", line(4)), simple("example.com", line(5))}))
          .empty());
}

TEST_CASE("an approval outside every subtree", "[check]")
{
  const auto policy = policyOf({subtree("example.com", line(1))}, {simple("shop.example.net", line(2)), simple("com", line(3))});
  CHECK(check(policy)
        == Texts{"0:2 error approval-outside-subtrees: approval for `shop.example.net` is outside every subtree"
                 " | add `shop.example.net`, or a name above it, under `subtrees`",
                 "0:3 error approval-outside-subtrees: approval for `com` is outside every subtree"
                 " | add `com`, or a name above it, under `subtrees`"});
}

TEST_CASE("a delegated file keeps to its node", "[check]")
{
  const std::vector<FileRole> roles{{}, delegated("shops.example.com"), {}};
  const auto policy = policyOf({subtree("example.com", line(1)), subtree("shops.example.com", line(2)),
                                subtree("deep.shops.example.com", line(1, 1)), subtree("dev.example.com", line(2, 1)),
                                subtree("other.example.com", line(1, 2))},
                               {simple("a.shops.example.com", line(3, 1)), simple("shops.example.com", line(4, 1)),
                                simple("example.com", line(5, 1)), simple("xshops.example.com", line(6, 1)),
                                simple("example.net", line(7, 1)), simple("a.dev.example.com", line(2, 2))});
  const auto outside = [](const std::string& place, const std::string& name) {
    return place + " error outside-delegation: `" + name
      + "` is outside what this file is delegated | this file may speak of `shops.example.com` and names below it | 0:2 delegated here";
  };
  CHECK(check(policy, roles)
        == Texts{outside("1:2", "dev.example.com"), outside("1:5", "example.com"), outside("1:6", "xshops.example.com"),
                 outside("1:7", "example.net")});

  SECTION("whose subtree may be missing")
  {
    CHECK(check(policyOf({subtree("example.com", line(1, 1))}), roles)
          == Texts{"1:1 error outside-delegation: `example.com` is outside what this file is delegated"
                   " | this file may speak of `shops.example.com` and names below it"});
  }
  SECTION("a file without a role may speak of anything") { CHECK(check(policy, {}).size() == 1); } // example.net
}

TEST_CASE("expired approvals", "[check]")
{
  const auto root = subtree("example.com", line(1));
  const Texts expired{"0:2 warning approval-expired: approval for `shop.example.com` expired at 2026-11-22T09:00:00Z"
                      " | remove it, or give it a later `until`"};
  const auto shop = simple("shop.example.com", line(2));
  CHECK(check(policyOf({root}, {during(shop, kBeginningOfTime, kNow)})) == expired);
  CHECK(check(policyOf({root}, {during(shop, kBeginningOfTime, kNow + 1)})).empty());
  CHECK(check(policyOf({root}, {during(shop, kNow + 1, kEndOfTime)})).empty());

  SECTION("are not warned of twice")
  {
    const auto allowing = subtree("example.com", line(1), {grant(issuer(kLe), line(1))});
    CHECK(check(policyOf({allowing}, {during(shop, kBeginningOfTime, kNow)})) == expired);
  }
}

TEST_CASE("an approval that adds nothing", "[check][redundant]")
{
  const auto shop = simple("shop.example.com", line(9));
  const auto root = [](std::vector<Grant> allow) { return subtree("example.com", line(1), std::move(allow)); };

  SECTION("to the allow of its subtree")
  {
    CHECK(check(policyOf({root({grant(issuer(kLe), line(2))})}, {shop}))
          == Texts{"0:9" + kAddsNothing + "0:2 `letsencrypt.org` is already allowed in `example.com`"});
    CHECK(check(policyOf({root({grant(issuer("pki.goog"), line(2))})}, {shop})).empty());
    CHECK(check(policyOf({root({})}, {shop})).empty());
  }
  SECTION("to an allow that the subtree does or doesn't inherit")
  {
    const auto top = root({grant(issuer(kLe), line(2))});
    CHECK(check(policyOf({top, subtree("shop.example.com", line(3), {}, true)}, {shop}))
          == Texts{"0:9" + kAddsNothing + "0:2 `letsencrypt.org` is already allowed in `example.com`"});
    CHECK(check(policyOf({top, subtree("shop.example.com", line(3), {}, false)}, {shop})).empty());
    CHECK(check(policyOf({subtree("com", line(1), {grant(issuer(kLe), line(2))}), subtree("example.com", line(3)),
                          subtree("shop.example.com", line(4), {}, true)},
                         {shop}))
            .empty());
  }
  SECTION("only when the scope is the same or less")
  {
    const auto with = [&](Wildcard given, Wildcard asked) {
      return check(policyOf({root({grant(issuer(kLe), line(2), given)})},
                            {approval("shop.example.com", line(9), {grant(issuer(kLe), line(9), asked)})}))
        .size();
    };
    const Wildcard all[] = {Wildcard::No, Wildcard::Also, Wildcard::Only};
    for (const Wildcard given : all) {
      for (const Wildcard asked : all) {
        CAPTURE(static_cast<int>(given), static_cast<int>(asked));
        CHECK(with(given, asked) == (given == asked || given == Wildcard::Also ? 1 : 0));
      }
    }
  }
  SECTION("only when the issuer is the same or less")
  {
    struct Row {
      Issuer given, asked;
      size_t warnings;
    };
    const Row rows[] = {
      {issuer(kLe), issuer(kLe, {"urn:1"}, {"dns-01"}), 1},
      {issuer(kLe, {"urn:1", "urn:2"}), issuer(kLe, {"urn:2"}), 1},
      {issuer(kLe, {"urn:1"}), issuer(kLe, {"urn:2"}), 0},
      {issuer(kLe, {"urn:1"}), issuer(kLe, {"urn:1", "urn:2"}), 0},
      {issuer(kLe, {"urn:1"}), issuer(kLe), 0},
      {issuer(kLe, {}, {"dns-01", "http-01"}), issuer(kLe, {}, {"http-01"}), 1},
      {issuer(kLe, {}, {"dns-01"}), issuer(kLe, {}, {"http-01"}), 0},
      {issuer(kLe, {}, {"dns-01"}), issuer(kLe), 0},
    };
    for (const Row& row : rows) {
      CHECK(check(policyOf({root({grant(row.given, line(2))})}, {approval("shop.example.com", line(9), {grant(row.asked, line(9))})})).size()
            == row.warnings);
    }
  }
  SECTION("only when that holds for every grant")
  {
    const auto two = approval("shop.example.com", line(9), {grant(issuer(kLe), line(9)), grant(issuer("pki.goog"), line(9))});
    CHECK(check(policyOf({root({grant(issuer(kLe), line(2))})}, {two})).empty());
    CHECK(check(policyOf({root({grant(issuer(kLe), line(2)), grant(issuer("pki.goog"), line(3))})}, {two}))
          == Texts{"0:9" + kAddsNothing + "0:2 `letsencrypt.org` is already allowed in `example.com`"});
    // Grants of one approval don't make each other needless.
    CHECK(check(policyOf({root({})}, {approval("shop.example.com", line(9), {grant(issuer(kLe), line(9)), grant(issuer(kLe), line(9))})}))
            .empty());
    CHECK(check(policyOf({root({grant(issuer(kLe), line(2))})},
                         {approval("shop.example.com", line(9), {grant(issuer(kLe, {"urn:1"}), line(9)), grant(issuer(kLe), line(9))})}))
          == Texts{"0:9" + kAddsNothing + "0:2 `letsencrypt.org` is already allowed in `example.com`"});
    // An approval without any is not this check's business.
    CHECK(check(policyOf({root({})}, {approval("shop.example.com", line(9), {})})).empty());
  }
  SECTION("to an approval of the same name: the later one is needless")
  {
    CHECK(check(policyOf({root({})}, {shop, simple("shop.example.com", line(4))}))
          == Texts{"0:9" + kAddsNothing + "0:4 `letsencrypt.org` is already approved for `shop.example.com`"});
    CHECK(check(policyOf({root({})}, {simple("shop.example.com", line(4)), shop}))
          == Texts{"0:9" + kAddsNothing + "0:4 `letsencrypt.org` is already approved for `shop.example.com`"});
    CHECK(check(policyOf({root({})}, {simple("shop.example.com", line(2, 1)), shop}))
          == Texts{"1:2" + kAddsNothing + "0:9 `letsencrypt.org` is already approved for `shop.example.com`"});
  }
  SECTION("all that are needless can be removed at once")
  {
    const auto both = approval("shop.example.com", line(5), {grant(issuer(kLe), line(5)), grant(issuer("pki.goog"), line(5))});
    const auto google = approval("shop.example.com", line(9), {grant(issuer("pki.goog"), line(9))});
    CHECK(check(policyOf({root({})}, {simple("shop.example.com", line(4)), both, google}))
          == Texts{"0:9" + kAddsNothing + "0:5 `pki.goog` is already approved for `shop.example.com`"});
  }
  SECTION("to an approval that reaches further")
  {
    CHECK(check(policyOf({root({})}, {shop, simple("example.com", line(12), AndBelow)}))
          == Texts{"0:9" + kAddsNothing + "0:12 `letsencrypt.org` is already approved for `example.com`"});
    CHECK(check(policyOf({root({})}, {shop, simple("shop.example.com", line(12), AndBelow)}))
          == Texts{"0:9" + kAddsNothing + "0:12 `letsencrypt.org` is already approved for `shop.example.com`"});
    CHECK(check(policyOf({root({})}, {simple("shop.example.com", line(9), AndBelow), simple("example.com", line(12), AndBelow)}))
          == Texts{"0:9" + kAddsNothing + "0:12 `letsencrypt.org` is already approved for `example.com`"});
    CHECK(check(policyOf({root({grant(issuer(kLe), line(2))})}, {simple("shop.example.com", line(9), AndBelow)}))
          == Texts{"0:9" + kAddsNothing + "0:2 `letsencrypt.org` is already allowed in `example.com`"});
    CHECK(check(policyOf({root({})}, {shop, simple("example.com", line(12), Exact)})).empty());
    CHECK(check(policyOf({root({})}, {shop, simple("a.shop.example.com", line(12), AndBelow)})).empty());
  }
  SECTION("but not to one that stops before it")
  {
    const auto wide = simple("example.com", line(2), AndBelow);
    CHECK(check(policyOf({root({}), subtree("shop.example.com", line(3), {}, true)}, {wide, shop}))
          == Texts{"0:9" + kAddsNothing + "0:2 `letsencrypt.org` is already approved for `example.com`"});
    CHECK(check(policyOf({root({}), subtree("shop.example.com", line(3))}, {wide, shop})).size() == 1); // of the wide one
  }
  SECTION("only when it holds for the whole life")
  {
    const auto with = [&](Instant from, Instant until, Instant askedFrom, Instant askedUntil) {
      return check(policyOf({root({})}, {during(simple("shop.example.com", line(4), AndBelow), from, until), during(shop, askedFrom, askedUntil)})).size();
    };
    CHECK(with(kBeginningOfTime, kEndOfTime, kBeginningOfTime, kEndOfTime) == 1);
    CHECK(with(kNow - 5, kNow + 5, kNow - 5, kNow + 5) == 1);
    CHECK(with(kNow - 5, kNow + 5, kNow - 4, kNow + 4) == 1);
    CHECK(with(kNow - 5, kNow + 5, kNow - 6, kNow + 5) == 0);
    CHECK(with(kNow - 5, kNow + 5, kNow - 5, kNow + 6) == 0);
    CHECK(with(kNow - 5, kNow + 5, kNow - 5, kEndOfTime) == 0);
    CHECK(with(kNow - 5, kEndOfTime, kBeginningOfTime, kEndOfTime) == 0);
  }
  SECTION("is not told where all is denied for want of a file")
  {
    auto top = root({grant(issuer(kLe), line(2))});
    top.denied = true;
    CHECK(check(policyOf({top}, {shop})).empty());
    CHECK(check(policyOf({top, subtree("shop.example.com", line(3), {grant(issuer(kLe), line(3))})}, {shop})).empty());
  }
}

TEST_CASE("limits on issuers", "[check][limits]")
{
  const auto outside = [](const std::string& why) {
    return Texts{"0:9 error limit-issuers: " + why + " | 0:2 limited here"};
  };
  const auto with = [](std::vector<Issuer> allowed, Issuer asked) {
    Limits limits;
    limits.issuers = std::move(allowed);
    const Subtree root = limited("example.com", line(1), limits);
    const auto inApproval = check(policyOf({root}, {approval("shop.example.com", line(8), {grant(asked, line(9))})}));
    // A subtree's own limits bind its own allow, and that of every subtree below.
    CHECK(check(policyOf({limited("example.com", line(1), limits, {grant(asked, line(9))})})) == inApproval);
    CHECK(check(policyOf({root, subtree("dev.example.com", line(8), {grant(asked, line(9))})})) == inApproval);
    return inApproval;
  };

  CHECK(with({issuer(kLe)}, issuer(kLe)).empty());
  CHECK(with({issuer(kLe)}, issuer(kLe, {"urn:1"}, {"dns-01"})).empty());
  CHECK(with({issuer("pki.goog"), issuer(kLe)}, issuer(kLe)).empty());
  CHECK(with({issuer("pki.goog"), issuer(kLe), issuer(kLe, {"urn:1"})}, issuer("digicert.com"))
        == outside("`digicert.com` is outside the limits of `example.com`: `issuers` has no `digicert.com` | it allows `pki.goog` or `letsencrypt.org`"));
  CHECK(with({issuer("a.example.com"), issuer("b.example.com"), issuer("c.example.com"), issuer("d.example.com"), issuer("e.example.com"),
              issuer("f.example.com"), issuer("g.example.com")},
             issuer(kLe))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` has no `letsencrypt.org`"
                   " | it allows `a.example.com`, `b.example.com`, `c.example.com`, `d.example.com`, `e.example.com` and 2 more"));
  CHECK(with({}, issuer(kLe))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` has no `letsencrypt.org` | it allows no issuer"));

  CHECK(with({issuer(kLe, {"urn:1", "urn:2"})}, issuer(kLe, {"urn:2"})).empty());
  CHECK(with({issuer(kLe, {"urn:1"})}, issuer(kLe))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` has `letsencrypt.org` for certain accounts only"
                   " | give the issuer `accounts`, of those that the limit has"));
  CHECK(with({issuer(kLe, {"urn:1"})}, issuer(kLe, {"urn:1", "urn:2"}))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` does not have the account `urn:2`"
                   " | use an account that the limit has"));

  CHECK(with({issuer(kLe, {}, {"dns-01", "http-01"})}, issuer(kLe, {}, {"http-01"})).empty());
  CHECK(with({issuer(kLe, {}, {"dns-01", "http-01"})}, issuer(kLe))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` has `letsencrypt.org` for `dns-01` and `http-01` only"
                   " | give the issuer `methods`, of those that the limit has"));
  CHECK(with({issuer(kLe, {}, {"dns-01"})}, issuer(kLe, {}, {"dns-01", "http-01"}))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` does not have the method `http-01` | it allows `dns-01`"));

  // One entry must hold all of a grant; the nearest explains.
  CHECK(with({issuer(kLe, {"urn:1"}, {"dns-01"}), issuer(kLe, {"urn:2"}, {"http-01"})}, issuer(kLe, {"urn:2"}, {"dns-01"}))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` does not have the method `dns-01` | it allows `http-01`"));
  CHECK(with({issuer(kLe, {"urn:2"}, {"http-01"}), issuer(kLe, {"urn:1"}, {"dns-01"})}, issuer(kLe, {"urn:2"}, {"dns-01"}))
        == outside("`letsencrypt.org` is outside the limits of `example.com`: `issuers` does not have the method `dns-01` | it allows `http-01`"));
}

TEST_CASE("limits that require, and that forbid wildcards", "[check][limits]")
{
  Limits limits;
  limits.requireAccount = limits.requireMethod = true;
  limits.wildcard = false;
  const auto with = [&](std::vector<Grant> grants) {
    return check(policyOf({limited("example.com", line(1), limits)}, {approval("shop.example.com", line(8), std::move(grants))}));
  };
  const std::string account = "0:9 error limit-require: `letsencrypt.org` is outside the limits of `example.com`:"
                              " `require` demands an account | give the issuer `accounts` | 0:2 limited here";
  const std::string method = "0:9 error limit-require: `letsencrypt.org` is outside the limits of `example.com`:"
                             " `require` demands a method | give the issuer `methods` | 0:2 limited here";
  const std::string wildcard = "0:9 error limit-wildcard: `letsencrypt.org` is outside the limits of `example.com`:"
                               " `wildcard: false` forbids a wildcard | remove `wildcard` | 0:2 limited here";
  CHECK(with({grant(issuer(kLe, {"urn:1"}, {"dns-01"}), line(9))}).empty());
  CHECK(with({grant(issuer(kLe, {}, {"dns-01"}), line(9))}) == Texts{account});
  CHECK(with({grant(issuer(kLe, {"urn:1"}, {}), line(9))}) == Texts{method});
  CHECK(with({grant(issuer(kLe), line(9))}) == Texts{account, method});
  CHECK(with({grant(issuer(kLe, {"urn:1"}, {"dns-01"}), line(9), Wildcard::Also)}) == Texts{wildcard});
  CHECK(with({grant(issuer(kLe, {"urn:1"}, {"dns-01"}), line(9), Wildcard::Only)}) == Texts{wildcard});
  // Each grant is looked at.
  CHECK(with({grant(issuer(kLe, {"urn:1"}, {"dns-01"}), line(8)), grant(issuer(kLe, {}, {"dns-01"}), line(9))}) == Texts{account});

  SECTION("each by itself")
  {
    limits = Limits{};
    CHECK(with({grant(issuer(kLe), line(9), Wildcard::Also)}).empty());
    limits.requireAccount = true;
    CHECK(with({grant(issuer(kLe), line(9), Wildcard::Also)}) == Texts{account});
    limits = Limits{};
    limits.requireMethod = true;
    CHECK(with({grant(issuer(kLe), line(9), Wildcard::Also)}) == Texts{method});
    limits = Limits{};
    limits.wildcard = false;
    CHECK(with({grant(issuer(kLe), line(9), Wildcard::Also)}) == Texts{wildcard});
  }
}

TEST_CASE("limits on lifetime", "[check][limits]")
{
  Limits limits;
  limits.lifetime = 90 * kDay;
  const auto with = [&](Instant from, Instant until) {
    return check(policyOf({limited("example.com", line(1), limits)}, {during(simple("shop.example.com", line(8)), from, until)}));
  };
  const auto tooLong = [](const std::string& latest) {
    return Texts{"0:8 error limit-lifetime: approval for `shop.example.com` is outside the limits of `example.com`:"
                 " it lasts longer than `lifetime: 90d` | set `until: "
                 + latest + "` or earlier | 0:2 limited here"};
  };
  const auto noEnd = [](const std::string& latest) {
    return Texts{"0:8 error limit-lifetime: approval for `shop.example.com` is outside the limits of `example.com`:"
                 " `lifetime` demands an `until` | add `until: "
                 + latest + "` or earlier | 0:2 limited here"};
  };
  CHECK(with(kNow - kDay, kNow + 89 * kDay).empty());
  CHECK(with(kNow - kDay, kNow + 89 * kDay + 1) == tooLong("2027-02-19T09:00:00Z"));
  CHECK(with(kNow + kDay, kNow + 91 * kDay).empty());
  CHECK(with(kNow + kDay, kEndOfTime) == noEnd("2027-02-21T09:00:00Z"));
  // Without a beginning, what counts is how long it still lasts.
  CHECK(with(kBeginningOfTime, kNow + 90 * kDay).empty());
  CHECK(with(kBeginningOfTime, kNow + 90 * kDay + 1) == tooLong("2027-02-20T09:00:00Z"));
  CHECK(with(kBeginningOfTime, kEndOfTime) == noEnd("2027-02-20T09:00:00Z"));

  SECTION("don't overflow")
  {
    limits.lifetime = std::numeric_limits<int64_t>::max();
    CHECK(with(kNow, kNow + 90 * kDay).empty());
    CHECK(with(kNow, kEndOfTime) == noEnd("9999-12-31T23:59:59Z"));
    CHECK(with(-5, kEndOfTime - 1) == Texts{"0:8 error limit-lifetime: approval for `shop.example.com` is outside the limits of `example.com`:"
                                            " it lasts longer than `lifetime: 9223372036854775807s` | set `until: 9999-12-31T23:59:59Z` or earlier"
                                            " | 0:2 limited here"});
  }
  SECTION("don't concern an allow")
  {
    CHECK(check(policyOf({limited("example.com", line(1), limits, {grant(issuer(kLe), line(3))})})).empty());
  }
}

TEST_CASE("limits of all ancestors hold together", "[check][limits]")
{
  Limits noWildcard;
  noWildcard.wildcard = false;
  Limits withAccount;
  withAccount.requireAccount = true;
  const std::vector<Subtree> subtrees{limited("example.com", line(1), noWildcard), limited("shops.example.com", line(4), withAccount),
                                      subtree("new.shops.example.com", line(7)), subtree("dev.example.com", line(8))};
  const auto with = [&](const std::string& name) {
    return check(policyOf(subtrees, {approval(name, line(9), {grant(issuer(kLe), line(9), Wildcard::Also)})}));
  };
  const std::string wildcard = "0:9 error limit-wildcard: `letsencrypt.org` is outside the limits of `example.com`:"
                               " `wildcard: false` forbids a wildcard | remove `wildcard` | 0:2 limited here";
  const std::string account = "0:9 error limit-require: `letsencrypt.org` is outside the limits of `shops.example.com`:"
                              " `require` demands an account | give the issuer `accounts` | 0:5 limited here";
  CHECK(with("a.new.shops.example.com") == Texts{account, wildcard});
  CHECK(with("shops.example.com") == Texts{account, wildcard});
  CHECK(with("dev.example.com") == Texts{wildcard});
  CHECK(with("example.com") == Texts{wildcard});
}

TEST_CASE("limits bind what comes by inherit, and nothing else from above", "[check][limits]")
{
  Limits limits;
  limits.wildcard = false;
  limits.lifetime = 90 * kDay;
  const auto wild = grant(issuer(kLe), line(9), Wildcard::Also);
  Subtree below = limited("shops.example.com", line(4), limits);
  const std::string wildcard = "0:9 error limit-wildcard: `letsencrypt.org` is outside the limits of `shops.example.com`:"
                               " `wildcard: false` forbids a wildcard | remove `wildcard` | 0:5 limited here";
  const std::string lifetime = "0:8 error limit-lifetime: approval for `example.com` is outside the limits of `shops.example.com`:"
                               " `lifetime` demands an `until` | add `until: 2027-02-20T09:00:00Z` or earlier | 0:5 limited here";
  const auto wide = approval("example.com", line(8), {wild}, AndBelow);

  SECTION("without inherit")
  {
    CHECK(check(policyOf({subtree("example.com", line(1), {wild}), below})).empty());
    CHECK(check(policyOf({subtree("example.com", line(1)), below}, {wide}))
          == Texts{"0:8 warning approval-stops-at-subtree: approval for `example.com` and all names below does not reach `shops.example.com`,"
                   " which is a subtree of its own | set `inherit: true` on `shops.example.com`, or approve names in it one by one"
                   " | 0:4 declared here"});
  }
  SECTION("with inherit")
  {
    below.inherit = true;
    CHECK(check(policyOf({subtree("example.com", line(1), {wild}), below})) == Texts{wildcard});
    CHECK(check(policyOf({subtree("example.com", line(1)), below}, {wide})) == Texts{lifetime, wildcard});
    CHECK(check(policyOf({subtree("example.com", line(1)), below}, {approval("example.com", line(8), {wild}, Exact)})).empty());
    // Through another subtree, which has no limits and inherits or not.
    below.name = nameOf("deep.shops.example.com");
    CHECK(check(policyOf({subtree("example.com", line(1), {wild}), subtree("shops.example.com", line(2), {}, true), below})).size() == 1);
    CHECK(check(policyOf({subtree("example.com", line(1), {wild}), subtree("shops.example.com", line(2), {}, false), below})).empty());
  }
}

TEST_CASE("flattening needs settings of the name server", "[check]")
{
  Subtree flat = subtree("example.com", line(1));
  flat.cname = CnameMode::Flatten;
  const Policy policy = policyOf({flat, subtree("a.example.com", line(2))});
  CHECK(check(policy).empty());
  CHECK(textsOf(checkPolicy(policy, {}, {"expand-alias=yes", "resolver=ADDRESS"}))
        == Texts{"0:1 error flatten-needs-settings: `cname: flatten` on `example.com` can't be done with the settings of pdns_server"
                 " | add to pdns.conf, and restart: `expand-alias=yes` and `resolver=ADDRESS`"});
}

TEST_CASE("a file can't make a file wrong that it is delegated from", "[check][limits]")
{
  Limits limits;
  limits.wildcard = false;
  const auto wild = [](Location where) { return grant(issuer(kLe), where, Wildcard::Also); };
  const auto policy = policyOf(
    {subtree("example.com", line(1)), subtree("shops.example.com", line(2)), limited("new.shops.example.com", line(3, 1), limits)},
    {approval("a.new.shops.example.com", line(9), {wild(line(9))}), approval("b.new.shops.example.com", line(9, 1), {wild(line(9, 1))}),
     approval("c.new.shops.example.com", line(9, 2), {wild(line(9, 2))})});
  const std::string what = " error limit-wildcard: `letsencrypt.org` is outside the limits of `new.shops.example.com`: `wildcard: false` forbids a wildcard | ";
  const auto grantWrong = [&](const std::string& place) { return place + what + "remove `wildcard` | 1:4 limited here"; };
  const auto limitWrong = [&](const std::string& place) {
    return "1:4" + what + "loosen the limit, or ask for the grant to be removed | " + place + " granted here, by a file above this one";
  };

  CHECK(check(policy) == Texts{grantWrong("0:9"), grantWrong("1:9"), grantWrong("2:9")});
  CHECK(check(policy, {{}, delegated("shops.example.com"), delegated("new.shops.example.com")})
        == Texts{limitWrong("0:9"), grantWrong("1:9"), grantWrong("2:9")});
  CHECK(check(policy, {{}, delegated("new.shops.example.com"), delegated("shops.example.com")})
        == Texts{limitWrong("0:9"), limitWrong("2:9"), grantWrong("1:9")});
  CHECK(check(policy, {{}, delegated("shops.example.com"), delegated("shops.example.com")})
        == Texts{limitWrong("0:9"), grantWrong("1:9"), grantWrong("2:9")});
}

TEST_CASE("a wildcard needs a method that can validate it", "[check]")
{
  const auto with = [](std::vector<std::string> methods, Wildcard wildcard) {
    const auto made = grant(issuer(kLe, {}, std::move(methods)), line(9), wildcard);
    const auto inAllow = check(policyOf({subtree("example.com", line(1), {made})}));
    CHECK(check(policyOf({subtree("example.com", line(1))}, {approval("shop.example.com", line(8), {made})})) == inAllow);
    return inAllow;
  };
  const auto wrong = [](const std::string& methods) {
    return Texts{"0:9 error wildcard-without-method: no CA can validate a wildcard by " + methods
                 + ", and `letsencrypt.org` has no other method | add `dns-01` to its `methods`, or remove `wildcard`"};
  };
  CHECK(with({"http-01"}, Wildcard::Also) == wrong("`http-01`"));
  CHECK(with({"tls-alpn-01"}, Wildcard::Only) == wrong("`tls-alpn-01`"));
  CHECK(with({"http-01", "tls-alpn-01"}, Wildcard::Also) == wrong("`http-01` or `tls-alpn-01`"));
  CHECK(with({"http-01", "dns-01"}, Wildcard::Also).empty());
  CHECK(with({"ca-own"}, Wildcard::Also).empty());
  CHECK(with({}, Wildcard::Also).empty());
  CHECK(with({"http-01"}, Wildcard::No).empty());
}

TEST_CASE("an approval with subtree stops at the next subtree", "[check]")
{
  const auto stops = [](const std::string& name, const std::string& cut, const std::string& declared) {
    return Texts{"0:9 warning approval-stops-at-subtree: approval for `" + name + "` and all names below does not reach `" + cut
                 + "`, which is a subtree of its own | set `inherit: true` on `" + cut + "`, or approve names in it one by one | 0:" + declared
                 + " declared here"};
  };
  const std::vector<Subtree> subtrees{subtree("example.com", line(1)), subtree("a.example.com", line(2), {}, true),
                                      subtree("deep.a.example.com", line(3)), subtree("b.example.com", line(4)),
                                      subtree("c.example.com", line(5), {}, true)};
  const auto with = [&](const std::string& name, Reach reach) { return check(policyOf(subtrees, {simple(name, line(9), reach)})); };
  CHECK(with("example.com", AndBelow) == stops("example.com", "deep.a.example.com", "3"));
  CHECK(with("example.com", Exact).empty());
  CHECK(with("a.example.com", AndBelow) == stops("a.example.com", "deep.a.example.com", "3"));
  CHECK(with("deep.a.example.com", AndBelow).empty());
  CHECK(with("b.example.com", AndBelow).empty());
  CHECK(with("c.example.com", AndBelow).empty());
  CHECK(with("aa.example.com", AndBelow).empty());
}

TEST_CASE("record sets that don't fit", "[check][record-sets]")
{
  // One `issue` record: 12 octets before its data, 2 and the tag in it, and the value.
  const auto accounts = [](size_t count, size_t length) {
    std::vector<std::string> made;
    for (size_t i = 0; i < count; ++i) {
      std::string account = "urn:" + std::to_string(i) + ":";
      account.resize(length, 'x');
      made.push_back(account);
    }
    return made;
  };
  const auto checkSets = [](Policy policy) {
    return textsOf(checkRecordSets(*Snapshot::compile(std::make_shared<const Policy>(std::move(policy)))));
  };
  const auto one = [&](size_t length) { return grant(issuer(kLe, accounts(1, length)), line(9)); };
  const auto large = [](const std::string& place, const std::string& name, size_t length) {
    return place + " warning record-set-large: an answer with the CAA records of `" + name + "` takes " + std::to_string(length)
      + " octets, more than the 1232 that fit UDP | CAs will ask again over TCP; allow fewer issuers or accounts if that is blocked";
  };

  SECTION("small ones are fine")
  {
    CHECK(checkSets(policyOf({subtree("example.com", line(1), {one(100)})}, {simple("a.example.com", line(2))})).empty());
  }
  SECTION("the limit is exact")
  {
    // header 12, question 13 + 4, OPT 11; issue: 12 + 2 + 5 + 15 ("letsencrypt.org") + 13 ("; accounturi=") + account;
    // issuewild ";": 12 + 2 + 9 + 1
    const size_t fixed = 12 + 13 + 4 + 11 + 12 + 2 + 5 + 15 + 13 + 12 + 2 + 9 + 1;
    const auto exact = [&](size_t length) {
      auto approved = approval("example.com", line(2), {one(length)});
      return checkSets(policyOf({subtree("example.com", line(1))}, {approved}));
    };
    CHECK(exact(1232 - fixed).empty());
    CHECK(exact(1232 - fixed + 1) == Texts{large("0:2", "example.com", 1233)});
  }
  SECTION("at the subtree whose allow it is")
  {
    const std::string where = "0:2 warning record-set-large: an answer with the CAA records of ";
    const auto begins = [](const Texts& found, const std::string& front) { return found.size() == 1 && found.front().rfind(front, 0) == 0; };
    const std::vector<Subtree> subtrees{subtree("com", line(1)), subtree("example.com", line(2), {one(1500)})};
    CHECK(begins(checkSets(policyOf(subtrees)), where + "`example.com` takes 1611 "));
    // Also where a name has a little more, or a subtree inherits it: then the longest is told.
    const auto small = approval("shop.example.com", line(7), {grant(issuer("pki.goog"), line(7))});
    CHECK(begins(checkSets(policyOf(subtrees, {small})), where + "`shop.example.com` takes 1643 "));
    const auto more = approval("a.example.com", line(6), {grant(issuer("pki.goog"), line(6)), grant(issuer("digicert.com"), line(6))});
    CHECK(begins(checkSets(policyOf(subtrees, {more, small})), where + "`a.example.com` takes 1671 "));
    auto inheriting = subtrees;
    inheriting.push_back(subtree("a.example.com", line(3), {}, true));
    inheriting.push_back(subtree("b.a.example.com", line(4), {grant(issuer("pki.goog"), line(4))}, true));
    CHECK(begins(checkSets(policyOf(inheriting)), where + "`b.a.example.com` takes 1642 "));
  }
  SECTION("at the subtree whose contacts they are")
  {
    auto chatty = subtree("example.com", line(2));
    chatty.settings.iodef = std::vector<std::string>{"mailto:" + std::string(1500, 'x') + "@example.com"};
    const auto found = checkSets(policyOf({chatty}, {simple("shop.example.com", line(7))}));
    REQUIRE(found.size() == 1);
    CHECK(found.front().rfind("0:2 warning", 0) == 0);
  }
  SECTION("at the approval, at any time")
  {
    const auto small = approval("shop.example.com", line(2), {grant(issuer("pki.goog"), line(2))});
    const auto later = during(approval("shop.example.com", line(3), {grant(issuer(kLe, accounts(2, 700)), line(3))}), kNow + kDay, kNow + 2 * kDay);
    const auto found = checkSets(policyOf({subtree("example.com", line(1))}, {small, later}));
    REQUIRE(found.size() == 1);
    CHECK(found.front().rfind("0:3 warning record-set-large: an answer with the CAA records of `shop.example.com`", 0) == 0);
  }
  SECTION("at the approval that reaches below")
  {
    // At the name itself the exact one is longer, below it there is only the wide one.
    const auto wide = approval("shop.example.com", line(2), {one(1500)}, AndBelow);
    const auto exact = approval("shop.example.com", line(3), {grant(issuer("pki.goog", accounts(1, 1600)), line(3))});
    const auto found = checkSets(policyOf({subtree("example.com", line(1))}, {exact, wide}));
    REQUIRE(found.size() == 2);
    CHECK(found[0].rfind("0:2 warning record-set-large: an answer with the CAA records of `*.shop.example.com`", 0) == 0);
    CHECK(found[1].rfind("0:3 warning record-set-large: an answer with the CAA records of `shop.example.com`", 0) == 0);
  }
  SECTION("in the order of places")
  {
    const auto a = approval("a.example.com", line(3), {one(1500)});
    const auto b = approval("b.example.com", line(2), {one(1600)});
    const auto found = checkSets(policyOf({subtree("example.com", line(1))}, {a, b}));
    REQUIRE(found.size() == 2);
    CHECK(found[0].rfind("0:2 warning", 0) == 0);
    CHECK(found[1].rfind("0:3 warning", 0) == 0);
  }
  SECTION("what DNS can't carry is an error")
  {
    const auto found = checkSets(policyOf({subtree("example.com", line(1), {grant(issuer(kLe, accounts(700, 60)), line(9))})}));
    REQUIRE(found.size() == 1);
    CHECK(found.front()
          == "0:1 error record-set-too-large: an answer with the CAA records of `example.com` takes "
            + std::to_string(12 + 13 + 4 + 11 + 700 * (12 + 2 + 5 + 15 + 13 + 60) + 12 + 2 + 9 + 1)
            + " octets, more than the 65535 that DNS can carry | allow fewer issuers or accounts");
  }
}
