// SPDX-License-Identifier: GPL-2.0-or-later
//
// For tests/integration/test_seeds.py, which sees it fail.
#include "scenario.hh"

#include <catch2/catch.hpp>

namespace caapolicy::test {

TEST_CASE("fails on purpose", "[.]")
{
  requireForAll([](const Scenario& scenario) { return scenario.seed > 40 ? std::make_optional<std::string>("beyond 40") : std::nullopt; });
}

} // namespace caapolicy::test
