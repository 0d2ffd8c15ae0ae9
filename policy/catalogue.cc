// SPDX-License-Identifier: GPL-2.0-or-later
#include "catalogue.hh"

#include "yaml_tree.hh"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace caapolicy {

extern const std::string_view kBuiltInCatalogue; // made by CMake from ca-catalogue.json

namespace {

bool beginsWith(std::string_view text, std::string_view prefix)
{
  return text.size() > prefix.size() && text.substr(0, prefix.size()) == prefix;
}

// The CAs that have, in that list of theirs, what the text begins with.
std::vector<const Ca*> withPrefixOf(std::string_view text, const std::map<std::string, Ca, std::less<>>& cas, std::vector<std::string> Ca::*list)
{
  std::vector<const Ca*> found;
  for (const auto& [id, ca] : cas) {
    if (std::any_of((ca.*list).begin(), (ca.*list).end(), [&](const std::string& prefix) { return beginsWith(text, prefix); })) {
      found.push_back(&ca);
    }
  }
  return found;
}

} // namespace

std::string_view toText(Honours honours)
{
  return honours == Honours::Yes ? "yes" : honours == Honours::No ? "no" : "unknown";
}

Honours Ca::honoursAt(const Parameter& parameter, Instant now) const
{
  const auto since = parameter.since.empty() ? std::nullopt : parseInstant(parameter.since + "T00:00:00Z");
  if (parameter.honours == Honours::Yes && since && now < *since) {
    return Honours::No;
  }
  if (parameter.honours == Honours::Unknown && isPublic && now >= kParametersDue) {
    return Honours::Yes;
  }
  return parameter.honours;
}

const Catalogue& Catalogue::builtIn()
{
  static const Catalogue catalogue = [] {
    std::vector<Diagnostic> problems;
    Catalogue made;
    if (const auto tree = parseYaml(kBuiltInCatalogue, 0, problems)) {
      made.overlay(*tree, problems);
    }
    if (!problems.empty()) { // a unit test sees to it that there are none
      throw std::logic_error("the built-in CA catalogue is broken: " + problems.front().message);
    }
    for (auto& [id, ca] : made.d_cas) {
      ca.isOwn = false;
    }
    return made;
  }();
  return catalogue;
}

const Ca* Catalogue::find(std::string_view id) const
{
  const auto found = d_cas.find(id);
  return found == d_cas.end() ? nullptr : &found->second;
}

std::vector<const Ca*> Catalogue::ofDomain(const std::string& domain) const
{
  const auto found = d_ofDomain.find(domain);
  return found == d_ofDomain.end() ? std::vector<const Ca*>() : found->second;
}

std::vector<const Ca*> Catalogue::ofAccount(std::string_view uri) const { return withPrefixOf(uri, d_cas, &Ca::accounts); }

std::vector<const Ca*> Catalogue::ofStagingAccount(std::string_view uri) const { return withPrefixOf(uri, d_cas, &Ca::staging); }

std::vector<std::string_view> Catalogue::ids() const
{
  std::vector<std::string_view> ids;
  for (const auto& [id, ca] : d_cas) {
    ids.push_back(id);
  }
  return ids;
}

std::vector<std::string_view> Catalogue::domains() const
{
  std::vector<std::string_view> domains;
  for (const auto& [domain, cas] : d_ofDomain) {
    domains.push_back(domain);
  }
  std::sort(domains.begin(), domains.end()); // so that the same suggestion is made each time
  return domains;
}

void Catalogue::index()
{
  d_ofDomain.clear();
  for (const auto& [id, ca] : d_cas) {
    for (const std::string& domain : ca.domains) {
      d_ofDomain[domain].push_back(&ca);
    }
  }
}

bool isReservedDomain(std::string_view domain)
{
  static constexpr std::array<std::string_view, 7> reserved{"example", "test", "invalid", "localhost", "example.com", "example.net", "example.org"};
  return std::any_of(reserved.begin(), reserved.end(), [&](std::string_view name) {
    return domain == name
      || (domain.size() > name.size() && domain.substr(domain.size() - name.size()) == name && domain[domain.size() - name.size() - 1] == '.');
  });
}

} // namespace caapolicy
