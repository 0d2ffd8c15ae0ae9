// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/flattened_alias.hh"

#include "plugin/alias_targets.hh"
#include "plugin/hourly_limit.hh"
#include "plugin/zone_facts.hh"

#include <algorithm>

namespace caapolicy {

namespace {

constexpr uint32_t kStaleTtl = 30; // of addresses past their TTL (RFC 8767)

bool isForAddresses(uint16_t type) { return type == QType::A || type == QType::AAAA || type == QType::ANY; }

// Mail and texts of the target were seen through the alias. Who relies on that is to be told, once an hour.
void tellOfHidden(const DNSName& owner, const DNSName& target, uint16_t type)
{
  static HourlyLimit mx;
  static HourlyLimit txt;
  if ((type != QType::MX && type != QType::TXT)
      || !(type == QType::MX ? mx : txt).isDue(WireBuffer(owner).name(), time(nullptr))) {
    return;
  }
  AliasTargets::ofProcess().whenItHas(target, type, [=] {
    g_log << Logger::Warning << "[caapolicy] " << QType(type).toString() << " records of " << target.toStringNoDot() << " are no longer seen at "
          << owner.toStringNoDot() << ", an alias that is flattened to addresses: put in there what it needs" << endl;
  });
}

uint32_t ttlLeft(const Addresses& addresses)
{
  const Instant left = addresses.until - time(nullptr);
  return left > 0 ? static_cast<uint32_t>(left) : kStaleTtl;
}

// Makes an ALIAS record of a CNAME record: PowerDNS puts in the addresses of its target.
void makeAlias(DNSRecord& record)
{
  pdns::setContent(record, pdns::aliasTo(pdns::aliasTargetOf(record)));
  record.d_type = QType::ALIAS;
}

void appendAddresses(std::vector<DNSZoneRecord>& records, const DNSZoneRecord& alias, const Addresses& addresses, uint32_t ttl)
{
  for (const auto& address : addresses.records) {
    auto& record = records.emplace_back(alias);
    record.dr = address;
    record.dr.d_name = alias.dr.d_name;
    record.dr.d_place = alias.dr.d_place;
    record.dr.d_ttl = std::min(ttl, alias.dr.d_ttl);
  }
}

} // namespace

void appendFlattened(std::vector<DNSZoneRecord>& records, DNSZoneRecord alias, const AliasQuestion& question, RecordWriter& writer)
{
  const DNSName target = pdns::aliasTargetOf(alias.dr);
  tellOfHidden(alias.dr.d_name, target, question.type);
  if (!question.zoneIsSigned) {
    makeAlias(alias.dr);
    records.push_back(std::move(alias));
    return;
  }
  alias.scopeMask = 1; // PowerDNS's query cache does not tell clients' types apart
  std::shared_ptr<const Addresses> addresses;
  if (isForAddresses(question.type)) {
    addresses = AliasTargets::ofProcess().addressesOf(target);
    if (!addresses) {
      throw DBException("the addresses of " + target.toLogString() + ", the target of " + alias.dr.d_name.toLogString() + ", can't be found out");
    }
  }
  else if (question.type == 0) { // for a proof that has the types at the name
    addresses = AliasTargets::ofProcess().knownAddressesOf(target);
  }
  if (addresses && !addresses->records.empty()) {
    appendAddresses(records, alias, *addresses, ttlLeft(*addresses));
    return;
  }
  // That there is something at the name. In a proof PowerDNS takes an ALIAS record for both kinds of addresses.
  if (addresses) {
    writer.appendEmptyNonTerminal(records, alias.dr.d_name, alias.domain_id);
    records.back().scopeMask = 1;
    return;
  }
  makeAlias(alias.dr);
  records.push_back(std::move(alias));
}

void appendTransferred(std::vector<DNSZoneRecord>& records, const std::vector<DNSZoneRecord>& aliases)
{
  std::vector<DNSName> targets;
  targets.reserve(aliases.size());
  for (const auto& alias : aliases) {
    targets.push_back(pdns::aliasTargetOf(alias.dr));
  }
  const auto found = AliasTargets::ofProcess().allAddressesOf(targets);
  for (size_t index = 0; index < aliases.size(); ++index) {
    if (found[index]) {
      appendAddresses(records, aliases[index], *found[index], found[index]->ttl);
    }
  }
}

} // namespace caapolicy
