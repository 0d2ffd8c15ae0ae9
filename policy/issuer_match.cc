// SPDX-License-Identifier: GPL-2.0-or-later
#include "issuer_match.hh"

#include <algorithm>

namespace caapolicy {

namespace {

bool listWithin(const std::vector<std::string>& inner, const std::vector<std::string>& outer)
{
  return outer.empty() || (!inner.empty() && firstBeyond(inner, outer) == nullptr);
}

} // namespace

const std::string* firstBeyond(const std::vector<std::string>& inner, const std::vector<std::string>& outer)
{
  if (outer.empty()) {
    return nullptr;
  }
  const auto beyond = std::find_if(inner.begin(), inner.end(), [&outer](const std::string& item) {
    return std::find(outer.begin(), outer.end(), item) == outer.end();
  });
  return beyond == inner.end() ? nullptr : &*beyond;
}

Excess excessOf(const Issuer& inner, const Issuer& outer)
{
  if (inner.ca != outer.ca) {
    return Excess::Ca;
  }
  if (!listWithin(inner.accounts, outer.accounts)) {
    return Excess::Accounts;
  }
  return listWithin(inner.methods, outer.methods) ? Excess::None : Excess::Methods;
}

} // namespace caapolicy
