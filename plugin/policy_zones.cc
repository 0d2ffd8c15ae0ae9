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

DNSZoneRecord recordOf(const DNSName& zone, int id, uint16_t type, const std::string& content)
{
  DNSZoneRecord record;
  record.dr.d_name = zone;
  record.dr.d_type = type;
  record.dr.d_ttl = kTtl;
  pdns::setContent(record.dr, pdns::makeContent(type, content));
  record.domain_id = id;
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

// Called for each query: looks into the policy only when that is another one.
void PolicyZonesBackend::follow()
{
  const Instant latest = d_versions.latest(); // first: what comes meanwhile is found the next time
  const Serving& serving = d_policy.current();
  if (serving.number == d_followed && latest == d_latest) {
    return;
  }
  d_zones.clear();
  for (const auto& zone : serving.snapshot->policy().zones) {
    d_zones.try_emplace(zone.name.wire(), Zone{&zone, idOf(zone.name), {}});
  }
  d_given = nullptr;
  d_followed = serving.number;
  d_latest = latest;
}

PolicyZonesBackend::Zone* PolicyZonesBackend::find(const DNSName& apex)
{
  follow();
  const auto found = d_zones.find(WireBuffer(apex).name());
  return found == d_zones.end() ? nullptr : &found->second;
}

void PolicyZonesBackend::lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* /* packet */)
{
  Zone* zone = find(qdomain);
  d_given = zone != nullptr && (zoneId < 0 || zone->id == zoneId) ? zone : nullptr;
  d_type = qtype.getCode();
  d_next = 0;
  if (d_given == nullptr || !d_given->records.empty()) {
    return;
  }
  const DNSName apex = toDnsName(d_given->settings->name.wire());
  d_given->records.push_back(recordOf(apex, d_given->id, QType::SOA, soaOf(*d_given->settings, serialOf(*d_given->settings, d_versions))));
  for (const auto& nameserver : d_given->settings->nameservers) {
    d_given->records.push_back(recordOf(apex, d_given->id, QType::NS, nameserver.toText()));
  }
}

bool PolicyZonesBackend::list(const DNSName& target, int domainId, bool /* includeDisabled */)
{
  lookup(QType(QType::ANY), target, domainId, nullptr);
  return d_given != nullptr;
}

bool PolicyZonesBackend::get(DNSZoneRecord& record)
{
  for (; d_given != nullptr && d_next < d_given->records.size(); ++d_next) {
    if (d_type == QType::ANY || d_type == d_given->records[d_next].dr.d_type) {
      record = d_given->records[d_next++];
      return true;
    }
  }
  return false;
}

bool PolicyZonesBackend::get(DNSResourceRecord& record)
{
  DNSZoneRecord found;
  if (!get(found)) {
    return false;
  }
  record.qname = found.dr.d_name;
  record.qtype = QType(found.dr.d_type);
  record.content = pdns::contentOf(found.dr)->getZoneRepresentation();
  record.ttl = found.dr.d_ttl;
  record.domain_id = found.domain_id;
  record.auth = true;
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
  const Zone* zone = find(domain);
  if (zone == nullptr) {
    return false;
  }
  info = infoOf(*zone->settings);
  return true;
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
