// SPDX-License-Identifier: GPL-2.0-or-later
//
// A backend that hands every call to another one, which it owns, and gives back what that one gave. Where a result
// names the backend that it came from it names this one, so that PowerDNS goes on talking to the wrapper.
//
// Every virtual function of DNSBackend is here, those with a default too: a default would bypass the wrapped backend's
// own. tests/build/forwards_everything.py fails when one is missing.
//
// As any backend: made and used by one thread, and never by two at once.
#pragma once

#include "plugin/pdns.hh"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace caapolicy {

class ForwardingBackend : public DNSBackend {
public:
  explicit ForwardingBackend(std::unique_ptr<DNSBackend> wrapped);

  // Questions. Records of the one asked last are read with get().
  void lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet) override;
  bool get(DNSResourceRecord& record) override;
  bool get(DNSZoneRecord& record) override;
  bool list(const DNSName& target, int domainId, bool includeDisabled) override;
  bool listSubZone(const DNSName& zone, int domainId) override;
  bool searchRecords(const std::string& pattern, int maxResults, std::vector<DNSResourceRecord>& result) override;
  bool searchComments(const std::string& pattern, int maxResults, std::vector<Comment>& result) override;

  // Zones.
  bool getSOA(const DNSName& name, SOAData& soa) override;
  bool getAuth(const DNSName& target, SOAData* soa) override;
  bool getDomainInfo(const DNSName& domain, DomainInfo& info, bool getSerial) override;
  void getAllDomains(std::vector<DomainInfo>* domains, bool getSerial, bool includeDisabled) override;
  bool createDomain(const DNSName& domain, DomainInfo::DomainKind kind, const std::vector<ComboAddress>& masters,
                    const std::string& account) override;
  bool deleteDomain(const DNSName& domain) override;
  bool setMasters(const DNSName& domain, const std::vector<ComboAddress>& masters) override;
  bool setKind(const DNSName& domain, DomainInfo::DomainKind kind) override;
  bool setOptions(const DNSName& domain, const std::string& options) override;
  bool setCatalog(const DNSName& domain, const DNSName& catalog) override;
  bool setAccount(const DNSName& domain, const std::string& account) override;
  bool getCatalogMembers(const DNSName& catalog, std::vector<CatalogInfo>& members,
                         CatalogInfo::CatalogType type) override;

  // Metadata, keys.
  bool getAllDomainMetadata(const DNSName& name, std::map<std::string, std::vector<std::string>>& meta) override;
  bool getDomainMetadata(const DNSName& name, const std::string& kind, std::vector<std::string>& meta) override;
  bool getDomainMetadataOne(const DNSName& name, const std::string& kind, std::string& value) override;
  bool setDomainMetadata(const DNSName& name, const std::string& kind, const std::vector<std::string>& meta) override;
  bool setDomainMetadataOne(const DNSName& name, const std::string& kind, const std::string& value) override;
  bool getDomainKeys(const DNSName& name, std::vector<KeyData>& keys) override;
  bool removeDomainKey(const DNSName& name, unsigned int id) override;
  bool addDomainKey(const DNSName& name, const KeyData& key, int64_t& id) override;
  bool activateDomainKey(const DNSName& name, unsigned int id) override;
  bool deactivateDomainKey(const DNSName& name, unsigned int id) override;
  bool publishDomainKey(const DNSName& name, unsigned int id) override;
  bool unpublishDomainKey(const DNSName& name, unsigned int id) override;
  bool setTSIGKey(const DNSName& name, const DNSName& algorithm, const std::string& content) override;
  bool getTSIGKey(const DNSName& name, DNSName& algorithm, std::string& content) override;
  bool getTSIGKeys(std::vector<TSIGKey>& keys) override;
  bool deleteTSIGKey(const DNSName& name) override;

  // Order of names, for denial of existence.
  bool doesDNSSEC() override;
  bool getBeforeAndAfterNamesAbsolute(uint32_t id, const DNSName& qname, DNSName& unhashed, DNSName& before,
                                      DNSName& after) override;
  bool getBeforeAndAfterNames(uint32_t id, const DNSName& zonename, const DNSName& qname, DNSName& before,
                              DNSName& after) override;
  bool updateDNSSECOrderNameAndAuth(uint32_t domainId, const DNSName& qname, const DNSName& ordername, bool auth,
                                    uint16_t qtype) override;
  bool updateEmptyNonTerminals(uint32_t domainId, std::set<DNSName>& insert, std::set<DNSName>& erase,
                               bool remove) override;

  // Changes to a zone.
  bool startTransaction(const DNSName& qname, int id) override;
  bool commitTransaction() override;
  bool abortTransaction() override;
  bool inTransaction() override;
  bool replaceRRSet(uint32_t domainId, const DNSName& qname, const QType& qtype,
                    const std::vector<DNSResourceRecord>& rrset) override;
  bool feedRecord(const DNSResourceRecord& record, const DNSName& ordername, bool ordernameIsNSEC3) override;
  bool feedEnts(int domainId, std::map<DNSName, bool>& nonterm) override;
  bool feedEnts3(int domainId, const DNSName& domain, std::map<DNSName, bool>& nonterm,
                 const NSEC3PARAMRecordContent& ns3prc, bool narrow) override;

  // Comments.
  bool listComments(uint32_t domainId) override;
  bool getComment(Comment& comment) override;
  void feedComment(const Comment& comment) override;
  bool replaceComments(uint32_t domainId, const DNSName& qname, const QType& qtype,
                       const std::vector<Comment>& comments) override;

  // Primaries and secondaries.
  void getUnfreshSlaveInfos(std::vector<DomainInfo>* domains) override;
  void getUpdatedMasters(std::vector<DomainInfo>& domains, std::unordered_set<DNSName>& catalogs,
                         CatalogHashMap& catalogHashes) override;
  void alsoNotifies(const DNSName& domain, std::set<std::string>* ips) override;
  void setStale(uint32_t domainId) override;
  void setFresh(uint32_t domainId) override;
  void setNotified(uint32_t id, uint32_t serial) override;
  bool superMasterAdd(const AutoPrimary& primary) override;
  bool autoPrimaryRemove(const AutoPrimary& primary) override;
  bool autoPrimariesList(std::vector<AutoPrimary>& primaries) override;
  bool superMasterBackend(const std::string& ip, const DNSName& domain, const std::vector<DNSResourceRecord>& nsset,
                          std::string* nameserver, std::string* account, DNSBackend** db) override;
  bool createSlaveDomain(const std::string& ip, const DNSName& domain, const std::string& nameserver,
                         const std::string& account) override;

  // Control.
  void reload() override;
  void rediscover(std::string* status) override;
  std::string directBackendCmd(const std::string& query) override;

protected:
  DNSBackend& wrapped() { return *d_wrapped; }

private:
  // The wrapped backend fills in itself, or nothing when it isn't live.
  void adopt(DNSBackend*& backend)
  {
    if (backend != nullptr) {
      backend = this;
    }
  }
  // A list may hold zones of other backends, asked before this one.
  void adopt(std::vector<DomainInfo>& domains);

  std::unique_ptr<DNSBackend> d_wrapped;
};

} // namespace caapolicy
