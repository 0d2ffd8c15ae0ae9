// SPDX-License-Identifier: GPL-2.0-or-later
//
// The built-in CA catalogue is as it should be, files go on top of it, and issuers are held against it.
#include "reading_support.hh"

#include "policy/catalogue.hh"
#include "policy/check_issuers.hh"
#include "policy/issuer_rules.hh"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

constexpr Instant kToday = 1795338000; // 2026-11-22T09:00:00Z

Catalogue overlaid(const std::string& text, std::string& problemsText)
{
  std::vector<Diagnostic> problems;
  Catalogue catalogue(Catalogue::builtIn());
  if (const auto tree = parseYaml(text, 0, problems)) {
    catalogue.overlay(*tree, problems);
  }
  problemsText = renderAll(problems, {{"catalogue.json", text, {}}});
  return catalogue;
}

Catalogue overlaid(const std::string& text)
{
  std::string problems;
  Catalogue catalogue = overlaid(text, problems);
  REQUIRE(problems.empty());
  return catalogue;
}

std::vector<std::string> idsOf(const std::vector<const Ca*>& cas)
{
  std::vector<std::string> ids;
  std::transform(cas.begin(), cas.end(), std::back_inserter(ids), [](const Ca* ca) { return ca->id; });
  return ids;
}

// "account-ignored 3": the codes of what is found about an issuer, with the lines of the places.
std::vector<std::string> found(const Catalogue& catalogue, const Issuer& issuer, Instant now = kToday)
{
  IssuerCheck check(catalogue, now);
  check.lookAt(issuer, {0, 1, 1, 1}, std::vector<Location>(issuer.accounts.size(), {0, 2, 1, 1}), std::vector<Location>(issuer.methods.size(), {0, 3, 1, 1}));
  std::vector<std::string> codes;
  for (const Diagnostic& warning : check.warnings) {
    CHECK(warning.severity == Severity::Warning);
    codes.push_back(warning.code + " " + std::to_string(warning.where.line));
  }
  return codes;
}

using Strings = std::vector<std::string>;

} // namespace

TEST_CASE("the built-in catalogue says where each of its CAs was read of")
{
  const Catalogue& catalogue = Catalogue::builtIn();
  CHECK(catalogue.cas().size() >= 60);
  for (const auto& [id, ca] : catalogue.cas()) {
    INFO(id);
    CHECK(ca.id == id);
    CHECK_FALSE(ca.isOwn);
    CHECK_FALSE(ca.domains.empty());
    std::set<std::string> sourced;
    for (const CaSource& source : ca.sources) {
      CHECK(source.url.substr(0, 8) == "https://");
      CHECK(parseInstant(source.date + "T00:00:00Z"));
      sourced.insert(source.about);
    }
    CHECK(sourced.count("domains") == 1);
    CHECK(sourced.count("public") == (ca.isPublic ? 1 : 0));
    CHECK(sourced.count("accounts") == (ca.accounts.empty() ? 0 : 1));
    CHECK(sourced.count("accounturi") == (ca.accounturi.honours == Honours::Unknown ? 0 : 1));
    CHECK(sourced.count("validationmethods") == (ca.validationmethods.honours == Honours::Unknown ? 0 : 1));
    for (const std::string& domain : ca.domains) {
      CHECK(parseIssuerDomain(domain).domain == domain);
      const auto cas = idsOf(catalogue.ofDomain(domain));
      CHECK(std::count(cas.begin(), cas.end(), id) == 1);
    }
  }
}

TEST_CASE("CAs are found by id, by domain and by account")
{
  const Catalogue& catalogue = Catalogue::builtIn();
  REQUIRE(catalogue.find("letsencrypt") != nullptr);
  CHECK(catalogue.find("letsencrypt")->domains == Strings{"letsencrypt.org"});
  CHECK(catalogue.find("letsencrypt.org") == nullptr);
  CHECK(idsOf(catalogue.ofDomain("entrust.net")) == Strings{"entrust", "sectigo", "sslcom", "zerossl"});
  CHECK(catalogue.ofDomain("example.com").empty());
  CHECK(idsOf(catalogue.ofAccount("https://acme-v02.api.letsencrypt.org/acme/acct/1")) == Strings{"letsencrypt"});
  CHECK(catalogue.ofAccount("https://acme-v02.api.letsencrypt.org/acme/acct/").empty());
  CHECK(idsOf(catalogue.ofStagingAccount("https://acme-staging-v02.api.letsencrypt.org/acme/acct/1")) == Strings{"letsencrypt"});
  CHECK(catalogue.ofAccount("https://acme-staging-v02.api.letsencrypt.org/acme/acct/1").empty());
}

