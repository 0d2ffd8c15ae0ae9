// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/catalogue_update.hh"

#include "policy/ascii.hh"

#include <algorithm>
#include <iterator>
#include <set>

namespace caapolicy::cli {

namespace {

constexpr const char* kMadeHere = "ccadb"; // the value of `from` in entries that an update made

bool has(const std::vector<std::string>& list, const std::string& text) { return std::find(list.begin(), list.end(), text) != list.end(); }

std::vector<std::string> without(const std::vector<std::string>& list, const std::vector<std::string>& others)
{
  std::vector<std::string> rest;
  std::copy_if(list.begin(), list.end(), std::back_inserter(rest), [&](const std::string& text) { return !has(others, text); });
  return rest;
}

// "beijing-certificate-authority"; none from a text that is not in ASCII, of which parts would be missing.
std::string idFrom(const std::string& text)
{
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return {};
  }
  std::string id;
  for (const char c : text) {
    const char lower = lowerCase(c);
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) {
      id += lower;
    }
    else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  while (!id.empty() && id.back() == '-') {
    id.pop_back();
  }
  return id;
}

class Update {
public:
  Update(const Catalogue& builtIn, const CcadbReport& report, const Json& before, const std::string& today) :
    d_builtIn(builtIn), d_report(report), d_today(today)
  {
    if (before.contains("note")) {
      d_made.file["note"] = before["note"];
    }
    Json kept = Json::object();
    if (before.contains("cas") && before["cas"].is_object()) {
      for (const auto& [id, entry] : before["cas"].items()) {
        if (!entry.is_object() || entry.value("from", Json()) != kMadeHere) {
          kept[id] = entry;
        }
      }
    }
    d_made.file["cas"] = std::move(kept);
  }

  CatalogueUpdate run()
  {
    for (const auto& [id, ca] : d_builtIn.cas()) {
      compare(ca);
    }
    for (const auto& [same, organization] : d_report.organizations) {
      if (d_known.count(same) == 0) {
        addNew(organization);
      }
    }
    std::sort(d_made.changes.begin(), d_made.changes.end(), [](const auto& left, const auto& right) { return left.id < right.id; });
    return std::move(d_made);
  }

private:
  void compare(const Ca& ca)
  {
    std::set<std::string> listed;
    bool isListed = false;
    std::vector<std::string> names = ca.organizations;
    names.push_back(ca.name);
    for (const std::string& name : names) {
      if (const auto found = d_report.organizations.find(sameName(name)); found != d_report.organizations.end()) {
        listed.insert(found->second.domains.begin(), found->second.domains.end());
        d_known.insert(found->first);
        isListed = true;
      }
    }
    // In the order that they have, as the first one is what the id stands for. A CA that the report has under no name that
    // is known keeps those that anybody has there.
    std::vector<std::string> domains;
    std::copy_if(ca.domains.begin(), ca.domains.end(), std::back_inserter(domains),
                 [&](const std::string& domain) { return (isListed ? listed : d_report.domains).count(domain) != 0; });
    std::copy_if(listed.begin(), listed.end(), std::back_inserter(domains), [&](const std::string& domain) { return !has(ca.domains, domain); });
    d_covered.insert(domains.begin(), domains.end());
    CatalogueUpdate::Change change{ca.id, ca.name, without(domains, ca.domains), without(ca.domains, domains), false, domains.empty(), false};
    if (change.added.empty() && change.removed.empty()) {
      return;
    }
    if (domains.empty()) { // it may be left in a policy, and then is no slip of the pen
      put(std::move(change), {{"public", false}, {"note", "CCADB's report of " + d_today + " has none of its domains"}, {"from", kMadeHere}});
      return;
    }
    Json entry = entryWith(domains);
    for (const CaSource& source : ca.sources) {
      if (source.about != "domains") {
        entry["sources"].push_back({{"for", source.about}, {"url", source.url}, {"date", source.date}});
      }
    }
    put(std::move(change), std::move(entry));
  }

  void addNew(const CcadbReport::Organization& organization)
  {
    std::vector<std::string> domains;
    std::copy_if(organization.domains.begin(), organization.domains.end(), std::back_inserter(domains),
                 [&](const std::string& domain) { return d_covered.count(domain) == 0; });
    if (domains.empty()) {
      return;
    }
    d_covered.insert(domains.begin(), domains.end());
    const std::string fromName = idFrom(organization.name);
    std::string id = fromName.empty() ? idFrom(domains.front()) : fromName;
    while (d_builtIn.find(id) != nullptr) {
      id += "-2";
    }
    Json entry = entryWith(domains);
    entry["name"] = organization.name;
    entry["organizations"] = {organization.name};
    put({id, organization.name, domains, {}, true, false, false}, std::move(entry));
  }

  Json entryWith(const std::vector<std::string>& domains) const
  {
    return {{"domains", domains}, {"from", kMadeHere}, {"sources", Json::array({{{"for", "domains"}, {"url", kCcadbReportUrl}, {"date", d_today}}})}};
  }

  void put(CatalogueUpdate::Change change, Json entry)
  {
    Json& cas = d_made.file["cas"];
    change.isKept = cas.contains(change.id);
    if (!change.isKept) {
      cas[change.id] = std::move(entry);
    }
    d_made.changes.push_back(std::move(change));
  }

  const Catalogue& d_builtIn;
  const CcadbReport& d_report;
  const std::string& d_today;
  std::set<std::string> d_known;   // organizations of the report that are CAs of the catalogue
  std::set<std::string> d_covered; // domains that some CA has now
  CatalogueUpdate d_made;
};

} // namespace

CatalogueUpdate updateCatalogue(const Catalogue& builtIn, const CcadbReport& report, const Json& before, const std::string& today)
{
  return Update(builtIn, report, before, today).run();
}

} // namespace caapolicy::cli
