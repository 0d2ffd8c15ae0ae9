// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_facts.hh"

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

uint16_t servedType(const DNSRecord& record)
{
  if (record.d_type == QType::LUA && pdns::contentOf(record)->getZoneRepresentation().rfind("CAA ", 0) == 0) {
    return QType::CAA;
  }
  return record.d_type;
}

void TypesAt::add(uint16_t type)
{
  any = true;
  ns = ns || type == QType::NS;
  cname = cname || type == QType::CNAME;
  // Otherwise it is a record like any other. pdnsutil has no such setting.
  static const bool followed = ::arg().parmIsset("dname-processing") && ::arg().mustDo("dname-processing");
  dname = dname || (type == QType::DNAME && followed);
  caa = caa || type == QType::CAA;
}

const Zone* Zones::find(DNSBackend& wrapped, const DNSName& name, int id)
{
  const time_t now = time(nullptr);
  if (id >= 0) {
    const auto known = d_byId.find(id);
    if (known != d_byId.end() && now < known->second.until && name.isPartOf(known->second.zone.apex)) {
      return &known->second.zone;
    }
  }
  SOAData soa;
  DNSName apex(name);
  while (!(wrapped.getSOA(apex, soa) && (id < 0 || soa.domain_id == id))) {
    if (!apex.chopOff()) {
      return nullptr;
    }
  }
  Zone zone{apex, static_cast<int>(soa.domain_id), false};
  std::string presigned;
  DomainInfo info;
  zone.untouched = (wrapped.getDomainMetadataOne(apex, "PRESIGNED", presigned) && presigned == "1")
    || (wrapped.getDomainInfo(apex, info, false) && info.isCatalogType());
  auto& known = d_byId[zone.id];
  known = {std::move(zone), now + ::arg().asNum("domain-metadata-cache-ttl", 60)};
  return &known.zone;
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

Surroundings surroundingsOf(const TypesLookup& lookup, const DNSName& apex, const DNSName& name, const TypesAt& at)
{
  Surroundings found;
  auto& facts = found.facts;
  facts.exists = at.any;
  facts.storedCaa = at.caa;
  facts.cname = at.cname;
  facts.dname = at.dname;
  facts.occluded = at.ns && name != apex;

  DNSName ancestor(name);
  while (!facts.occluded && ancestor != apex && ancestor.chopOff()) {
    const bool isApex = ancestor == apex;
    if (isApex && facts.exists) {
      break; // its NS are no cut, and what exists below a DNAME is served as it is
    }
    const TypesAt above = lookup(ancestor);
    facts.occluded = (above.ns && !isApex) || (above.dname && !facts.exists);
    if (above.any && found.encloser.empty()) {
      found.encloser = ancestor;
    }
  }
  if (facts.exists || facts.occluded) {
    return found;
  }
  if (found.encloser.empty()) {
    found.encloser = apex;
  }
  if (const auto wildcard = wildcardBelow(found.encloser)) {
    const WildcardFacts star = lookup(*wildcard).asWildcard();
    facts.covered = star.exists;
    facts.redirected = star.redirects;
  }
  return found;
}

} // namespace caapolicy
