// SPDX-License-Identifier: GPL-2.0-or-later
#include "generate.hh"
#include "synthesized_zone.hh"
#include "vocabulary.hh"

#include <algorithm>

namespace caapolicy::test {

namespace {

Name generateApex(Random& random)
{
  if (random.percent(70)) {
    return generatedBase();
  }
  return random.percent(10) ? generatedBase().parent() : generateName(random);
}

// CAA that must never be seen where the policy governs: the first names every CA, the second none, which lets all issue.
RecordSet generateStored(Random& random)
{
  RecordSet set = allowAll();
  if (random.percent(30)) {
    set.records = {{0, "iodef", "mailto:stored@example.com"}};
  }
  return set;
}

ZoneNode alias(const Name& target)
{
  ZoneNode node;
  node.types["CNAME"] = {target.toText()};
  node.alias = target;
  return node;
}

ZoneNode generateAlias(Random& random)
{
  if (random.percent(70)) {
    return alias(targetThatAllowsAll());
  }
  return alias(random.percent(60) ? targetWithoutCaa() : generateName(random));
}

ZoneNode generateHost(Random& random)
{
  ZoneNode node;
  if (random.percent(80)) {
    node.types["A"] = {"192.0.2." + std::to_string(1 + random.below(3))};
  }
  if (random.percent(20)) {
    node.types["TXT"] = {"text"};
  }
  if (random.percent(30) || node.empty()) {
    node.caa = generateStored(random);
  }
  return node;
}

ZoneNode generateNode(Random& random)
{
  const size_t kind = random.below(100);
  ZoneNode node;
  if (kind < 60) {
    return generateHost(random);
  }
  if (kind < 82) {
    return generateAlias(random);
  }
  if (kind < 92) {
    node.types["NS"] = {"ns.example.net"};
    if (random.percent(30)) {
      node.types["DS"] = {"1 13 2 00"};
    }
    return node;
  }
  node.types["DNAME"] = {targetWithoutCaa().toText()};
  if (random.percent(50)) {
    node.types["A"] = {"192.0.2.9"};
  }
  return node;
}

// A host, a wildcard, a service label or a name below a literal `*`: what is written in front of a name.
void addAround(Random& random, const Name& name, ZoneRecords& zone)
{
  const auto add = [&zone](const Name& at, ZoneNode node) { zone.nodes.emplace(at, std::move(node)); };
  const size_t kind = random.below(100);
  if (kind < 60) {
    add(name, generateNode(random));
  }
  else if (kind < 78) {
    add(name.child("*"), generateHost(random));
  }
  else if (kind < 86) {
    add(name.child("*"), generateAlias(random));
  }
  else if (kind < 95) {
    add(name.child("_x"), generateHost(random));
  }
  else {
    add(name.child("*").child("a"), generateHost(random)); // makes the wildcard an empty non-terminal
  }
}

// RFC 6672 2.4: nothing stands below a DNAME.
void removeRedirected(ZoneRecords& zone)
{
  const auto nodes = zone.nodes;
  std::erase_if(zone.nodes, [&nodes](const auto& entry) {
    return std::any_of(nodes.begin(), nodes.end(), [&entry](const auto& other) {
      return other.second.has("DNAME") && other.first != entry.first && isAtOrBelow(entry.first.wire(), other.first.wire());
    });
  });
}

} // namespace

ZoneRecords generateZone(Random& random)
{
  ZoneRecords zone{generateApex(random), {}};
  ZoneNode& apex = zone.nodes[zone.apex];
  apex.types["SOA"] = {"ns.example.net hostmaster.example.net 1 3600 600 86400 300"};
  apex.types["NS"] = {"ns.example.net"};
  if (random.percent(30)) {
    apex.caa = generateStored(random);
  }
  for (size_t count = random.below(9); count > 0; --count) {
    addAround(random, generateName(random), zone); // what is not in the zone does no harm
  }
  std::erase_if(zone.nodes, [&zone](const auto& entry) { return !isAtOrBelow(entry.first.wire(), zone.apex.wire()); });
  removeRedirected(zone);
  return zone;
}

} // namespace caapolicy::test
