// SPDX-License-Identifier: GPL-2.0-or-later
//
// The evaluator against the vectors of tests/data/decisions.yaml.
#include "policy/evaluate.hh"
#include "zone_stub.hh"

#include <catch2/catch.hpp>
#include <yaml-cpp/yaml.h>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

// The file has this many; to be raised with it, so that a file that is cut off or empty fails.
constexpr size_t kCases = 46;

ZoneStub zoneOf(const YAML::Node& node)
{
  return ZoneStub(node.as<ZoneStub::Records>());
}

CaRequest requestOf(const YAML::Node& node)
{
  return requestFor(node["name"].as<std::string>(), node["ca"].as<std::string>(), node["account"].as<std::string>(""),
                    node["method"].as<std::string>(""));
}

std::string word(bool allow)
{
  return allow ? "allow" : "deny";
}

} // namespace

TEST_CASE("CAs decide as the vectors say", "[evaluate][decisions]")
{
  const YAML::Node cases = YAML::LoadFile(CAAPOLICY_TEST_DATA "/decisions.yaml")["cases"];
  REQUIRE(cases.size() == kCases);
  for (const YAML::Node& row : cases) {
    DYNAMIC_SECTION(row["name"].as<std::string>())
    {
      const auto expect = row["expect"].as<std::string>();
      const Verdict verdict = zoneOf(row["zone"]).evaluate(requestOf(row["request"]));
      CAPTURE(verdict.reason, verdict.strictReason);
      CHECK(word(verdict.allow) == expect);
      CHECK(word(verdict.strictAllow) == row["strict"].as<std::string>(expect));
      CHECK((verdict.decidedAt ? verdict.decidedAt->toText() : "") == row["at"].as<std::string>());
      CHECK_FALSE(verdict.reason.empty());
      CHECK(verdict.strictReason.empty() == (verdict.allow == verdict.strictAllow));
    }
  }
}
