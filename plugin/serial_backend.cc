// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/serial_backend.hh"

#include <algorithm>

namespace caapolicy {

SerialBackend::SerialBackend(std::unique_ptr<DNSBackend> wrapped, PolicyManager& manager, bool raise) :
  ForwardingBackend(std::move(wrapped)), d_manager(manager), d_serving(manager), d_serials(manager), d_raise(raise)
{
}

bool SerialBackend::raiseNow(DNSZoneRecord& soa)
{
  d_seen = {static_cast<int>(soa.domain_id), serialOf(soa), time(nullptr)};
  if (d_checksFreshness) {
    soa.scopeMask = 1; // not for the query cache: the stored serial isn't the one that is served
  }
  if (!raises()) {
    return true;
  }
  const Zone* zone = d_zones.known(d_seen.zoneId, d_seen.when);
  if (zone == nullptr || !sameName(zone->apex, soa.dr.d_name)) {
    return false;
  }
  raiseFrom(d_seen.serial, *zone, soa);
  return true;
}

void SerialBackend::raise(DNSZoneRecord& soa)
{
  const Zone* zone = d_zones.find(wrapped(), soa.dr.d_name, static_cast<int>(soa.domain_id));
  if (zone != nullptr && zone->apex == soa.dr.d_name) {
    raiseIn(*zone, soa);
  }
}

void SerialBackend::raiseIn(const Zone& zone, DNSZoneRecord& soa)
{
  if (raises()) {
    raiseFrom(serialOf(soa), zone, soa);
  }
}

void SerialBackend::raiseFrom(uint32_t stored, const Zone& zone, DNSZoneRecord& soa)
{
  const uint32_t served = d_serials.served(zone, d_serving.current(), stored);
  if (served != stored) {
    setSerial(soa, served);
  }
  soa.scopeMask = zone.secondary ? 1 : soa.scopeMask; // see getUnfreshSlaveInfos()
}

void SerialBackend::raise(SOAData& soa)
{
  d_seen = {static_cast<int>(soa.domain_id), soa.serial, time(nullptr)};
  if (!raises()) {
    return;
  }
  const Zone* zone = d_zones.find(wrapped(), soa.qname, static_cast<int>(soa.domain_id));
  if (zone != nullptr && zone->apex == soa.qname) {
    soa.serial = d_serials.served(*zone, d_serving.current(), soa.serial);
  }
}

std::optional<uint32_t> SerialBackend::storedSerial(const Zone& zone)
{
  if (d_seen.zoneId == zone.id && d_seen.when == time(nullptr)) {
    return d_seen.serial;
  }
  SOAData soa;
  return wrapped().getSOA(zone.apex, soa) ? std::optional(soa.serial) : std::nullopt;
}

bool SerialBackend::getSOA(const DNSName& name, SOAData& soa)
{
  if (!ForwardingBackend::getSOA(name, soa)) {
    return false;
  }
  raise(soa);
  return true;
}

bool SerialBackend::getAuth(const DNSName& target, SOAData* soa)
{
  if (!ForwardingBackend::getAuth(target, soa)) {
    return false;
  }
  if (soa != nullptr) {
    raise(*soa);
  }
  return true;
}

// The HTTP API and DNS UPDATE read the SOA within the transaction that writes it with a higher serial, and transfers read
// it in none: so nothing but the stored serial is ever raised and written.
bool SerialBackend::startTransaction(const DNSName& qname, int id)
{
  if (!ForwardingBackend::startTransaction(qname, id)) {
    return false;
  }
  d_transaction = qname;
  return true;
}

bool SerialBackend::commitTransaction()
{
  const bool done = ForwardingBackend::commitTransaction();
  endTransaction();
  return done;
}

bool SerialBackend::abortTransaction()
{
  const bool done = ForwardingBackend::abortTransaction();
  endTransaction();
  return done;
}

// PowerDNS may have put the stored SOA into its query cache.
void SerialBackend::endTransaction()
{
  if (d_raise && !d_transaction.empty()) {
    purgeAuthCachesExact(d_transaction);
  }
  d_transaction.clear();
}

// PowerDNS's communicator asks for this first, and then looks up the SOA records of zones of kind secondary on the same
// instance, which serves nobody, to compare their serials with those of the primaries: what was raised would never be older.
// That lookup is like those that serve, and looks into the query cache, so that these SOA records are kept out of it.
void SerialBackend::getUnfreshSlaveInfos(std::vector<DomainInfo>* domains)
{
  d_checksFreshness = true;
  ForwardingBackend::getUnfreshSlaveInfos(domains);
}

// The wrapped backend knows of the serials that are stored, and of those only.
void SerialBackend::getUpdatedMasters(std::vector<DomainInfo>& domains, std::unordered_set<DNSName>& catalogs,
                                       CatalogHashMap& catalogHashes)
{
  ForwardingBackend::getUpdatedMasters(domains, catalogs, catalogHashes);
  const Instant latest = d_manager.versions().latest(); // before looking: what comes meanwhile is for the next time
  if (latest == d_announced) {
    return;
  }
  try {
    addAltered(domains);
    d_announced = latest;
  }
  catch (const PDNSException& error) {
    g_log << Logger::Error << "[caapolicy] secondaries can't be told of changes now: " << error.reason << endl;
  }
}

void SerialBackend::addAltered(std::vector<DomainInfo>& domains)
{
  std::vector<DomainInfo> all;
  wrapped().getAllDomains(&all, false, false);
  for (const auto& found : all) {
    const bool listed = std::any_of(domains.begin(), domains.end(),
                                    [&](const DomainInfo& other) { return other.zone == found.zone; });
    if (found.kind != DomainInfo::Master || listed) {
      continue;
    }
    const Zone* zone = d_zones.find(wrapped(), found.zone, static_cast<int>(found.id));
    DomainInfo info; // with the stored serial, which PowerDNS says to have been announced
    if (zone != nullptr && zone->apex == found.zone && d_serials.version(*zone, d_serving.current()) > d_announced
        && ForwardingBackend::getDomainInfo(found.zone, info, true)) {
      domains.push_back(info);
    }
  }
}

} // namespace caapolicy