TEST_CASE("what a CA honours is what is known, or what it must")
{
  Ca ca;
  CHECK(ca.honoursAt({Honours::Unknown, {}}, kParametersDue) == Honours::Unknown);
  ca.isPublic = true;
  CHECK(ca.honoursAt({Honours::Unknown, {}}, kParametersDue - 1) == Honours::Unknown);
  CHECK(ca.honoursAt({Honours::Unknown, {}}, kParametersDue) == Honours::Yes);
  CHECK(ca.honoursAt({Honours::No, {}}, kParametersDue) == Honours::No); // known better
  CHECK(ca.honoursAt({Honours::Yes, {}}, 0) == Honours::Yes);
  CHECK(ca.honoursAt({Honours::Yes, "2022-12-16"}, 1671148799) == Honours::No);
  CHECK(ca.honoursAt({Honours::Yes, "2022-12-16"}, 1671148800) == Honours::Yes);
  CHECK(parseInstant("2027-03-15T00:00:00Z") == kParametersDue);
}

TEST_CASE("a file adds CAs, and changes and removes those that are there")
{
  const Catalogue catalogue = overlaid(R"({"note": "ours", "cas": {
    "corp": {"domains": ["PKI.corp.example.", "pki2.corp.example"], "accounturi": "yes", "accounturi-since": "2026-01-01", "accounts": ["https://pki.corp.example/"]},
    "digicert": {"accounturi": "no"},
    "letsencrypt": {"domains": ["letsencrypt.org", "le.example"]},
    "wosign": null
  }})");
  const Ca* corp = catalogue.find("corp");
  REQUIRE(corp != nullptr);
  CHECK(corp->name == "corp");
  CHECK(corp->isOwn);
  CHECK(corp->domains == Strings{"pki.corp.example", "pki2.corp.example"});
  CHECK(corp->accounturi.since == "2026-01-01");
  CHECK(catalogue.find("digicert")->isOwn);
  CHECK(catalogue.find("digicert")->accounturi.honours == Honours::No);
  CHECK(catalogue.find("digicert")->domains == Catalogue::builtIn().find("digicert")->domains);
  CHECK(idsOf(catalogue.ofDomain("le.example")) == Strings{"letsencrypt"});
  CHECK(catalogue.find("wosign") == nullptr);
  CHECK(catalogue.ofDomain("wosign.com").empty());
  CHECK(Catalogue::builtIn().find("wosign") != nullptr);
}

TEST_CASE("what a catalogue cannot mean is reported")
{
  std::string problems;
  const Catalogue catalogue = overlaid(R"({"cas": {
  "Corp": {"domains": ["corp.example"]},
  "a": {},
  "b": {"domains": []},
  "c": {"domains": ["x", "c.example", "C.example"], "acounturi": "yes"},
  "d": {"domains": ["d.example"], "accounturi": "perhaps", "accounturi-since": "soon", "accounts": ["nowhere"]},
  "e": ["e.example"]
}})", problems);
  CHECK(problems == R"~(catalogue.json:2:3: error: `Corp` is not an id for a CA [bad-ca-id]
    "Corp": {"domains": ["corp.example"]},
    ^~~~~~
  hint: use `a-z`, `0-9`, `-` and `_`, with a letter or digit first
catalogue.json:3:3: error: a CA needs the key `domains` [missing-key]
    "a": {},
    ^~~
  hint: for example `domains: [pki.example.com]`
catalogue.json:4:20: error: `domains` must not be empty [empty-list]
    "b": {"domains": []},
                     ^~
  hint: a CA has at least one issuer domain; to take one out of the catalogue, write `null` for it
catalogue.json:5:53: error: unknown key `acounturi` in a CA [unknown-key]
    "c": {"domains": ["x", "c.example", "C.example"], "acounturi": "yes"},
                                                      ^~~~~~~~~~~
  hint: did you mean `accounturi`?
catalogue.json:5:21: error: `x` is not an issuer domain: it has just one label [bad-issuer-domain]
    "c": {"domains": ["x", "c.example", "C.example"], "acounturi": "yes"},
                      ^~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
catalogue.json:5:39: error: the issuer domain `C.example` is in the list twice [listed-twice]
    "c": {"domains": ["x", "c.example", "C.example"], "acounturi": "yes"},
                                        ^~~~~~~~~~~
  hint: remove one of the two
catalogue.json:6:101: error: `nowhere` is not an account URI: it has no scheme such as `https:` [bad-account]
    "d": {"domains": ["d.example"], "accounturi": "perhaps", "accounturi-since": "soon", "accounts": ["nowhere"]},
                                                                                                      ^~~~~~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
catalogue.json:6:49: error: `accounturi` must be `yes`, `no` or `unknown`, not `perhaps` [bad-value]
    "d": {"domains": ["d.example"], "accounturi": "perhaps", "accounturi-since": "soon", "accounts": ["nowhere"]},
                                                  ^~~~~~~~~
catalogue.json:6:80: error: `accounturi-since` must be a day, not `soon` [bad-day]
    "d": {"domains": ["d.example"], "accounturi": "perhaps", "accounturi-since": "soon", "accounts": ["nowhere"]},
                                                                                 ^~~~~~
  hint: for example `2026-11-22`
catalogue.json:7:8: error: a CA must be a map, not a list [wrong-type]
    "e": ["e.example"]
         ^~~~~~~~~~~~~
)~");
  CHECK(catalogue.find("a") == nullptr);
  CHECK(catalogue.find("c") != nullptr);
  overlaid("[]", problems);
  CHECK(problems == "catalogue.json:1:1: error: a CA catalogue must be a map, not a list [wrong-type]\n    []\n    ^~\n");
  overlaid("{}", problems);
  CHECK(problems == "catalogue.json: error: a CA catalogue needs the key `cas` [missing-key]\n  hint: for example `cas: {corp: {domains: [pki.example.com]}}`\n");
}

