// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_facts.hh"

#include "plugin/policy_zones.hh"

#include <algorithm>

namespace caapolicy {

WireBuffer::WireBuffer(const DNSName& name) : d_size(name.getStorage().size())
{
  const auto& bytes = name.getStorage();
  for (size_t i = 0; i < d_size; ++i) {
    d_bytes[i] = static_cast<char>(dns_tolower(static_cast<unsigned char>(bytes[i])));
  }
  if (d_size == 0) { // an empty DNSName is no name; here it is the root, of which no policy speaks
    d_bytes[d_size++] = '\0';
  }
}

DNSName toDnsName(WireName name) { return {name.data(), static_cast<int>(name.size()), 0, false}; }

namespace {

// LUA records: the type that they make, a space, the code.
bool isLuaOf(const DNSRecord& record, const char* type)
{
  return record.d_type == QType::LUA && pdns::contentOf(record)->getZoneRepresentation().rfind(type, 0) == 0;
}

// Without it a DNAME is a record like any other here. pdnsutil has no such settings.
bool followsDname()
{
  static const bool followed = ::arg().parmIsset("dname-processing") && ::arg().mustDo("dname-processing");
  return followed;
}

bool runsLua(DNSBackend& wrapped, const DNSName& apex)
{
  static const bool always = ::arg().parmIsset("enable-lua-records") && !::arg()["enable-lua-records"].empty()
    && ::arg()["enable-lua-records"] != "no";
  std::string enabled;
  return always || (wrapped.getDomainMetadataOne(apex, "ENABLE-LUA-RECORDS", enabled) && enabled == "1");
}

// As DNSSECKeeper::getSoaEdit() has it, asking one backend.
std::string soaEditOf(DNSBackend& wrapped, const DNSName& apex)
{
  std::string kind;
  if (wrapped.getDomainMetadataOne(apex, "SOA-EDIT", kind) && !kind.empty()) {
    return kind;
  }
  const auto setting = [](const char* name) { return ::arg().parmIsset(name) ? ::arg()[name] : std::string(); };
  static const std::string forSigned = setting("default-soa-edit-signed");
  static const std::string forAll = setting("default-soa-edit");
  std::vector<DNSBackend::KeyData> keys;
  if (!forSigned.empty() && wrapped.getDomainKeys(apex, keys)
      && std::any_of(keys.begin(), keys.end(), [](const auto& key) { return key.active; })) {
    return forSigned;
  }
  return forAll;
}

// With several backends the zone that a name is in may be another one's, which PowerDNS knows.
bool isInDeeperZone(const DNSName& name, const DNSName& apex)
{
  static const bool several = BackendMakers().numLauncheable() > 1;
  if (!several || !g_zoneCache.isEnabled()) {
    return false;
  }
  int id = 0;
  for (DNSName at(name); at != apex; at.chopOff()) {
    if (g_zoneCache.getEntry(at, id)) {
      return true;
    }
  }
  return false;
}

} // namespace

bool isCaa(const DNSRecord& record) { return record.d_type == QType::CAA || isLuaOf(record, "CAA "); }

void TypesAt::add(const DNSZoneRecord& found)
{
  const DNSRecord& record = found.dr;
  any = true;
  auth = auth || found.auth;
  switch (record.d_type) {
  case QType::NS:
    ns = true;
    break;
  case QType::CNAME:
    cname = true;
    break;
  case QType::DNAME:
    dname = true;
    break;
  case QType::CAA:
    caa = true;
    break;
  case QType::LUA:
    caa = caa || isLuaOf(record, "CAA ");
    luaCname = luaCname || isLuaOf(record, "CNAME ");
    break;
  default:
    break;
  }
}

const Zone* Zones::known(int id, Instant now) const
{
  const auto known = d_byId.find(id);
  return known != d_byId.end() && now < known->second.until ? &known->second.zone : nullptr;
}

const Zone* Zones::find(DNSBackend& wrapped, const DNSName& name, int id)
{
  d_lost = false;
  if (id >= 0) {
    const Zone* const zone = known(id, time(nullptr));
    if (zone != nullptr && name.isPartOf(zone->apex)) {
      return isInDeeperZone(name, zone->apex) ? nullptr : zone;
    }
  }
  SOAData soa;
  DNSName apex(name);
  while (!(wrapped.getSOA(apex, soa) && (id < 0 || soa.domain_id == id))) {
    if (!apex.chopOff()) {
      d_lost = true;
      return nullptr;
    }
  }
  Zone zone{apex, static_cast<int>(soa.domain_id), false, runsLua(wrapped, apex), soaEditOf(wrapped, apex), false, false};
  std::string presigned;
  DomainInfo info;
  zone.untouched = (wrapped.getDomainMetadataOne(apex, "PRESIGNED", presigned) && presigned == "1")
    || (wrapped.getDomainInfo(apex, info, false) && info.isCatalogType());
  zone.secondary = info.kind == DomainInfo::Slave;
  zone.ofPolicy = dynamic_cast<PolicyZonesBackend*>(&wrapped) != nullptr;
  zone.marksCuts = wrapped.getPrefix().rfind("bind", 0) == 0;
  zone.aliasedApex = typesAt(wrapped, apex, zone.id).aliased(zone);
  auto& known = d_byId[zone.id];
  known = {std::move(zone), time(nullptr) + ::arg().asNum("domain-metadata-cache-ttl", 60)};
  return isInDeeperZone(name, known.zone.apex) ? nullptr : &known.zone;
}

const Zone* Zones::findById(DNSBackend& wrapped, int id)
{
  if (const auto known = d_byId.find(id); known != d_byId.end()) {
    return find(wrapped, known->second.zone.apex, id);
  }
  std::vector<DomainInfo> domains;
  wrapped.getAllDomains(&domains, false, true);
  const auto found = std::find_if(domains.begin(), domains.end(), [id](const DomainInfo& info) { return static_cast<int>(info.id) == id; });
  return found == domains.end() ? nullptr : find(wrapped, found->zone, id);
}

std::optional<DNSName> wildcardBelow(const DNSName& name)
{
  if (name.wirelength() + 2 > kMaxNameLength) {
    return std::nullopt;
  }
  return g_wildcarddnsname + name;
}

Surroundings surroundingsOf(const TypesLookup& lookup, const Zone& zone, const DNSName& name, const TypesAt& at)
{
  Surroundings found;
  auto& facts = found.facts;
  facts.exists = at.any;
  facts.storedCaa = at.caa;
  facts.cname = at.aliased(zone);
  facts.storedCname = at.cname;
  facts.dname = at.dname && followsDname();
  const size_t apexLength = zone.apex.wirelength(); // of the name and those above it, the apex alone is as long
  facts.occluded = at.ns && name.wirelength() != apexLength;
  const bool isSeenAbove = facts.exists && at.auth && zone.marksCuts;
  if (facts.occluded || isSeenAbove || name.wirelength() <= apexLength) {
    return found;
  }
  if (zone.ofPolicy) {
    found.encloser = zone.apex;
    return found;
  }
  DNSName ancestor(name);
  while (!facts.occluded && ancestor.wirelength() > apexLength && ancestor.chopOff()) {
    const bool isApex = ancestor.wirelength() == apexLength;
    if (isApex && (facts.exists || !followsDname())) {
      break; // its NS are no cut, and what exists below a DNAME is served as it is
    }
    const TypesAt above = lookup(ancestor);
    facts.occluded = (above.ns && !isApex) || (above.dname && followsDname() && !facts.exists);
    if (above.any && found.encloser.empty()) {
      found.encloser = ancestor;
    }
  }
  if (facts.exists || facts.occluded) {
    return found;
  }
  if (found.encloser.empty()) {
    found.encloser = zone.apex;
  }
  if (const auto wildcard = wildcardBelow(found.encloser)) {
    const WildcardFacts star = lookup(*wildcard).asWildcard(zone);
    facts.covered = star.exists;
    facts.redirected = star.redirects;
  }
  return found;
}

} // namespace caapolicy
