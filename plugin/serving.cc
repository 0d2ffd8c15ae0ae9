// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/serving.hh"

#include <algorithm>

namespace caapolicy {

Serving::Serving(std::shared_ptr<const Snapshot> compiled, const Serving* before) :
  snapshot(std::move(compiled)), hashed(snapshot, before != nullptr ? &before->hashed : nullptr)
{
  const size_t count = snapshot->recordSetCount();
  d_begins.reserve(count + 1);
  for (size_t index = 0; index < count; ++index) {
    d_begins.push_back(static_cast<uint32_t>(d_contents.size()));
    const auto& set = snapshot->recordSet(index);
    if (before != nullptr && index < before->snapshot->recordSetCount() && before->snapshot->recordSet(index) == set) {
      const auto same = before->contentsOf(index);
      d_contents.insert(d_contents.end(), same.begin(), same.end());
      continue;
    }
    for (const auto& record : set->records) {
      d_contents.push_back(pdns::makeContent(QType::CAA, record.toText()));
    }
  }
  d_begins.push_back(static_cast<uint32_t>(d_contents.size()));
}

Lifetime lifetimeOf(const Snapshot::Answer& answer, Instant now, uint32_t cacheSeconds)
{
  if (answer.changes == kEndOfTime || answer.changes - now > Instant{answer.ttl} + cacheSeconds) {
    return {answer.ttl, true};
  }
  // `now` has lost its fraction of a second: one less, so that the TTL ends before the change and not in its second.
  const Instant left = std::max<Instant>(answer.changes - now - 1, 0);
  return {static_cast<uint32_t>(std::min<Instant>(left, answer.ttl)), false};
}

namespace {

DNSZoneRecord& append(std::vector<DNSZoneRecord>& records, const DNSName& owner, uint16_t type, int zoneId)
{
  auto& record = records.emplace_back();
  record.dr.d_name = owner;
  record.dr.d_type = type;
  record.domain_id = zoneId;
  record.auth = true;
  return record;
}

} // namespace

void appendCaa(std::vector<DNSZoneRecord>& records, const Serving& serving, const Snapshot::Answer& answer, const DNSName& owner,
               int zoneId, const Lifetime& lifetime)
{
  for (const auto& content : serving.contentsOf(answer.setIndex)) {
    auto& record = append(records, owner, QType::CAA, zoneId);
    record.dr.d_ttl = lifetime.ttl;
    // PowerDNS keeps an answer with a scope out of its packet and query caches.
    record.scopeMask = lifetime.cacheable ? 0 : 1;
    pdns::setContent(record.dr, content);
  }
}

void makeAlias(DNSRecord& record)
{
  pdns::setContent(record, pdns::aliasTo(pdns::aliasTargetOf(record)));
  record.d_type = QType::ALIAS;
}

void appendEmptyNonTerminal(std::vector<DNSZoneRecord>& records, const DNSName& owner, int zoneId)
{
  static const auto content = pdns::makeContent(QType::ENT, "");
  pdns::setContent(append(records, owner, QType::ENT, zoneId).dr, content);
}

} // namespace caapolicy
