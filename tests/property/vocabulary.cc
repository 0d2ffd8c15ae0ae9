// SPDX-License-Identifier: GPL-2.0-or-later
#include "vocabulary.hh"

#include <stdexcept>

namespace caapolicy::test {

const std::vector<std::string>& cas()
{
  static const std::vector<std::string> kCas{"one.example", "two.example", "three.example"};
  return kCas;
}

const std::vector<std::string>& accounts()
{
  static const std::vector<std::string> kAccounts{"https://acme.example/acct/1", "https://acme.example/acct/2"};
  return kAccounts;
}

const std::vector<std::string>& methods()
{
  static const std::vector<std::string> kMethods{"dns-01", "http-01"};
  return kMethods;
}

Name nameOf(const std::string& text)
{
  const auto parsed = Name::parseHostName(text);
  if (parsed.fault != NameFault::None) {
    throw std::invalid_argument("no host name: " + text);
  }
  return parsed.name;
}

RecordSet allowAll()
{
  RecordSet set;
  for (const auto& ca : cas()) {
    set.records.push_back({0, "issue", ca});
  }
  return set;
}

namespace {

std::vector<std::string> orNone(std::vector<std::string> words)
{
  words.emplace_back();
  return words;
}

} // namespace

std::vector<CaRequest> requestsFor(const Name& name)
{
  std::vector<CaRequest> requests;
  for (const auto& ca : cas()) {
    for (const auto& account : orNone(accounts())) {
      for (const auto& method : orNone(methods())) {
        for (const bool wildcard : {false, true}) {
          requests.push_back({name, wildcard, Property::Issue, ca, account, method});
        }
      }
    }
    requests.push_back({name, false, Property::IssueMail, ca, {}, {}});
    requests.push_back({name, false, Property::IssueVmc, ca, {}, {}});
  }
  return requests;
}

std::string describe(const CaRequest& request)
{
  const auto orDash = [](const std::string& word) { return word.empty() ? std::string("-") : word; };
  const char* property = request.property == Property::Issue ? "issue" : request.property == Property::IssueMail ? "mail" : "vmc";
  return std::string(property) + " for " + (request.wildcard ? "*." : "") + request.name.toText() + " by " + request.ca + ", account "
    + orDash(request.account) + ", method " + orDash(request.method);
}

} // namespace caapolicy::test
