// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/forwarding.hh"

namespace caapolicy {

ForwardingBackend::ForwardingBackend(std::unique_ptr<DNSBackend> wrapped) : d_wrapped(std::move(wrapped))
{
  // PowerDNS names a backend by its prefix in messages: these are to read as they do without the wrapper.
  setArgPrefix(d_wrapped->getPrefix());
}

void ForwardingBackend::adopt(std::vector<DomainInfo>& domains)
{
  for (auto& info : domains) {
    if (info.backend == d_wrapped.get()) {
      info.backend = this;
    }
  }
}

void ForwardingBackend::lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet)
{
  d_wrapped->lookup(qtype, qdomain, zoneId, packet);
}

bool ForwardingBackend::get(DNSResourceRecord& record)
{
  return d_wrapped->get(record);
}

bool ForwardingBackend::get(DNSZoneRecord& record)
{
  return d_wrapped->get(record);
}

bool ForwardingBackend::list(const DNSName& target, int domainId, bool includeDisabled)
{
  return d_wrapped->list(target, domainId, includeDisabled);
}

bool ForwardingBackend::listSubZone(const DNSName& zone, int domainId)
{
  return d_wrapped->listSubZone(zone, domainId);
}

bool ForwardingBackend::searchRecords(const std::string& pattern, int maxResults,
                                      std::vector<DNSResourceRecord>& result)
{
  return d_wrapped->searchRecords(pattern, maxResults, result);
}

bool ForwardingBackend::searchComments(const std::string& pattern, int maxResults, std::vector<Comment>& result)
{
  return d_wrapped->searchComments(pattern, maxResults, result);
}

bool ForwardingBackend::getSOA(const DNSName& name, SOAData& soa)
{
  if (!d_wrapped->getSOA(name, soa)) {
    return false;
  }
  adopt(soa.db);
  return true;
}

bool ForwardingBackend::getAuth(const DNSName& target, SOAData* soa)
{
  if (!d_wrapped->getAuth(target, soa)) {
    return false;
  }
  if (soa != nullptr) {
    adopt(soa->db);
  }
  return true;
}

bool ForwardingBackend::getDomainInfo(const DNSName& domain, DomainInfo& info, bool getSerial)
{
  if (!d_wrapped->getDomainInfo(domain, info, getSerial)) {
    return false;
  }
  adopt(info.backend);
  return true;
}

void ForwardingBackend::getAllDomains(std::vector<DomainInfo>* domains, bool getSerial, bool includeDisabled)
{
  d_wrapped->getAllDomains(domains, getSerial, includeDisabled);
  adopt(*domains);
}

bool ForwardingBackend::createDomain(const DNSName& domain, DomainInfo::DomainKind kind,
                                     const std::vector<ComboAddress>& masters, const std::string& account)
{
  return d_wrapped->createDomain(domain, kind, masters, account);
}

bool ForwardingBackend::deleteDomain(const DNSName& domain)
{
  return d_wrapped->deleteDomain(domain);
}

bool ForwardingBackend::setMasters(const DNSName& domain, const std::vector<ComboAddress>& masters)
{
  return d_wrapped->setMasters(domain, masters);
}

bool ForwardingBackend::setKind(const DNSName& domain, DomainInfo::DomainKind kind)
{
  return d_wrapped->setKind(domain, kind);
}

bool ForwardingBackend::setOptions(const DNSName& domain, const std::string& options)
{
  return d_wrapped->setOptions(domain, options);
}

bool ForwardingBackend::setCatalog(const DNSName& domain, const DNSName& catalog)
{
  return d_wrapped->setCatalog(domain, catalog);
}

bool ForwardingBackend::setAccount(const DNSName& domain, const std::string& account)
{
  return d_wrapped->setAccount(domain, account);
}

bool ForwardingBackend::getCatalogMembers(const DNSName& catalog, std::vector<CatalogInfo>& members,
                                          CatalogInfo::CatalogType type)
{
  return d_wrapped->getCatalogMembers(catalog, members, type);
}

bool ForwardingBackend::getAllDomainMetadata(const DNSName& name, std::map<std::string, std::vector<std::string>>& meta)
{
  return d_wrapped->getAllDomainMetadata(name, meta);
}

