// SPDX-License-Identifier: GPL-2.0-or-later
#include "zone.hh"

#include <vector>

namespace caapolicy::test {

Zone::Zone(ZoneRecords records) : d_records(std::move(records))
{
  static const ZoneNode kEmptyNonTerminal;
  for (const auto& [name, node] : d_records.nodes) {
    if (node.empty() || !isAtOrBelow(name.wire(), d_records.apex.wire())) {
      continue;
    }
    d_names[name] = &node;
    for (Name above = name; above != d_records.apex;) {
      above = above.parent();
      d_names.emplace(above, &kEmptyNonTerminal); // leaves alone one that has records
    }
  }
  // An ancestor comes first in the order of names, so none was an empty non-terminal before it had its records.
  d_index.insert(d_names.begin(), d_names.end());
}

const ZoneNode* Zone::at(const Name& name) const
{
  const auto found = d_index.find(name);
  return found == d_index.end() ? nullptr : found->second;
}

Name Zone::encloserOf(const Name& name) const
{
  Name encloser = name.parent();
  while (at(encloser) == nullptr && encloser != apex()) {
    encloser = encloser.parent();
  }
  return encloser;
}

Zone::Found Zone::lookUp(const Name& name) const
{
  if (!isAtOrBelow(name.wire(), apex().wire())) {
    return {Kind::Outside, name, nullptr};
  }
  std::vector<Name> path{name};
  while (path.back() != apex()) {
    path.push_back(path.back().parent());
  }
  Name encloser = apex();
  for (auto step = path.rbegin(); step != path.rend(); ++step) { // from the apex down
    const ZoneNode* node = at(*step);
    if (node == nullptr) {
      break;
    }
    encloser = *step;
    if (*step != apex() && node->has("NS")) {
      return {Kind::Referral, *step, node};
    }
    if (*step == name) {
      return {Kind::Exact, name, node};
    }
    if (node->has("DNAME")) {
      return {Kind::Redirected, *step, node};
    }
  }
  const Name wildcard = encloser.child("*");
  if (const ZoneNode* node = at(wildcard)) {
    return {Kind::ByWildcard, wildcard, node};
  }
  return {Kind::NoName, name, nullptr};
}

} // namespace caapolicy::test
