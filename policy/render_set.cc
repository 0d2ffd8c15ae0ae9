// SPDX-License-Identifier: GPL-2.0-or-later
#include "render_set.hh"

#include <algorithm>
#include <compare>

namespace caapolicy {

namespace {

// What one issue or issuewild record says: a CA, for at most one account, by some methods (RFC 8657: a record with
// two accounts satisfies nobody).
struct Permission {
  std::string ca;
  std::string account;              // empty: any
  std::vector<std::string> methods; // sorted; none: any

  auto operator<=>(const Permission&) const = default;

  // Everything that `other` permits is permitted by this one too.
  bool covers(const Permission& other) const
  {
    return ca == other.ca && (account.empty() || account == other.account)
      && (methods.empty()
          || (!other.methods.empty() && std::includes(methods.begin(), methods.end(), other.methods.begin(), other.methods.end())));
  }

  // CAs compare exactly and some ignore what they don't know, so: one spelling, no trailing semicolon.
  std::string value() const
  {
    std::string text = ca;
    if (!account.empty()) {
      text += "; accounturi=" + account;
    }
    for (size_t i = 0; i < methods.size(); ++i) {
      text += (i == 0 ? "; validationmethods=" : ",") + methods[i];
    }
    return text;
  }
};

void addIssuer(std::vector<Permission>& permissions, const Issuer& issuer)
{
  Permission permission{issuer.ca, {}, issuer.methods};
  std::sort(permission.methods.begin(), permission.methods.end());
  if (issuer.accounts.empty()) {
    permissions.push_back(permission);
  }
  for (const auto& account : issuer.accounts) {
    permission.account = account;
    permissions.push_back(permission);
  }
}

// Sorted, each once, and without those that another covers.
void reduce(std::vector<Permission>& permissions)
{
  std::sort(permissions.begin(), permissions.end());
  permissions.erase(std::unique(permissions.begin(), permissions.end()), permissions.end());
  const std::vector<Permission> all = permissions;
  // Only those for the same account or for any can cover it. They stand together: there may be thousands of accounts.
  const auto isCoveredFor = [&all](const Permission& permission, const std::string& account) {
    auto other = std::lower_bound(all.begin(), all.end(), Permission{permission.ca, account, {}});
    for (; other != all.end() && other->ca == permission.ca && other->account == account; ++other) {
      if (*other != permission && other->covers(permission)) {
        return true;
      }
    }
    return false;
  };
  std::erase_if(permissions, [&](const Permission& permission) { return isCoveredFor(permission, {}) || isCoveredFor(permission, permission.account); });
}

void addRecords(RecordSet& set, const char* tag, const std::vector<Permission>& permissions)
{
  if (permissions.empty()) {
    set.records.push_back({0, tag, ";"});
  }
  for (const auto& permission : permissions) {
    set.records.push_back({0, tag, permission.value()});
  }
}

void addOther(RecordSet& set, const char* tag, const std::optional<OtherIssuers>& issuers)
{
  if (!issuers) {
    return; // not restricted
  }
  std::vector<Permission> permissions;
  for (const auto& issuer : *issuers) {
    addIssuer(permissions, issuer);
  }
  reduce(permissions);
  addRecords(set, tag, permissions);
}

void addTexts(RecordSet& set, const char* tag, const std::optional<std::vector<std::string>>& texts)
{
  for (const auto& text : texts.value_or(std::vector<std::string>{})) {
    set.records.push_back({0, tag, text});
  }
}

} // namespace

RecordSet renderSet(const std::vector<const Grant*>& grants, const Inherited& settings)
{
  std::vector<Permission> plain;
  std::vector<Permission> wildcard;
  for (const Grant* grant : grants) {
    if (grant->wildcard != Wildcard::Only) {
      addIssuer(plain, grant->issuer);
    }
    if (grant->wildcard != Wildcard::No) {
      addIssuer(wildcard, grant->issuer);
    }
  }
  reduce(plain);
  reduce(wildcard);

  RecordSet set;
  set.grants = !plain.empty() || !wildcard.empty();
  addRecords(set, "issue", plain);
  if (wildcard != plain) { // without issuewild, issue covers wildcards too (RFC 8659 4.3)
    addRecords(set, "issuewild", wildcard);
  }
  addOther(set, "issuemail", settings.mail);
  addOther(set, "issuevmc", settings.vmc);
  addTexts(set, "iodef", settings.iodef);
  addTexts(set, "contactemail", settings.contactemail);
  addTexts(set, "contactphone", settings.contactphone);
  return set;
}

} // namespace caapolicy
