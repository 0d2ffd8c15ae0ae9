// SPDX-License-Identifier: GPL-2.0-or-later
//
// The backend that PowerDNS talks to. PowerDNS serves queries and zone transfers by get(DNSZoneRecord&): those see the
// synthesized zone. It manages zones (pdnsutil, API, DNS UPDATE) by get(DNSResourceRecord&): those see what is
// stored, so that nothing synthesized is ever written back.
//
// The records of the wrapped backend are handed on one by one; when they are at their end, placement.hh says what
// else the name carries. The policy is consulted only where it may have a say: not for a name that has what a client
// asks for, when that is not CAA. Such a query allocates nothing here.
#pragma once

#include "plugin/answer_log.hh"
#include "plugin/name_order.hh"
#include "plugin/repeated_lookup.hh"
#include "plugin/seen_names.hh"
#include "plugin/serial_backend.hh"
#include "plugin/zone_transfer.hh"

#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace caapolicy {

struct OverlaySettings {
  bool answerNonexistent{true}; // CAA queries for names that the zone lacks
  bool raiseSerials{true};      // so that secondaries see what the policy changes
  WrappedMaker makeWrapped;     // another one of the wrapped backend
};

class OverlayBackend : public SerialBackend {
public:
  // `manager` outlives the backend.
  OverlayBackend(std::unique_ptr<DNSBackend> wrapped, PolicyManager& manager, OverlaySettings settings);

  void lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet) override;
  bool list(const DNSName& target, int domainId, bool includeDisabled) override;
  bool listSubZone(const DNSName& zone, int domainId) override;
  bool get(DNSResourceRecord& record) override;
  bool get(DNSZoneRecord& record) override;
  bool getSOA(const DNSName& name, SOAData& soa) override;
  bool getAuth(const DNSName& target, SOAData* soa) override;
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
    uint16_t packetId{0};
    bool whole{false};    // all types at the name, or CAA: the policy may have something to add
    bool forCaa{false};   // the answer may show CAA records: to the client, in a bitmap, in a cache
    bool caaQuery{false}; // a client asked for CAA
    bool main{false};     // and for this very name
    DNSName client;        // the name that a CAA query is for, which may be answered from elsewhere
    ComboAddress resolver; // that sent it
  };

  // What the policy says of it, once consultPolicy() was called.
  struct Say {
    bool known{false};
    bool wildcard{false}; // `*.N`; then the view is N's
    bool ours{false};     // the policy may have something to say
    bool flattens{false}; // aliases are to be flattened
    Snapshot::View view;
    Snapshot::View clientView; // of the name that a CAA query is for
  };

  void begin();
  bool getStored(DNSZoneRecord& record);
  bool getListed(DNSZoneRecord& record);
  const Say& consultPolicy();
  bool hold(DNSZoneRecord& record);
  void synthesize();
  bool placeByPolicy(Instant now);
  void forget();
  bool getOne(DNSZoneRecord& record);
  bool isKnownEmpty(const DNSName& name, int zoneId) const;
  bool isOurs() const;
  bool mayBePlaced(Instant now);
  bool answersNonexistent() const;
  ZonePlacer placerFor(const Zone& zone, Instant now);
  ZonePlacer::Placed place(const ZonePlacer& placer);
  bool isGuarded(const ZonePlacer& placer, const DNSName& encloser) const;
  void emit(const Zone& zone, const ZonePlacer::Placed& placed, Instant now);
  void emitHeld(const Zone& zone, const Placement& placement);
  void emitCopies(const Zone& zone, const DNSName& encloser, bool withCaa);
  Lifetime lifetimeOf(Snapshot::Answer answer, bool exists, Instant now) const;
  void countAnswer(const Snapshot::Answer* answer);
  void recordDenial(const Snapshot::Answer* answer, bool exists, Instant now);
  DNSSECKeeper& keeper();
  void findHashed(const HashedZoneFor& wanted);
  void fitHashed(const Zone& zone, const DNSName& hash, const std::optional<DNSName>& known, DNSName& unhashed, DNSName& before,
                 DNSName& after);

  OverlaySettings d_settings;
  bool d_queryCache;       // PowerDNS may keep what a lookup gives for clients that ask for other types
  uint32_t d_cacheSeconds; // how long PowerDNS's caches hand out an answer with an unchanged TTL
  RecordWriter d_writer;
  std::unique_ptr<DNSSECKeeper> d_keeper; // made when it is first needed

  Question d_question;
  Say d_say;
  TypesAt d_types;                    // what the wrapped backend gave for it
  std::vector<DNSZoneRecord> d_held;  // CAA, empty non-terminal and flattened alias records of the wrapped zone
  std::optional<DNSZoneRecord> d_soa; // of the wrapped zone, to be given at the end with the serial that is served
  std::vector<DNSZoneRecord> d_extra; // to be given after the wrapped backend's
  size_t d_next{0};
  bool d_wrappedDone{true};

  // The client's query that the question is a part of.
  SeenNames d_seen;
  RepeatedLookup d_repeated;
  const DNSPacket* d_packet{nullptr}; // compared, never followed
  uint16_t d_packetId{0};
  uint16_t d_packetType{0};
  bool d_needsProofs{true}; // its client wants DNSSEC, or nobody is known who doesn't

  // Orders of hashes of the zone that a proof was last made for.
  struct {
    uint64_t policy{0}; // its number; 0: no proof yet
    Instant when{0};
    std::shared_ptr<const HashedListed> listed;
    std::shared_ptr<const HashedZone> stored;
  } d_hashed;

  bool d_listing{false}; // list() was called, not lookup()
  std::optional<Zone> d_listedZone;
  std::exception_ptr d_listFailure; // why d_listedZone could not be found
  std::unique_ptr<ZoneTransfer> d_transfer;

  AnswerLog d_log;
};

} // namespace caapolicy
