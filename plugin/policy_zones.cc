// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/policy_zones.hh"

#include "plugin/zone_facts.hh"

#include <algorithm>
#include <map>
#include <mutex>

namespace caapolicy {

namespace {

// The ids of PowerDNS: the same one for a zone as long as the process lives, whatever becomes of the policy.
int idOf(const Name& zone)
{
  static std::mutex mutex;
  static std::map<Name, int> ids;
  const std::lock_guard lock(mutex);
  return ids.try_emplace(zone, static_cast<int>(ids.size()) + 1).first->second;
}

// Rises with every change of the zone's records, by a new policy or by time, and is the same on every server that
// has loaded the same policy since the last change.
uint32_t serialOf(const ZoneSettings& zone, const ZoneVersions& versions)
{
  return static_cast<uint32_t>(versions.last(zone.name.wire()));
}

// Only a primary zone's changes are announced to secondaries. pdnsutil has no such setting.
bool isPrimary()
{
  static const bool primary = ::arg().parmIsset("primary") && ::arg().mustDo("primary");
  return primary;
}

constexpr uint32_t kTtl = 3600;

DNSResourceRecord recordOf(const ZoneSettings& zone, const QType& type, const std::string& content)
{
  DNSResourceRecord record;
  record.qname = toDnsName(zone.name.wire());
  record.qtype = type;
  record.content = content;
  record.ttl = kTtl;
  record.domain_id = idOf(zone.name);
  record.auth = true;
  return record;
}

std::string soaOf(const ZoneSettings& zone, uint32_t serial)
{
  // Refresh, retry and expire as RFC 1912 2.2 has them for a zone that changes; the negative TTL is as short as
  // approvals are quick.
  return zone.primary.toText() + ". " + zone.hostmaster.toText() + ". " + std::to_string(serial) + " 3600 600 1209600 300";
}

} // namespace

void PolicyZonesBackend::answer(const ZoneSettings& zone, const QType& qtype)
{
  const auto wants = [&qtype](uint16_t type) { return qtype == QType::ANY || qtype == type; };
  if (wants(QType::SOA)) {
    d_records.push_back(recordOf(zone, QType(QType::SOA), soaOf(zone, serialOf(zone, d_versions))));
  }
  for (const auto& nameserver : zone.nameservers) {
    if (wants(QType::NS)) {
      d_records.push_back(recordOf(zone, QType(QType::NS), nameserver.toText()));
    }
  }
}

void PolicyZonesBackend::lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* /* packet */)
{
  d_records.clear();
  d_next = 0;
  const WireBuffer name(qdomain);
  for (const auto& zone : d_policy.current().snapshot->policy().zones) {
    if (zone.name.wire() == name.name() && (zoneId < 0 || idOf(zone.name) == zoneId)) {
      answer(zone, qtype);
    }
  }
}

bool PolicyZonesBackend::list(const DNSName& target, int domainId, bool /* includeDisabled */)
{
  lookup(QType(QType::ANY), target, domainId, nullptr);
  return !d_records.empty();
}

bool PolicyZonesBackend::get(DNSResourceRecord& record)
{
  if (d_next == d_records.size()) {
    return false;
  }
  record = d_records[d_next++];
  return true;
}

DomainInfo PolicyZonesBackend::infoOf(const ZoneSettings& zone)
{
  DomainInfo info;
  info.zone = toDnsName(zone.name.wire());
  info.id = static_cast<uint32_t>(idOf(zone.name));
  info.serial = serialOf(zone, d_versions);
  info.kind = isPrimary() ? DomainInfo::Master : DomainInfo::Native;
  info.backend = this;
  return info;
}

bool PolicyZonesBackend::getDomainInfo(const DNSName& domain, DomainInfo& info, bool /* getSerial */)
{
  const WireBuffer name(domain);
  for (const auto& zone : d_policy.current().snapshot->policy().zones) {
    if (zone.name.wire() == name.name()) {
      info = infoOf(zone);
      return true;
    }
  }
  return false;
}

void PolicyZonesBackend::getAllDomains(std::vector<DomainInfo>* domains, bool /* getSerial */, bool /* includeDisabled */)
{
  for (const auto& zone : d_policy.current().snapshot->policy().zones) {
    domains->push_back(infoOf(zone));
  }
}

void warnOfZones(const Serving* before, const Serving& after)
{
  const auto hasZones = [](const Serving& serving) { return !serving.snapshot->policy().zones.empty(); };
  if (hasZones(after) && (before == nullptr || !hasZones(*before))) {
    g_log << Logger::Warning << "[caapolicy] the policy's `zones` are not served: they are for `launch=caapolicy`, without a wrapped backend" << endl;
  }
}

void updateZoneCache(const Serving* before, const Serving& after)
{
  const auto& zones = after.snapshot->policy().zones;
  for (const auto& zone : zones) {
    g_zoneCache.add(toDnsName(zone.name.wire()), idOf(zone.name));
  }
  if (before == nullptr) {
    return;
  }
  for (const auto& zone : before->snapshot->policy().zones) {
    if (std::none_of(zones.begin(), zones.end(), [&zone](const auto& kept) { return kept.name == zone.name; })) {
      g_zoneCache.remove(toDnsName(zone.name.wire()));
    }
  }
}

} // namespace caapolicy
