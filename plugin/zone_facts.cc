// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/zone_facts.hh"

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

void TypesAt::add(uint16_t type)
{
  any = true;
  ns = ns || type == QType::NS;
  cname = cname || type == QType::CNAME;
  dname = dname || type == QType::DNAME;
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