bool ForwardingBackend::getDomainMetadata(const DNSName& name, const std::string& kind, std::vector<std::string>& meta)
{
  return d_wrapped->getDomainMetadata(name, kind, meta);
}

bool ForwardingBackend::getDomainMetadataOne(const DNSName& name, const std::string& kind, std::string& value)
{
  return d_wrapped->getDomainMetadataOne(name, kind, value);
}

bool ForwardingBackend::setDomainMetadata(const DNSName& name, const std::string& kind,
                                          const std::vector<std::string>& meta)
{
  return d_wrapped->setDomainMetadata(name, kind, meta);
}

bool ForwardingBackend::setDomainMetadataOne(const DNSName& name, const std::string& kind, const std::string& value)
{
  return d_wrapped->setDomainMetadataOne(name, kind, value);
}

bool ForwardingBackend::getDomainKeys(const DNSName& name, std::vector<KeyData>& keys)
{
  return d_wrapped->getDomainKeys(name, keys);
}

bool ForwardingBackend::removeDomainKey(const DNSName& name, unsigned int id)
{
  return d_wrapped->removeDomainKey(name, id);
}

bool ForwardingBackend::addDomainKey(const DNSName& name, const KeyData& key, int64_t& id)
{
  return d_wrapped->addDomainKey(name, key, id);
}

bool ForwardingBackend::activateDomainKey(const DNSName& name, unsigned int id)
{
  return d_wrapped->activateDomainKey(name, id);
}

bool ForwardingBackend::deactivateDomainKey(const DNSName& name, unsigned int id)
{
  return d_wrapped->deactivateDomainKey(name, id);
}

bool ForwardingBackend::publishDomainKey(const DNSName& name, unsigned int id)
{
  return d_wrapped->publishDomainKey(name, id);
}

bool ForwardingBackend::unpublishDomainKey(const DNSName& name, unsigned int id)
{
  return d_wrapped->unpublishDomainKey(name, id);
}

bool ForwardingBackend::setTSIGKey(const DNSName& name, const DNSName& algorithm, const std::string& content)
{
  return d_wrapped->setTSIGKey(name, algorithm, content);
}

bool ForwardingBackend::getTSIGKey(const DNSName& name, DNSName& algorithm, std::string& content)
{
  return d_wrapped->getTSIGKey(name, algorithm, content);
}

bool ForwardingBackend::getTSIGKeys(std::vector<TSIGKey>& keys)
{
  return d_wrapped->getTSIGKeys(keys);
}

bool ForwardingBackend::deleteTSIGKey(const DNSName& name)
{
  return d_wrapped->deleteTSIGKey(name);
}

bool ForwardingBackend::doesDNSSEC()
{
  return d_wrapped->doesDNSSEC();
}

bool ForwardingBackend::getBeforeAndAfterNamesAbsolute(uint32_t id, const DNSName& qname, DNSName& unhashed,
                                                       DNSName& before, DNSName& after)
{
  return d_wrapped->getBeforeAndAfterNamesAbsolute(id, qname, unhashed, before, after);
}

bool ForwardingBackend::getBeforeAndAfterNames(uint32_t id, const DNSName& zonename, const DNSName& qname,
                                               DNSName& before, DNSName& after)
{
  return d_wrapped->getBeforeAndAfterNames(id, zonename, qname, before, after);
}

bool ForwardingBackend::updateDNSSECOrderNameAndAuth(uint32_t domainId, const DNSName& qname,
                                                     const DNSName& ordername, bool auth, uint16_t qtype)
{
  return d_wrapped->updateDNSSECOrderNameAndAuth(domainId, qname, ordername, auth, qtype);
}

bool ForwardingBackend::updateEmptyNonTerminals(uint32_t domainId, std::set<DNSName>& insert,
                                                std::set<DNSName>& erase, bool remove)
{
  return d_wrapped->updateEmptyNonTerminals(domainId, insert, erase, remove);
}

bool ForwardingBackend::startTransaction(const DNSName& qname, int id)
{
  return d_wrapped->startTransaction(qname, id);
}

bool ForwardingBackend::commitTransaction()
{
  return d_wrapped->commitTransaction();
}

bool ForwardingBackend::abortTransaction()
{
  return d_wrapped->abortTransaction();
}

