// SPDX-License-Identifier: GPL-2.0-or-later
//
// A backend whose zones' serials rise with what the policy changes (serials.hh), and that tells PowerDNS which of them are to be
// announced to secondaries. Who changes a zone, and who compares it with its primary, goes by the stored serials.
#pragma once

#include "plugin/forwarding.hh"
#include "plugin/policy_manager.hh"
#include "plugin/serials.hh"
#include "plugin/zone_facts.hh"

#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

namespace caapolicy {

class SerialBackend : public ForwardingBackend {
public:
  // `manager` outlives the backend. `raise`: serials are raised at all.
  SerialBackend(std::unique_ptr<DNSBackend> wrapped, PolicyManager& manager, bool raise);

  bool getSOA(const DNSName& name, SOAData& soa) override;
  bool getAuth(const DNSName& target, SOAData* soa) override;
  bool startTransaction(const DNSName& qname, int id) override;
  bool commitTransaction() override;
  bool abortTransaction() override;
  void getUnfreshSlaveInfos(std::vector<DomainInfo>* domains) override;
  void getUpdatedMasters(std::vector<DomainInfo>& domains, std::unordered_set<DNSName>& catalogs,
                         CatalogHashMap& catalogHashes) override;

protected:
  PolicyManager::Handle& serving() { return d_serving; }
  // What serving().current() gave last.
  const Serving& served() const { return d_serving.held(); }
  Zones& zones() { return d_zones; }
  PolicyManager& manager() { return d_manager; }

  // A zone is being changed through this backend.
  bool isChanging() const { return !d_transaction.empty(); }

  // Gives an SOA record that the wrapped backend gave the serial that is served, where that is known without asking the wrapped
  // backend, which can't be asked now. False: raise() it when all has been read.
  bool raiseNow(DNSZoneRecord& soa);
  void raise(DNSZoneRecord& soa);
  // Likewise for the zone of a record.
  void raiseIn(const Zone& zone, DNSZoneRecord& soa);

  // The serial that is stored: the one that was seen in the same second, or else the wrapped backend is asked. Nothing: no SOA record.
  std::optional<uint32_t> storedSerial(const Zone& zone);

private:
  bool raises() const { return d_raise && !isChanging() && !d_checksFreshness; }
  void raise(SOAData& soa);
  void raiseFrom(uint32_t stored, const Zone& zone, DNSZoneRecord& soa);
  void endTransaction();
  void addAltered(std::vector<DomainInfo>& domains);

  PolicyManager& d_manager;
  PolicyManager::Handle d_serving;
  Zones d_zones;
  Serials d_serials;
  const bool d_raise;
  DNSName d_transaction;         // the zone that is being changed; empty: none
  bool d_checksFreshness{false}; // of secondary zones, for PowerDNS's communicator
  Instant d_announced{0};        // all changes up to then have been announced to secondaries

  struct {
    int zoneId{-1};
    uint32_t serial{0};
    Instant when{0};
  } d_seen; // a stored serial
};

} // namespace caapolicy
