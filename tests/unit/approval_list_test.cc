// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy_builder.hh"
#include "reading_support.hh"

#include <limits>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

using Item = ApprovalList::Item;
using Use = ApprovalList::Use;

constexpr uint32_t kMax = std::numeric_limits<uint32_t>::max();

TreeNode scalar(std::string text, TreeNode::Style style = TreeNode::Style::Plain, Location where = {0, 1, 1, 1})
{
  TreeNode node;
  node.kind = TreeNode::Kind::Scalar;
  node.style = style;
  node.where = where;
  node.text = std::move(text);
  return node;
}

TreeNode list(std::vector<TreeNode> items)
{
  TreeNode node;
  node.kind = TreeNode::Kind::List;
  node.items = std::move(items);
  return node;
}

TreeNode map(std::vector<std::pair<std::string, TreeNode>> entries)
{
  TreeNode node;
  node.kind = TreeNode::Kind::Map;
  for (auto& [key, value] : entries) {
    node.entries.push_back({key, {}, std::move(value)});
  }
  return node;
}

Name longestName()
{
  const std::string label(62, 'a');
  return name(label + "." + label + "." + label + "." + label + ".b");
}

// An approval with what its views point to.
struct Sample {
  Name name;
  Item item{};
  std::vector<Use> uses{{0, {0, 1, 1, 1}}};
};

void checkSame(const ApprovalList& list, size_t index, const Sample& expected)
{
  INFO(expected.name.toText());
  const Item item = list[index];
  CHECK(item.name == expected.name.wire());
  CHECK(list.nameAt(index) == expected.name.wire());
  CHECK(item.wildcard == expected.item.wildcard);
  CHECK(item.subtree == expected.item.subtree);
  CHECK(item.from == expected.item.from);
  CHECK(item.until == expected.item.until);
  CHECK(item.where == expected.item.where);
  CHECK(item.reason == expected.item.reason);
  CHECK(item.ticket == expected.item.ticket);
  CHECK(item.by == expected.item.by);
  std::vector<Use> uses(3);
  list.usesAt(index, uses);
  REQUIRE(uses.size() == expected.uses.size());
  for (size_t use = 0; use < uses.size(); ++use) {
    CHECK(uses[use].reference == expected.uses[use].reference);
    CHECK(uses[use].where == expected.uses[use].where);
  }
}

ApprovalList build(const std::vector<Sample>& samples)
{
  ApprovalListBuilder builder;
  for (const Sample& sample : samples) {
    Item item = sample.item;
    item.name = sample.name.wire();
    builder.add(item, sample.uses);
  }
  return std::move(builder).build();
}

} // namespace

