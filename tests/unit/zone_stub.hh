// SPDX-License-Identifier: GPL-2.0-or-later
//
// CAA records as DNS would show them, written down for tests of the evaluator.
#pragma once

#include "policy/evaluate.hh"

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace caapolicy::test {

// A host name, with `*.` in front where wanted.
inline Name nameOf(const std::string& text)
{
  const bool wildcard = text.rfind("*.", 0) == 0;
  const auto parsed = Name::parseHostName(wildcard ? text.substr(2) : text);
  if (parsed.fault != NameFault::None) {
    throw std::invalid_argument("no host name: " + text);
  }
  return wildcard ? parsed.name.child("*") : parsed.name;
}

// Presentation form without escapes: `0 issue "letsencrypt.org"`.
inline CaaRecord recordOf(const std::string& text)
{
  const size_t tag = text.find(' ') + 1;
  const size_t value = text.find(' ', tag) + 1;
  if (tag == 0 || value == 0 || text.size() < value + 2 || text[value] != '"' || text.back() != '"') {
    throw std::invalid_argument("no CAA record: " + text);
  }
  CaaRecord record;
  record.flags = static_cast<uint8_t>(std::stoi(text));
  record.tag = text.substr(tag, value - 1 - tag);
  record.value = text.substr(value + 1, text.size() - value - 2);
  return record;
}

class ZoneStub {
public:
  using Records = std::map<std::string, std::vector<std::string>>;

  // Each name with its records, or with the one line `CNAME target`.
  explicit ZoneStub(const Records& zone)
  {
    const std::string alias = "CNAME ";
    for (const auto& [owner, lines] : zone) {
      CaaLookup& entry = d_zone[nameOf(owner)];
      RecordSet set;
      for (const std::string& line : lines) {
        if (line.rfind(alias, 0) == 0) {
          entry = nameOf(line.substr(alias.size()));
        }
        else {
          set.records.push_back(recordOf(line));
        }
      }
      if (!set.records.empty()) {
        entry = std::move(set);
      }
    }
  }

  CaaLookup lookUp(const Name& name) const
  {
    d_asked.push_back(name.toText());
    const auto found = d_zone.find(name);
    return found == d_zone.end() ? CaaLookup{NoCaa{}} : found->second;
  }

  Verdict evaluate(const CaRequest& request) const
  {
    return caapolicy::evaluate(request, [this](const Name& name) { return lookUp(name); });
  }

  // Every name that was asked for, in order.
  const std::vector<std::string>& asked() const { return d_asked; }

private:
  std::map<Name, CaaLookup> d_zone;
  mutable std::vector<std::string> d_asked;
};

// A zone in braces.
inline ZoneStub zoneWith(const ZoneStub::Records& records)
{
  return ZoneStub(records);
}

// `name` may be a wildcard, as in a certificate request.
inline CaRequest requestFor(const std::string& name, const std::string& ca, const std::string& account = {},
                            const std::string& method = {})
{
  CaRequest request;
  request.wildcard = name.rfind("*.", 0) == 0;
  request.name = nameOf(request.wildcard ? name.substr(2) : name);
  request.ca = ca;
  request.account = account;
  request.method = method;
  return request;
}

} // namespace caapolicy::test