bool ForwardingBackend::inTransaction()
{
  return d_wrapped->inTransaction();
}

bool ForwardingBackend::replaceRRSet(uint32_t domainId, const DNSName& qname, const QType& qtype,
                                     const std::vector<DNSResourceRecord>& rrset)
{
  return d_wrapped->replaceRRSet(domainId, qname, qtype, rrset);
}

bool ForwardingBackend::feedRecord(const DNSResourceRecord& record, const DNSName& ordername, bool ordernameIsNSEC3)
{
  return d_wrapped->feedRecord(record, ordername, ordernameIsNSEC3);
}

bool ForwardingBackend::feedEnts(int domainId, std::map<DNSName, bool>& nonterm)
{
  return d_wrapped->feedEnts(domainId, nonterm);
}

bool ForwardingBackend::feedEnts3(int domainId, const DNSName& domain, std::map<DNSName, bool>& nonterm,
                                  const NSEC3PARAMRecordContent& ns3prc, bool narrow)
{
  return d_wrapped->feedEnts3(domainId, domain, nonterm, ns3prc, narrow);
}

bool ForwardingBackend::listComments(uint32_t domainId)
{
  return d_wrapped->listComments(domainId);
}

bool ForwardingBackend::getComment(Comment& comment)
{
  return d_wrapped->getComment(comment);
}

void ForwardingBackend::feedComment(const Comment& comment)
{
  d_wrapped->feedComment(comment);
}

bool ForwardingBackend::replaceComments(uint32_t domainId, const DNSName& qname, const QType& qtype,
                                        const std::vector<Comment>& comments)
{
  return d_wrapped->replaceComments(domainId, qname, qtype, comments);
}

void ForwardingBackend::getUnfreshSlaveInfos(std::vector<DomainInfo>* domains)
{
  d_wrapped->getUnfreshSlaveInfos(domains);
  adopt(*domains);
}

void ForwardingBackend::getUpdatedMasters(std::vector<DomainInfo>& domains, std::unordered_set<DNSName>& catalogs,
                                          CatalogHashMap& catalogHashes)
{
  d_wrapped->getUpdatedMasters(domains, catalogs, catalogHashes);
  adopt(domains);
}

void ForwardingBackend::alsoNotifies(const DNSName& domain, std::set<std::string>* ips)
{
  d_wrapped->alsoNotifies(domain, ips);
}

void ForwardingBackend::setStale(uint32_t domainId)
{
  d_wrapped->setStale(domainId);
}

void ForwardingBackend::setFresh(uint32_t domainId)
{
  d_wrapped->setFresh(domainId);
}

void ForwardingBackend::setNotified(uint32_t id, uint32_t serial)
{
  d_wrapped->setNotified(id, serial);
}

bool ForwardingBackend::superMasterAdd(const AutoPrimary& primary)
{
  return d_wrapped->superMasterAdd(primary);
}

bool ForwardingBackend::autoPrimaryRemove(const AutoPrimary& primary)
{
  return d_wrapped->autoPrimaryRemove(primary);
}

bool ForwardingBackend::autoPrimariesList(std::vector<AutoPrimary>& primaries)
{
  return d_wrapped->autoPrimariesList(primaries);
}

bool ForwardingBackend::superMasterBackend(const std::string& ip, const DNSName& domain,
                                           const std::vector<DNSResourceRecord>& nsset, std::string* nameserver,
                                           std::string* account, DNSBackend** db)
{
  if (!d_wrapped->superMasterBackend(ip, domain, nsset, nameserver, account, db)) {
    return false;
  }
  adopt(*db);
  return true;
}

bool ForwardingBackend::createSlaveDomain(const std::string& ip, const DNSName& domain, const std::string& nameserver,
                                          const std::string& account)
{
  return d_wrapped->createSlaveDomain(ip, domain, nameserver, account);
}

void ForwardingBackend::reload()
{
  d_wrapped->reload();
}

void ForwardingBackend::rediscover(std::string* status)
{
  d_wrapped->rediscover(status);
}

std::string ForwardingBackend::directBackendCmd(const std::string& query)
{
  return d_wrapped->directBackendCmd(query);
}

} // namespace caapolicy
