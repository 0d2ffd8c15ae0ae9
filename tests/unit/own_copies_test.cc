// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/own_copies.hh"

#include <catch2/catch.hpp>

#include <memory>
#include <stdexcept>

using namespace caapolicy;

namespace {

using Shared = std::shared_ptr<const int>;

// What all threads share: two values for each record set.
const Shared kShared[] = {std::make_shared<int>(10), std::make_shared<int>(11)};

auto copying(int& times)
{
  return [&times](auto& values) {
    CHECK(values.empty());
    ++times;
    for (const auto& value : kShared) {
      values.push_back(std::make_shared<int>(*value));
    }
  };
}

} // namespace

TEST_CASE("each thread has copies of its own, made once")
{
  OwnCopies<Shared> here(4);
  OwnCopies<Shared> there(4);
  int times = 0;
  const Shared mine = here.of(1, 2, copying(times))[1];
  CHECK(*mine == 11);
  CHECK(here.of(1, 2, copying(times))[1] == mine);
  CHECK(times == 1);
  CHECK(here.of(1, 2, copying(times)).size() == 2);
  CHECK(there.of(1, 2, copying(times))[1] != mine);
  CHECK(times == 2);
  // Nobody counts what is shared.
  CHECK(kShared[1].use_count() == 1);
}

TEST_CASE("another policy's set, and another set in the same place, are others")
{
  OwnCopies<Shared> copies(4);
  int times = 0;
  const Shared first = copies.of(1, 2, copying(times))[0];
  const auto [policy, set] = GENERATE(std::pair(2U, 2U), std::pair(1U, 6U));
  CHECK(copies.of(policy, set, copying(times))[0] != first);
  CHECK(copies.of(1, 2, copying(times))[0] != first);
  CHECK(times == 3);
}

TEST_CASE("sets side by side stay")
{
  OwnCopies<Shared> copies(4);
  int times = 0;
  for (int round = 0; round < 2; ++round) {
    for (uint32_t set = 0; set < 4; ++set) {
      CHECK(copies.of(1, set, copying(times)).size() == 2);
    }
  }
  CHECK(times == 4);
}

TEST_CASE("what could not be copied is tried again")
{
  OwnCopies<Shared> copies(4);
  int times = 0;
  copies.of(1, 2, copying(times));
  const auto fail = [](auto& values) {
    values.push_back(nullptr);
    throw std::runtime_error("no memory");
  };
  CHECK_THROWS(copies.of(1, 6, fail));
  CHECK(copies.of(1, 2, copying(times)).size() == 2);
  CHECK(copies.of(1, 6, copying(times)).size() == 2);
  CHECK(times == 3);
}