TEST_CASE("a packed approval has what was put in", "[approval_list]")
{
  const std::string longText(100'000, 'r');
  std::vector<Sample> samples;
  // In canonical order, so that they stay in it.
  samples.push_back({longestName(), {.where = {0, 9, 9, 253}}});
  samples.push_back({name("a.example.com")});
  samples.push_back({name("b.example.com"), {.where = {0, kMax, kMax, kMax}}, {{kMax, {0, kMax, kMax, kMax}}, {7, {0, 0, 0, 0}}, {0, {0, 1, 2, 3}}}});
  samples.push_back({name("c.example.com"), {.where = {0, 0, 0, 0}}, {{1, {0, kMax, 1, 1}}}});
  samples.push_back({name("d.example.com"), {.wildcard = Wildcard::Also, .from = -1, .until = 0, .where = {0, 3, 4, 5}, .reason = longText, .ticket = "SEC-12345", .by = "pki@example.com"}});
  samples.push_back({name("e.example.com"), {.wildcard = Wildcard::Only, .subtree = true, .from = kBeginningOfTime + 1, .until = kEndOfTime - 1, .where = {0, 3, 4, 5}, .reason = "x"}});
  // The wrong way round, so that neither is what stands for an absent one.
  samples.push_back({name("f.example.com"), {.subtree = true, .from = kEndOfTime, .until = kBeginningOfTime, .where = {0, 3, 4, 255}, .ticket = longText}});
  samples.push_back({name("g.example.com"), {.from = 1795338000, .where = {0, 127, 128, 16384}, .by = std::string_view("\0\xff", 2)}});
  samples.push_back({name("h.example.com"), {.until = -62167219200, .where = {0, 2097151, 2097152, 12}}});
  Sample manyIssuers{name("i.example.com"), {.where = {0, 500, 11, 13}}, {}};
  for (uint32_t use = 0; use < 1000; ++use) {
    manyIssuers.uses.push_back({use * 1000, {0, 1000 - use, use, use * use}});
  }
  samples.push_back(manyIssuers);

  const ApprovalList packed = build(samples);
  REQUIRE(packed.size() == samples.size());
  for (size_t index = 0; index < samples.size(); ++index) {
    checkSame(packed, index, samples[index]);
  }
}

TEST_CASE("the root is a name of a packed approval", "[approval_list]")
{
  const Sample root{Name(), {.where = {0, 1, 2, 3}}};
  checkSame(build({root}), 0, root);
}

TEST_CASE("packed approvals are in canonical order, those of one name in the order of their places", "[approval_list]")
{
  std::vector<Sample> samples;
  for (const char* text : {"z.example.com", "example.com", "a.z.example.com", "b.example.com", "z.example.com", "a.example.net", "b.example.com", "example.com"}) {
    const auto line = static_cast<uint32_t>(samples.size() + 1);
    samples.push_back({name(text), {.where = {0, line, 1, 1}}, {{line, {0, line, 5, 5}}}});
  }
  const ApprovalList packed = build(samples);
  std::string order;
  std::vector<Use> uses;
  for (size_t index = 0; index < packed.size(); ++index) {
    packed.usesAt(index, uses);
    order += toText(packed.nameAt(index)) + ":" + std::to_string(packed[index].where.line) + ":" + std::to_string(uses.at(0).reference) + " ";
  }
  CHECK(order == "example.com:2:2 example.com:8:8 b.example.com:4:4 b.example.com:7:7 z.example.com:1:1 z.example.com:5:5 a.z.example.com:3:3 a.example.net:6:6 ");
}

TEST_CASE("many approvals of few names keep the order of their places", "[approval_list]")
{
  std::vector<Sample> samples;
  for (uint32_t line = 1; line <= 300; ++line) {
    samples.push_back({name(std::string(1, static_cast<char>('a' + line * 7 % 3)) + ".example.com"), {.where = {0, line, 1, 1}}});
  }
  const ApprovalList packed = build(samples);
  for (size_t index = 1; index < packed.size(); ++index) {
    const auto order = compareCanonical(packed.nameAt(index - 1), packed.nameAt(index));
    if (!(order < 0 || (order == 0 && packed[index - 1].where.line < packed[index].where.line))) {
      FAIL_CHECK(index);
    }
  }
}

TEST_CASE("what is in order already stays as it is", "[approval_list]")
{
  std::vector<Sample> samples;
  for (const char* text : {"example.com", "b.example.com", "b.example.com", "a.b.example.com"}) {
    samples.push_back({name(text), {.where = {0, static_cast<uint32_t>(samples.size() + 1), 1, 1}}});
  }
  const ApprovalList packed = build(samples);
  for (size_t index = 0; index < samples.size(); ++index) {
    checkSame(packed, index, samples[index]);
  }
}

TEST_CASE("an empty list of approvals", "[approval_list]")
{
  const ApprovalList empty = build({});
  CHECK(empty.size() == 0);
  CHECK(empty.references().empty());
}

TEST_CASE("a reference is the same for the same words, and for no others", "[approval_list]")
{
  using Style = TreeNode::Style;
  const auto inPlace = [](std::vector<TreeNode> accounts) {
    return map({{"ca", scalar("ca.example.net")}, {"accounts", list(std::move(accounts))}});
  };
  // The text of the last ones is what a careless key would make of the others.
  const std::vector<TreeNode> different = {
    scalar("a"),
    scalar("b"),
    scalar(""),
    scalar("a", Style::Quoted),
    scalar("a", Style::Literal),
    TreeNode(),
    list({}),
    list({scalar("a")}),
    list({scalar("a"), scalar("b")}),
    list({list({scalar("a")}), scalar("b")}),
    list({list({scalar("a"), scalar("b")})}),
    list({scalar("ab")}),
    map({}),
    map({{"a", scalar("b")}}),
    map({{"ab", scalar("")}}),
    map({{"a", scalar("b")}, {"c", scalar("d")}}),
    map({{"c", scalar("d")}, {"a", scalar("b")}}),
    map({{"a", map({{"b", scalar("c")}})}}),
    inPlace({scalar("https://ca.example.net/1")}),
    inPlace({scalar("https://ca.example.net/2")}),
    inPlace({scalar("https://ca.example.net/1"), scalar("https://ca.example.net/2")}),
    scalar(std::string(300, 'a')),
  };
  ApprovalListBuilder builder;
  for (uint32_t index = 0; index < different.size(); ++index) {
    INFO(index);
    CHECK(builder.refer(different[index]) == index);
  }
  for (uint32_t index = 0; index < different.size(); ++index) {
    INFO(index);
    TreeNode elsewhere = different[index];
    elsewhere.where = {0, 99, 99, 9};
    CHECK(builder.refer(elsewhere) == index);
  }
  const ApprovalList packed = std::move(builder).build();
  REQUIRE(packed.references().size() == different.size());
  CHECK(packed.references()[0].node.where == Location{0, 1, 1, 1}); // the first use
  CHECK(packed.references()[18].node.find("ca")->text == "ca.example.net");
}
