// SPDX-License-Identifier: GPL-2.0-or-later
//
// The zones that a policy names itself, as a backend: what is wrapped with `launch=caapolicy`. Each has an SOA and
// NS records, nothing else; the overlay adds the CAA. So any name server can send the CAA queries here.
//
// As any backend: made and used by one thread.
#pragma once

#include "plugin/policy_manager.hh"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace caapolicy {

class PolicyZonesBackend : public DNSBackend {
public:
  explicit PolicyZonesBackend(PolicyManager& manager) : d_policy(manager), d_versions(manager.versions()) {}

  void lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet) override;
  bool list(const DNSName& target, int domainId, bool includeDisabled) override;
  bool get(DNSResourceRecord& record) override;
  bool get(DNSZoneRecord& record) override;
  bool getDomainInfo(const DNSName& domain, DomainInfo& info, bool getSerial) override;
  void getAllDomains(std::vector<DomainInfo>* domains, bool getSerial, bool includeDisabled) override;

private:
  struct Zone {
    const ZoneSettings* settings; // in the policy that is followed
    int id;
    std::vector<DNSZoneRecord> records; // SOA and NS; empty: not made yet
  };

  void follow();
  Zone* find(const DNSName& apex);
  DomainInfo infoOf(const ZoneSettings& zone);

  PolicyManager::Handle d_policy;
  const ZoneVersions& d_versions;

  uint64_t d_followed{0}; // the number of the policy that d_zones is of, and
  Instant d_latest{0};    // of this state of the versions
  std::unordered_map<std::string_view, Zone> d_zones; // by apex

  Zone* d_given{nullptr}; // whose records are being read; null: none
  uint16_t d_type{0};     // of them
  size_t d_next{0};
};

// Tells PowerDNS's zone cache of the zones that a new policy adds or lacks. For PolicyManager::onSwap().
void updateZoneCache(const Serving* before, const Serving& after);

// Says that a policy's zones are not served when another backend is wrapped. Likewise.
void warnOfZones(const Serving* before, const Serving& after);

} // namespace caapolicy
