// SPDX-License-Identifier: GPL-2.0-or-later
#include "grant_text.hh"

namespace caapolicy {

namespace {

std::string orAny(const std::vector<std::string>& values, const std::string& word)
{
  return values.empty() ? "any " + word : word + " " + joined(values);
}

} // namespace

std::string joined(const std::vector<std::string>& words)
{
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::string wildcardText(Wildcard wildcard)
{
  switch (wildcard) {
  case Wildcard::No: return "no wildcard";
  case Wildcard::Also: return "wildcard too";
  case Wildcard::Only: return "wildcard only";
  }
  return "";
}

std::string grantText(const Grant& grant)
{
  return grant.issuer.ca + ", " + wildcardText(grant.wildcard) + ", " + orAny(grant.issuer.accounts, "account") + ", " + orAny(grant.issuer.methods, "method");
}

} // namespace caapolicy
