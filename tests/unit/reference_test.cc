// SPDX-License-Identifier: GPL-2.0-or-later
//
// The keys in docs/policy.md are those that the reader knows. To write them anew:
//
//   CAAPOLICY_WRITE_DOCS=1 build/tests/unit_tests "the reference page has the keys as they are"
#include <catch2/catch.hpp>

#include "policy/keys.hh"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace caapolicy {

namespace {

const std::string kPage = std::string(CAAPOLICY_TEST_DATA) + "/../../docs/policy.md";
const std::string kBegin = "do not edit -->\n";
const std::string kEnd = "<!-- end of keys -->\n";

std::string readPage()
{
  std::ostringstream text;
  text << std::ifstream(kPage).rdbuf();
  return text.str();
}

} // namespace

TEST_CASE("the reference page has the keys as they are")
{
  const std::string page = readPage();
  const size_t begin = page.find(kBegin);
  const size_t end = page.find(kEnd);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const std::string head = page.substr(0, begin + kBegin.size());
  const std::string keys = "\n" + policyReference() + "\n";
  if (std::getenv("CAAPOLICY_WRITE_DOCS") != nullptr) {
    std::ofstream(kPage) << head + keys + page.substr(end);
  }
  CHECK(readPage() == head + keys + page.substr(end));
}

} // namespace caapolicy
