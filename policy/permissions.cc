// SPDX-License-Identifier: GPL-2.0-or-later
#include "permissions.hh"

#include "ascii.hh"
#include "caa_value.hh"

#include <algorithm>
#include <optional>

namespace caapolicy {

namespace {

constexpr uint8_t kCritical = 0x80;

// What one record permits; none: nothing that can be asked for.
void addValue(Permissions& permissions, Purpose purpose, const std::string& text)
{
  const auto value = parseCaaValue(text);
  if (!value || value->issuer.empty()) {
    return;
  }
  std::optional<std::string> account;
  std::optional<std::vector<std::string>> methods;
  for (const auto& parameter : value->parameters) {
    if (parameter.name == "accounturi") {
      if (account || !isUri(parameter.value)) {
        return; // RFC 8657 3: unsatisfiable
      }
      account = parameter.value;
    }
    else if (parameter.name == "validationmethods") {
      auto list = parseMethodList(parameter.value);
      if (!list) {
        return;
      }
      if (methods) { // each list constrains
        std::erase_if(*methods, [&list](const std::string& method) { return std::find(list->begin(), list->end(), method) == list->end(); });
      }
      else {
        methods = std::move(list);
      }
    }
  }
  Permission permission{purpose, lowerCase(value->issuer), account.value_or(""), ""};
  if (!methods) {
    permissions.push_back(permission);
    return;
  }
  for (const auto& method : *methods) {
    permission.method = method;
    permissions.push_back(permission);
  }
}

// Those of one tag, or, where there is none, `otherwise`.
void addTag(Permissions& permissions, const RecordSet& set, Purpose purpose, std::string_view tag, std::string_view otherwise = {})
{
  bool found = false;
  for (const auto& record : set.records) {
    if (equalIgnoringCase(record.tag, tag)) {
      found = true;
      addValue(permissions, purpose, record.value);
    }
  }
  if (found) {
    return;
  }
  if (otherwise.empty()) {
    permissions.push_back({purpose, {}, {}, {}});
    return;
  }
  addTag(permissions, set, purpose, otherwise);
}

// All of a permission's parts, each as it is or any.
template <typename Found>
bool anyCovering(const Permission& permission, const Found& found)
{
  for (unsigned mask = 0; mask < 8; ++mask) {
    Permission wider = permission;
    if ((mask & 1U) != 0) {
      wider.ca.clear();
    }
    if ((mask & 2U) != 0) {
      wider.account.clear();
    }
    if ((mask & 4U) != 0) {
      wider.method.clear();
    }
    if (found(wider)) {
      return true;
    }
  }
  return false;
}

void reduce(Permissions& permissions)
{
  std::sort(permissions.begin(), permissions.end());
  permissions.erase(std::unique(permissions.begin(), permissions.end()), permissions.end());
  const Permissions all = permissions;
  std::erase_if(permissions, [&all](const Permission& permission) {
    return anyCovering(permission, [&](const Permission& wider) { return wider != permission && std::binary_search(all.begin(), all.end(), wider); });
  });
}

} // namespace

bool Permission::covers(const Permission& other) const
{
  return purpose == other.purpose && (ca.empty() || ca == other.ca) && (account.empty() || account == other.account)
    && (method.empty() || method == other.method);
}

Permissions permissionsOf(const RecordSet& set)
{
  Permissions permissions;
  if (std::any_of(set.records.begin(), set.records.end(), [](const CaaRecord& record) { return (record.flags & kCritical) != 0 && !isKnownCaaTag(record.tag); })) {
    return permissions; // RFC 8659 4.1
  }
  addTag(permissions, set, Purpose::Name, "issue");
  addTag(permissions, set, Purpose::Wildcard, "issuewild", "issue");
  addTag(permissions, set, Purpose::Mail, "issuemail");
  addTag(permissions, set, Purpose::Mark, "issuevmc");
  reduce(permissions);
  return permissions;
}

const Permissions& everything()
{
  static const Permissions kEverything{{Purpose::Name, {}, {}, {}}, {Purpose::Wildcard, {}, {}, {}}, {Purpose::Mail, {}, {}, {}}, {Purpose::Mark, {}, {}, {}}};
  return kEverything;
}

bool covers(const Permissions& permissions, const Permission& permission)
{
  return anyCovering(permission, [&](const Permission& wider) { return std::binary_search(permissions.begin(), permissions.end(), wider); });
}

Permissions beyond(const Permissions& permissions, const Permissions& others)
{
  Permissions rest;
  std::copy_if(permissions.begin(), permissions.end(), std::back_inserter(rest), [&others](const Permission& permission) { return !covers(others, permission); });
  return rest;
}

} // namespace caapolicy
