// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/render_set.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;

namespace {

std::vector<std::string> render(const std::vector<Grant>& grants, const Inherited& settings = {})
{
  std::vector<const Grant*> pointers;
  for (const auto& grant : grants) {
    pointers.push_back(&grant);
  }
  std::vector<std::string> lines;
  for (const auto& record : renderSet(pointers, settings).records) {
    lines.push_back(record.toText());
  }
  return lines;
}

Grant grant(Issuer issuer, Wildcard wildcard = Wildcard::No) { return {std::move(issuer), "", wildcard, {}}; }

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("record sets say just what was granted", "[render_set]")
{
  const Issuer le{"letsencrypt.org", {}, {}};
  const Issuer bound{"letsencrypt.org", {"https://ca.example/2", "https://ca.example/1"}, {"http-01", "dns-01"}};
  const Issuer digicert{"digicert.com", {}, {}};

  CHECK(render({}) == Lines{"0 issue \";\""});
  CHECK(render({grant(le)}) == Lines{"0 issue \"letsencrypt.org\"", "0 issuewild \";\""});
  CHECK(render({grant(le, Wildcard::Also)}) == Lines{"0 issue \"letsencrypt.org\""});
  CHECK(render({grant(le, Wildcard::Only)}) == Lines{"0 issue \";\"", "0 issuewild \"letsencrypt.org\""});
  CHECK(render({grant(le, Wildcard::Also), grant(digicert)})
        == Lines{"0 issue \"digicert.com\"", "0 issue \"letsencrypt.org\"", "0 issuewild \"letsencrypt.org\""});
  CHECK(render({grant(bound)})
        == Lines{"0 issue \"letsencrypt.org; accounturi=https://ca.example/1; validationmethods=dns-01,http-01\"",
                 "0 issue \"letsencrypt.org; accounturi=https://ca.example/2; validationmethods=dns-01,http-01\"", "0 issuewild \";\""});
}

TEST_CASE("a permission that another covers is not repeated", "[render_set]")
{
  const Grant any = grant({"letsencrypt.org", {}, {}}, Wildcard::Also);
  const Grant account = grant({"letsencrypt.org", {"https://ca.example/1"}, {}}, Wildcard::Also);
  const Grant methods = grant({"letsencrypt.org", {}, {"dns-01", "http-01"}}, Wildcard::Also);
  const Grant method = grant({"letsencrypt.org", {}, {"dns-01"}}, Wildcard::Also);
  const Grant both = grant({"letsencrypt.org", {"https://ca.example/1"}, {"dns-01"}}, Wildcard::Also);
  CHECK(render({any, account, methods, method, both, any}) == Lines{"0 issue \"letsencrypt.org\""});
  CHECK(render({account, method}).size() == 2);
  CHECK(render({account, methods, both}).size() == 2);
  CHECK(render({method, methods}) == Lines{"0 issue \"letsencrypt.org; validationmethods=dns-01,http-01\""});
  CHECK(render({both, grant({"letsencrypt.org", {"https://ca.example/2"}, {"dns-01"}}, Wildcard::Also), account})
        == Lines{"0 issue \"letsencrypt.org; accounturi=https://ca.example/1\"",
                 "0 issue \"letsencrypt.org; accounturi=https://ca.example/2; validationmethods=dns-01\""});
  CHECK(render({method, grant({"digicert.com", {}, {}}, Wildcard::Also)}).size() == 2);
}

TEST_CASE("a set of very many permissions is made at once", "[render_set]")
{
  // Comparing each with each would take minutes.
  Issuer issuer{"letsencrypt.org", {}, {"dns-01"}};
  for (size_t number = 0; number < 100000; ++number) {
    issuer.accounts.push_back("https://ca.example/" + std::to_string(number));
  }
  CHECK(render({grant(issuer, Wildcard::Also)}).size() == issuer.accounts.size());
  CHECK(render({grant(issuer, Wildcard::Also), grant({"letsencrypt.org", {}, {}}, Wildcard::Also)}).size() == 1);
}

TEST_CASE("settings stand behind the issuers", "[render_set]")
{
  Inherited settings;
  settings.mail = OtherIssuers{};
  settings.vmc = OtherIssuers{{"digicert.com", {}, {}}};
  settings.iodef = {{"mailto:pki@example.com"}};
  settings.contactemail = {{"pki@example.com"}};
  settings.contactphone = {{"+15555550100"}};
  CHECK(render({}, settings)
        == Lines{"0 issue \";\"", "0 issuemail \";\"", "0 issuevmc \"digicert.com\"", "0 iodef \"mailto:pki@example.com\"",
                 "0 contactemail \"pki@example.com\"", "0 contactphone \"+15555550100\""});
}

TEST_CASE("values are escaped in presentation form", "[record_set]")
{
  CHECK(CaaRecord{128, "issue", "a\"b\\c\n"}.toText() == R"(128 issue "a\"b\\c\010")");
  const RecordSet set{{{0, "issue", ";"}, {0, "iodef", "mailto:a@example.com"}}, false};
  CHECK(set.answerLength() == (12 + 2 + 5 + 1) + (12 + 2 + 5 + 20));
}
