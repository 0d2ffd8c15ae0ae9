// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/record_writer.hh"

namespace caapolicy {

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

void RecordWriter::appendCaa(std::vector<DNSZoneRecord>& records, const Serving& serving, const Snapshot::Answer& answer,
                             const DNSName& owner, int zoneId, const Lifetime& lifetime)
{
  const auto copy = [&](auto& contents) {
    for (const auto& content : serving.contentsOf(answer.setIndex)) {
      contents.push_back(std::make_shared<CAARecordContent>(*content));
    }
  };
  for (const auto& content : d_contents.of(serving.number, answer.setIndex, copy)) {
    auto& record = append(records, owner, QType::CAA, zoneId);
    record.dr.d_ttl = lifetime.ttl;
    // PowerDNS keeps an answer with a scope out of its packet and query caches.
    record.scopeMask = lifetime.cacheable ? 0 : 1;
    pdns::setContent(record.dr, content);
  }
}

void RecordWriter::appendEmptyNonTerminal(std::vector<DNSZoneRecord>& records, const DNSName& owner, int zoneId)
{
  if (!d_empty) {
    d_empty = pdns::makeContent(QType::ENT, "");
  }
  pdns::setContent(append(records, owner, QType::ENT, zoneId).dr, d_empty);
}

} // namespace caapolicy
