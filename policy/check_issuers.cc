// SPDX-License-Identifier: GPL-2.0-or-later
#include "check_issuers.hh"

#include "messages.hh"
#include "similar.hh"

#include <algorithm>

namespace caapolicy {

namespace {

std::vector<std::string_view> namesOf(const std::vector<const Ca*>& cas)
{
  std::vector<std::string_view> names;
  std::transform(cas.begin(), cas.end(), std::back_inserter(names), [](const Ca* ca) { return std::string_view(ca->name); });
  return names;
}

// Those of which that is known at that instant. What one of several CAs does is what a grant to their domain is worth.
std::vector<const Ca*> with(const std::vector<const Ca*>& cas, Parameter Ca::*parameter, Honours how, Instant now)
{
  std::vector<const Ca*> found;
  std::copy_if(cas.begin(), cas.end(), std::back_inserter(found), [&](const Ca* ca) { return ca->honoursAt(ca->*parameter, now) == how; });
  return found;
}

} // namespace

void IssuerCheck::lookAt(const std::string& domain, const Location& where)
{
  if (d_catalogue->hasDomain(domain) || isReservedDomain(domain) || !d_unknown.insert(domain).second) {
    return;
  }
  warnings.push_back(messages::unknownCa(where, domain, mostSimilar(domain, d_catalogue->domains())));
}

void IssuerCheck::lookAt(const Issuer& issuer, const Location& where, const std::vector<Location>& accounts, const std::vector<Location>& methods)
{
  lookAt(issuer.ca, where);
  const std::vector<const Ca*> cas = d_catalogue->ofDomain(issuer.ca);
  for (size_t index = 0; index < issuer.accounts.size() && index < accounts.size(); ++index) {
    lookAtAccount(issuer.accounts[index], accounts[index], issuer.ca, cas);
  }
  for (const Honours how : {Honours::No, Honours::Unknown}) {
    if (const auto those = with(cas, &Ca::accounturi, how, d_now); !those.empty() && !accounts.empty()) {
      warnings.push_back(messages::accountIgnored(accounts.front(), issuer.ca, namesOf(those), how == Honours::No));
      return; // that methods may be ignored as well is the lesser evil
    }
  }
  for (const Honours how : {Honours::No, Honours::Unknown}) {
    if (const auto those = with(cas, &Ca::validationmethods, how, d_now); !those.empty() && !methods.empty()) {
      warnings.push_back(messages::methodIgnored(methods.front(), issuer.ca, namesOf(those), how == Honours::No));
      return;
    }
  }
}

void IssuerCheck::lookAtAccount(const std::string& account, const Location& where, const std::string& domain, const std::vector<const Ca*>& cas)
{
  if (const auto staging = d_catalogue->ofStagingAccount(account); !staging.empty()) {
    const Ca& ca = *staging.front();
    warnings.push_back(messages::stagingAccount(where, account, ca.name, ca.accounts.empty() ? std::string_view() : std::string_view(ca.accounts.front())));
    return;
  }
  const auto owners = d_catalogue->ofAccount(account);
  const bool isOfOther = !owners.empty() && std::none_of(owners.begin(), owners.end(), [&](const Ca* owner) {
    return std::find(owner->domains.begin(), owner->domains.end(), domain) != owner->domains.end();
  });
  if (isOfOther) {
    warnings.push_back(messages::accountOfOtherCa(where, account, owners.front()->name, owners.front()->domains.front(), domain, namesOf(cas)));
  }
}

} // namespace caapolicy