TEST_CASE("issuers are held against the catalogue")
{
  const Catalogue& catalogue = Catalogue::builtIn();
  const std::string le = "https://acme-v02.api.letsencrypt.org/acme/acct/1";
  const std::string staging = "https://acme-staging-v02.api.letsencrypt.org/acme/acct/1";
  const std::string zerossl = "https://acme.zerossl.com/v2/DV90/account/x";
  CHECK(found(catalogue, {"letsencrypt.org", {le}, {"dns-01"}}).empty());
  CHECK(found(catalogue, {"letsencrpyt.org", {le}, {}}) == Strings{"ca-unknown 1", "account-of-other-ca 2"});
  CHECK(found(catalogue, {"ca.example", {}, {}}).empty());
  CHECK(found(catalogue, {"pki.example.com", {"https://pki.example.com/1"}, {}}).empty());
  CHECK(found(catalogue, {"example.co", {}, {}}) == Strings{"ca-unknown 1"});
  CHECK(found(catalogue, {"letsencrypt.org", {le, staging, zerossl}, {}}) == Strings{"account-staging 2", "account-of-other-ca 2"});
  CHECK(found(catalogue, {"digicert.com", {"https://unknown.example.com/1"}, {}}) == Strings{"account-ignored 2"});
  CHECK(found(catalogue, {"digicert.com", {"https://unknown.example.com/1"}, {"dns-01"}}) == Strings{"account-ignored 2"});
  CHECK(found(catalogue, {"digicert.com", {}, {"dns-01"}}) == Strings{"method-ignored 3"});
  CHECK(found(catalogue, {"digicert.com", {}, {}}).empty());
  // ZeroSSL's accounts are for Sectigo's domains.
  CHECK(found(catalogue, {"sectigo.com", {zerossl}, {}}, kParametersDue).empty());
  CHECK(found(catalogue, {"digicert.com", {"https://unknown.example.com/1"}, {"dns-01"}}, kParametersDue).empty());
  CHECK(found(overlaid(R"({"cas": {"digicert": {"accounturi": "no"}}})"), {"digicert.com", {"https://unknown.example.com/1"}, {}}, kParametersDue)
        == Strings{"account-ignored 2"});
  CHECK(found(overlaid(R"({"cas": {"digicert": {"accounturi": "yes"}}})"), {"digicert.com", {"https://unknown.example.com/1"}, {}}).empty());
}

TEST_CASE("an unknown domain is told of once")
{
  IssuerCheck check(Catalogue::builtIn(), kToday);
  check.lookAt("ca.nowhere.net", {0, 1, 1, 1});
  check.lookAt("ca.nowhere.net", {0, 2, 1, 1});
  check.lookAt("other.nowhere.net", {0, 3, 1, 1});
  CHECK(check.warnings.size() == 2);
}

TEST_CASE("the policy's own catalogue is watched, and in the result")
{
  const TempFolder folder;
  folder.write("policy.yaml", "version: 1\nsubtrees: {example.com: {}}\ncatalogue: conf.d/cas.json\n");
  Loader loader(folder.path() / "policy.yaml");
  const auto isWatched = [&](const LoadResult& result) {
    return std::count(result.watched.files.begin(), result.watched.files.end(), folder.path() / "conf.d/cas.json") == 1;
  };
  const LoadResult missing = loader.load(kToday);
  CHECK(isWatched(missing));
  REQUIRE(missing.catalogue != nullptr);
  CHECK(missing.catalogue->find("letsencrypt") != nullptr);
  folder.write("conf.d/cas.json", R"({"cas": {"corp": {"domains": ["pki.corp.example"]}}})");
  const LoadResult there = loader.load(kToday);
  CHECK(isWatched(there));
  CHECK(there.snapshot != nullptr);
  CHECK(there.catalogue->find("corp") != nullptr);
}
