// SPDX-License-Identifier: GPL-2.0-or-later
//
// The backend that PowerDNS talks to. PowerDNS serves queries and zone transfers by get(DNSZoneRecord&): those see the
// synthesized zone. It manages zones (pdnsutil, API, DNS UPDATE) by get(DNSResourceRecord&): those see what is
// stored, so that nothing synthesized is ever written back.
//
// The records of the wrapped backend are handed on one by one; when they are at their end, placement.hh says what
// else the name carries.
#pragma once

#include "plugin/forwarding.hh"
#include "plugin/name_order.hh"
#include "plugin/policy_manager.hh"
#include "plugin/serials.hh"
#include "plugin/zone_facts.hh"
#include "plugin/zone_transfer.hh"

#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace caapolicy {

struct OverlaySettings {
  bool answerNonexistent{true}; // CAA queries for names that the zone lacks
  bool raiseSerials{true};      // so that secondaries see what the policy changes
};

class OverlayBackend : public ForwardingBackend {
public:
  // `manager` outlives the backend.
  OverlayBackend(std::unique_ptr<DNSBackend> wrapped, PolicyManager& manager, OverlaySettings settings);

  void lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet) override;
  bool list(const DNSName& target, int domainId, bool includeDisabled) override;
  bool listSubZone(const DNSName& zone, int domainId) override;
  bool getSOA(const DNSName& name, SOAData& soa) override;
  bool getAuth(const DNSName& target, SOAData* soa) override;
  bool startTransaction(const DNSName& qname, int id) override;
  bool commitTransaction() override;
  bool abortTransaction() override;
  void getUnfreshSlaveInfos(std::vector<DomainInfo>* domains) override;
  void getUpdatedMasters(std::vector<DomainInfo>& domains, std::unordered_set<DNSName>& catalogs,
                         CatalogHashMap& catalogHashes) override;
  bool get(DNSResourceRecord& record) override;
  bool get(DNSZoneRecord& record) override;
  bool getBeforeAndAfterNames(uint32_t id, const DNSName& zonename, const DNSName& qname, DNSName& before, DNSName& after) override;
  bool getBeforeAndAfterNamesAbsolute(uint32_t id, const DNSName& qname, DNSName& unhashed, DNSName& before, DNSName& after) override;
  void reload() override;
  void rediscover(std::string* status) override;

private:
  // The question that is being read.
  struct Question {
    DNSName name;
    int zoneId{-1};
    uint16_t type{0};
    uint16_t clientType{0}; // 0: no client asks
    bool whole{false};    // all types at the name: the policy is yet to be consulted
    bool forCaa{false};   // the answer may show CAA records: to the client, in a bitmap, in a cache
    bool caaQuery{false}; // a client asked for CAA
    bool main{false};     // and for this very name
    uint16_t packetId{0};
    bool wildcard{false}; // `*.N`; then the view is N's
    bool ours{false};     // the policy may have something to say
    bool flattens{false}; // aliases are to be flattened
    Snapshot::View view;
    DNSName client; // the name that a CAA query is for, which may be answered from elsewhere
    Snapshot::View clientView;
    ComboAddress resolver; // that sent it
  };

  void begin();
  void consultPolicy();
  bool hold(const DNSZoneRecord& record);
  void synthesize();
  bool isOurs() const;
  bool mayBePlaced(Instant now);
  bool answersNonexistent() const;
  bool isGuarded(const ZonePlacer& placer, Instant now) const;
  Lifetime lifetimeOf(Snapshot::Answer answer, bool exists, Instant now) const;
  Placement place(const Zone& zone, Instant now);
  void emit(const Zone& zone, const Placement& placement, Instant now);
  void emitHeld(const Zone& zone, const Placement& placement);
  void emitCopies(const Zone& zone, bool withCaa);
  void countAnswer(const Snapshot::Answer* answer);
  void recordDenial(const Snapshot::Answer* answer, bool exists);
  void tellOfAlias() const;
  bool isRaised(const DNSRecord& record) const;
  bool raisesSerials() const;
  void raise(SOAData& soa);
  void endTransaction();
  void addAltered(std::vector<DomainInfo>& domains);
  bool getListed(DNSZoneRecord& record);
  DNSSECKeeper& keeper();
  std::shared_ptr<const HashedNames> hashedNames(int zoneId);

  PolicyManager& d_manager;
  OverlaySettings d_settings;
  PolicyManager::Handle d_serving;
  bool d_queryCache;       // PowerDNS may keep what a lookup gives for clients that ask for other types
  uint32_t d_cacheSeconds; // how long PowerDNS's caches hand out an answer with an unchanged TTL
  Zones d_zones;
  std::unique_ptr<DNSSECKeeper> d_keeper; // made when it is first needed

  Question d_question;
  TypesAt d_seen;                     // what the wrapped backend gave for it
  NameFacts d_facts;                  // of the name, when it was placed
  DNSName d_encloser;                 // closest existing ancestor of a name that is to carry copies
  std::vector<DNSZoneRecord> d_held;  // CAA, empty non-terminal and flattened alias records of the wrapped zone
  std::vector<DNSZoneRecord> d_extra; // to be given after the wrapped backend's
  size_t d_next{0};
  bool d_wrappedDone{true};

  bool d_listing{false}; // list() was called, not lookup()
  std::optional<Zone> d_listedZone;
  std::exception_ptr d_listFailure; // why d_listedZone could not be found
  std::unique_ptr<ZoneTransfer> d_transfer;

  Serials d_serials;
  std::optional<DNSZoneRecord> d_soa; // of the wrapped zone, to be given at the end with the serial that is served
  DNSName d_transaction;              // the zone that is being changed; empty: none
  bool d_checksFreshness{false};      // of secondary zones, for PowerDNS's communicator
  Instant d_announced{0};             // all changes up to then have been announced to secondaries

  uint16_t d_countedId{0};
  DNSName d_countedName;
  uint16_t d_deniedId{0};
  DNSName d_deniedName;
};

} // namespace caapolicy
