// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/name_table.hh"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

using namespace caapolicy;

namespace {

// A table, and a map that must say the same.
class Both {
public:
  void put(const Name& name)
  {
    NodeStore::Content content;
    content.name = name.wire();
    const uint32_t handle = d_nodes.add(content);
    d_table.put(handle, d_nodes);
    d_wanted[name] = handle;
  }

  void erase(const Name& name)
  {
    d_table.erase(name.wire(), d_nodes);
    d_wanted.erase(name);
  }

  void reserve(size_t names) { d_table.reserve(names, d_nodes); }
  void seal() { d_nodes.seal(); }

  size_t wrong(const std::vector<Name>& names) const
  {
    size_t count = d_table.size() != d_wanted.size();
    for (const Name& name : names) {
      const auto wanted = d_wanted.find(name);
      count += d_table.find(name.wire(), d_nodes) != (wanted == d_wanted.end() ? kNone : wanted->second);
    }
    return count;
  }

private:
  NodeStore d_nodes;
  NameTable d_table;
  std::map<Name, uint32_t> d_wanted;
};

std::vector<Name> manyNames(size_t count)
{
  std::vector<Name> names;
  for (size_t index = 0; index < count; ++index) {
    names.push_back(Name().child("com").child("example").child("n" + std::to_string(index)));
  }
  return names;
}

} // namespace

TEST_CASE("an empty table has no name", "[name-table]")
{
  Both both;
  CHECK(both.wrong(manyNames(3)) == 0);
  both.erase(Name());
  CHECK(both.wrong({Name()}) == 0);
}

TEST_CASE("a table grows as names come", "[name-table]")
{
  const auto names = manyNames(20000);
  for (const size_t room : {size_t{0}, size_t{10}, size_t{20000}}) {
    CAPTURE(room);
    Both both;
    if (room != 0) {
      both.reserve(room);
    }
    for (size_t index = 0; index < names.size(); index += 2) {
      both.put(names[index]);
    }
    CHECK(both.wrong(names) == 0);
  }
}

TEST_CASE("a name that is put again has another node", "[name-table]")
{
  const auto names = manyNames(6);
  Both both;
  for (const Name& name : names) {
    both.put(name);
  }
  both.put(names[3]);
  CHECK(both.wrong(names) == 0);
}

// In a table of eight places, six names have the same home or each other's now and then, also around its end.
TEST_CASE("a name that is taken out leaves the others", "[name-table]")
{
  for (const size_t count : {size_t{6}, size_t{40}}) {
    const auto names = manyNames(count);
    std::mt19937_64 random(count);
    Both both;
    size_t wrong = 0;
    for (size_t step = 0; step < 5000; ++step) {
      const Name& name = names[random() % names.size()];
      if (random() % 2 == 0) {
        both.put(name);
      }
      else {
        both.erase(name);
      }
      wrong += both.wrong(names);
    }
    CAPTURE(count);
    CHECK(wrong == 0);
  }
}

TEST_CASE("a copy of a table goes its own way", "[name-table]")
{
  const auto names = manyNames(100);
  Both first;
  for (size_t index = 0; index < 50; ++index) {
    first.put(names[index]);
  }
  first.seal();
  Both second = first;
  second.erase(names[0]);
  second.put(names[60]);
  CHECK(first.wrong(names) == 0);
  CHECK(second.wrong(names) == 0);
}
