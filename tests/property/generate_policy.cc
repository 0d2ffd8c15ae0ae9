// SPDX-License-Identifier: GPL-2.0-or-later
#include "generate.hh"
#include "vocabulary.hh"

#include <algorithm>
#include <set>
#include <tuple>

namespace caapolicy::test {

const Name& generatedBase()
{
  static const Name base = nameOf("example.com");
  return base;
}

Name generateName(Random& random)
{
  static const std::vector<std::string> kLabels{"a", "b", "c"};
  Name name = generatedBase();
  // The upper levels are few and so are met more often.
  for (size_t depth = std::min(random.below(5), 1 + random.below(4)); depth > 0; --depth) {
    name = name.child(random.pick(kLabels));
  }
  return name;
}

namespace {

std::vector<std::string> someOf(Random& random, const std::vector<std::string>& words)
{
  std::vector<std::string> some;
  for (const auto& word : words) {
    if (random.percent(25)) {
      some.push_back(word);
    }
  }
  return some;
}

Grant generateGrant(Random& random, Wildcard scope)
{
  Grant grant;
  grant.issuer.ca = random.pick(cas());
  if (random.percent(60)) { // the others are alike more often, so that one grant hides another
    grant.issuer.accounts = someOf(random, accounts());
    grant.issuer.methods = someOf(random, methods());
  }
  grant.writtenAs = grant.issuer.ca;
  grant.wildcard = scope;
  return grant;
}

Wildcard generateScope(Random& random)
{
  return random.percent(50) ? Wildcard::No : random.percent(50) ? Wildcard::Also : Wildcard::Only;
}

OtherIssuers generateOther(Random& random)
{
  OtherIssuers issuers;
  for (const auto& ca : someOf(random, cas())) {
    issuers.push_back({ca, {}, {}});
  }
  return issuers;
}

Inherited generateSettings(Random& random)
{
  static const std::vector<std::string> kMailboxes{"mailto:pki@example.com", "mailto:security@example.com"};
  Inherited settings;
  if (random.percent(25)) {
    settings.ttl = static_cast<uint32_t>(60 * (1 + random.below(5)));
  }
  if (random.percent(20)) {
    settings.iodef = someOf(random, kMailboxes);
  }
  if (random.percent(5)) {
    settings.contactemail = std::vector<std::string>{"pki@example.com"};
  }
  if (random.percent(20)) {
    settings.mail = generateOther(random);
  }
  if (random.percent(15)) {
    settings.vmc = generateOther(random);
  }
  return settings;
}

Subtree generateSubtree(Random& random, const Name& name)
{
  Subtree subtree;
  subtree.name = name;
  subtree.inherit = random.percent(50);
  for (size_t count = random.below(3); count > 0; --count) {
    subtree.allow.push_back(generateGrant(random, generateScope(random)));
  }
  subtree.settings = generateSettings(random);
  subtree.denied = random.percent(6);
  subtree.cname = random.percent(30) ? CnameMode::Flatten : CnameMode::Keep;
  return subtree;
}

Approval generateApproval(Random& random, const Name& name)
{
  static const std::vector<Instant> kInstants{1000, 2000, 3000, 4000, 5000};
  Approval approval;
  approval.name = name;
  const Wildcard scope = generateScope(random);
  for (size_t count = 1 + random.below(2); count > 0; --count) {
    approval.grants.push_back(generateGrant(random, scope));
  }
  approval.where.file = static_cast<uint32_t>(random.below(kGeneratedFiles));
  approval.subtree = random.percent(35);
  if (random.percent(60)) {
    approval.from = random.pick(kInstants);
  }
  if (random.percent(60)) {
    approval.until = random.pick(kInstants); // now and then before `from`: never live
  }
  return approval;
}

void place(Location& where, std::vector<Grant>& grants, std::vector<uint32_t>& lines)
{
  if (where.line == 0) {
    where = {where.file, ++lines.at(where.file), 1, 1};
  }
  for (uint32_t index = 0; index < grants.size(); ++index) {
    grants[index].where = {where.file, where.line, 10 + index, 1};
  }
}

void forget(Location& where, std::vector<Grant>& grants)
{
  where.line = 0;
  for (Grant& grant : grants) {
    grant.where = {};
  }
}

// Each stands alone on its line.
void placeAll(WrittenPolicy& policy)
{
  policy.files.resize(kGeneratedFiles);
  std::vector<uint32_t> lines(kGeneratedFiles);
  const auto take = [&lines](const Location& where) { lines.at(where.file) = std::max(lines.at(where.file), where.line); };
  for (const auto& subtree : policy.subtrees) {
    take(subtree.where);
  }
  for (const auto& approval : policy.approvals) {
    take(approval.where);
  }
  for (auto& subtree : policy.subtrees) {
    place(subtree.where, subtree.allow, lines);
  }
  for (auto& approval : policy.approvals) {
    place(approval.where, approval.grants, lines);
  }
}

} // namespace

void forgetPlaces(Subtree& subtree) { forget(subtree.where, subtree.allow); }

void forgetPlaces(Approval& approval) { forget(approval.where, approval.grants); }

void tidy(WrittenPolicy& policy)
{
  std::stable_sort(policy.subtrees.begin(), policy.subtrees.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::erase_if(policy.approvals, [&policy](const Approval& approval) {
    return std::none_of(policy.subtrees.begin(), policy.subtrees.end(), [&approval](const Subtree& subtree) {
      return isAtOrBelow(approval.name.wire(), subtree.name.wire());
    });
  });
  placeAll(policy);
  std::sort(policy.approvals.begin(), policy.approvals.end(), [](const Approval& a, const Approval& b) {
    return std::tie(a.name, a.where.file, a.where.line) < std::tie(b.name, b.where.file, b.where.line);
  });
}

WrittenPolicy generatePolicy(Random& random)
{
  WrittenPolicy policy;
  policy.defaults = generateSettings(random);
  std::set<Name> names;
  if (random.percent(60)) {
    names.insert(generatedBase());
  }
  if (random.percent(5)) {
    names.insert(generatedBase().parent());
  }
  for (size_t count = 1 + random.below(5); count > 0; --count) {
    names.insert(generateName(random));
  }
  for (const auto& name : names) {
    policy.subtrees.push_back(generateSubtree(random, name));
  }
  for (size_t count = random.below(8); count > 0; --count) {
    const bool again = !policy.approvals.empty() && random.percent(30); // a name that has one already
    const Name name = again ? random.pick(policy.approvals).name : generateName(random);
    policy.approvals.push_back(generateApproval(random, name));
  }
  tidy(policy);
  return policy;
}

} // namespace caapolicy::test
