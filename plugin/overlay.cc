// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/overlay.hh"

#include "plugin/alias_log.hh"
#include "plugin/flattened_alias.hh"
#include "plugin/metrics.hh"
#include "plugin/recorder.hh"
#include "plugin/stored_caa.hh"

#include <algorithm>

namespace caapolicy {

namespace {

// On the circle of hashes, is `between` met before `end` when going up from `start`?
bool comesFirst(const std::string& start, const std::string& between, const std::string& end)
{
  if (start < end) {
    return start < between && between < end;
  }
  return start < between || between < end;
}

} // namespace

OverlayBackend::OverlayBackend(std::unique_ptr<DNSBackend> wrapped, PolicyManager& manager, OverlaySettings settings) :
  ForwardingBackend(std::move(wrapped)),
  d_manager(manager),
  d_settings(settings),
  d_serving(manager),
  d_queryCache(::arg().asNum("query-cache-ttl") > 0),
  d_cacheSeconds(static_cast<uint32_t>(std::max(::arg().asNum("query-cache-ttl"), ::arg().asNum("cache-ttl")))),
  d_serials(manager)
{
}

void OverlayBackend::begin()
{
  d_wrappedDone = false;
  d_listing = false;
  d_transfer.reset();
  d_held.clear();
  d_extra.clear();
  d_soa.reset();
  d_next = 0;
  d_seen = {};
  d_question.whole = false;
  d_question.ours = false;
  d_question.main = false;
  d_question.caaQuery = false;
}

void OverlayBackend::lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet)
{
  begin();
  d_question.caaQuery = packet != nullptr && packet->qtype == QType::CAA;
  // The packet handler asks for ANY when it wants a name's answer.
  d_question.whole = qtype == QType::ANY || qtype == QType::CAA;
  if (d_question.whole) {
    d_question.name = qdomain;
    d_question.zoneId = zoneId;
    d_question.type = qtype.getCode();
    d_question.forCaa = d_queryCache || packet == nullptr || d_question.caaQuery || packet->qtype == QType::ANY;
    d_question.main = packet != nullptr && packet->qdomain == qdomain;
    if (d_question.caaQuery) {
      d_question.client = packet->qdomain;
      d_question.resolver = pdns::clientOf(*packet);
    }
    else {
      d_question.client.clear();
    }
    d_question.clientType = packet != nullptr ? packet->qtype.getCode() : 0;
    d_question.packetId = packet != nullptr ? packet->d.id : 0;
  }
  ForwardingBackend::lookup(qtype, qdomain, zoneId, packet);
}

bool OverlayBackend::get(DNSResourceRecord& record)
{
  // Some backends don't bear being asked again after their last record.
  if (d_wrappedDone) {
    return false;
  }
  d_wrappedDone = !ForwardingBackend::get(record);
  return !d_wrappedDone;
}

bool OverlayBackend::get(DNSZoneRecord& record)
{
  if (!d_transaction.empty()) { // who changes a zone, as by an incoming IXFR, gets what is stored
    d_wrappedDone = d_wrappedDone || !ForwardingBackend::get(record);
    return !d_wrappedDone;
  }
  if (d_listing) {
    return getListed(record);
  }
  if (d_question.whole) { // not before: who reads what is stored needs no policy
    d_question.whole = false;
    consultPolicy();
  }
  if (!d_wrappedDone) {
    while (ForwardingBackend::get(record)) {
      d_seen.add(record.dr);
      if (isRaised(record.dr)) {
        d_soa = record; // what is to be asked about the zone can't be asked now
        continue;
      }
      if (d_checksFreshness && record.dr.d_type == QType::SOA) {
        record.scopeMask = 1; // not for the query cache: the stored serial isn't the one that is served
      }
      if (!d_question.ours || !hold(record)) {
        return true;
      }
    }
    d_wrappedDone = true;
    synthesize();
    if (d_soa) {
      const Zone* zone = d_zones.find(wrapped(), d_soa->dr.d_name, d_soa->domain_id);
      if (zone != nullptr && zone->apex == d_soa->dr.d_name) {
        setSerial(*d_soa, d_serials.served(*zone, d_serving.current(), serialOf(*d_soa)));
        d_soa->scopeMask = zone->secondary ? 1 : d_soa->scopeMask; // see getUnfreshSlaveInfos()
      }
      d_extra.push_back(*d_soa);
    }
  }
  if (d_next < d_extra.size()) {
    record = d_extra[d_next++];
    return true;
  }
  return false;
}

void OverlayBackend::consultPolicy()
{
  const WireBuffer wire(d_question.name);
  d_question.wildcard = isWildcard(wire.name());
  d_question.view = d_serving.current().snapshot->find(d_question.wildcard ? parentOf(wire.name()) : wire.name());
  d_question.ours = d_question.view.governed() || d_question.view.listed();
  d_question.flattens = !d_question.wildcard && d_serving.held().snapshot->flattens(d_question.view);
  d_question.clientView = d_question.client.empty() ? d_question.view : d_serving.held().snapshot->find(WireBuffer(d_question.client).name());
}

// Stored CAA may have to be dropped, an alias to be flattened, and an empty non-terminal may get records: known when all has
// been seen.
bool OverlayBackend::hold(const DNSZoneRecord& record)
{
  const bool alias = record.dr.d_type == QType::CNAME && d_question.flattens;
  if (!isCaa(record.dr) && record.dr.d_type != QType::ENT && !alias) {
    return false;
  }
  d_held.push_back(record);
  return true;
}

void OverlayBackend::synthesize()
{
  const Instant now = time(nullptr);
  const bool alias = d_seen.cname && d_question.flattens;
  if (!d_question.ours || (d_seen.any && !d_question.forCaa && !alias) || !mayBePlaced(now)) {
    d_extra.swap(d_held);
    countAnswer(nullptr);
    return;
  }
  const Zone* zone = d_zones.find(wrapped(), d_question.name, d_question.zoneId);
  if (zone == nullptr && d_zones.lost() && isOurs()) {
    throw DBException("the zone of `" + d_question.name.toLogString() + "` has no SOA record");
  }
  if (zone == nullptr || zone->untouched) {
    d_extra.swap(d_held);
    countAnswer(nullptr);
    return;
  }
  emit(*zone, place(*zone, now), now);
}

// Of several backends, one that has nothing at the name may be asked with the id of another one's zone.
bool OverlayBackend::isOurs() const { return d_seen.any || (d_question.zoneId >= 0 && BackendMakers().numLauncheable() == 1); }

// Cheap: keeps the names that nobody placed anything at from looking around in the zone.
bool OverlayBackend::mayBePlaced(Instant now)
{
  return d_seen.any || d_question.wildcard || d_serving.held().snapshot->published(d_question.view, now)
    || (d_question.caaQuery && d_question.main);
}

// Only the name that was asked for: whether the target of an alias exists is for a CA to see.
bool OverlayBackend::answersNonexistent() const { return d_settings.answerNonexistent && d_question.caaQuery && d_question.main; }

Placement OverlayBackend::place(const Zone& zone, Instant now)
{
  const Snapshot& snapshot = *d_serving.held().snapshot;
  const ZonePlacer placer(wrapped(), zone, snapshot, now);
  ZonePlacer::Placed placed = placer.place(d_question.name, d_seen);
  d_encloser = placed.encloser;
  d_facts = placed.facts;
  if (!placed.placement.exists && answersNonexistent() && !isGuarded(placer, now)) {
    placed.placement.caa = answerForNonexistent(snapshot, WireBuffer(d_question.name).name(), d_question.view, placed.facts, now);
  }
  return placed.placement;
}

// A guard gives the same records, and PowerDNS signs them as a wildcard's. ANY gets those: if CAA got others, a resolver's cache
// would have the signature of the one without the denial that comes with it.
bool OverlayBackend::isGuarded(const ZonePlacer& placer, Instant now) const
{
  for (DNSName above(d_question.name); above != placer.zone().apex && above.chopOff();) {
    const auto view = placer.snapshot().find(WireBuffer(above).name());
    const bool exists = above == d_encloser;
    if (!exists && !placer.snapshot().published(view, now)) {
      continue;
    }
    const bool differs = placer.snapshot().own(view, now).setIndex != placer.snapshot().child(view, now).setIndex;
    const bool mayBeGuarded = differs || (exists && above != placer.zone().apex); // it may be an alias
    const auto guard = mayBeGuarded ? wildcardBelow(above) : std::nullopt;
    return guard && placer.place(*guard).placement.exists;
  }
  return false;
}

void OverlayBackend::emit(const Zone& zone, const Placement& placement, Instant now)
{
  if (placement.copies) {
    emitCopies(zone, !placement.dropStored);
  }
  emitHeld(zone, placement);
  if (placement.caa) {
    const Lifetime lifetime = lifetimeOf(*placement.caa, placement.exists, now);
    appendCaa(d_extra, d_serving.held(), *placement.caa, d_question.name, zone.id, lifetime);
  }
  if (placement.exists && !d_seen.any && d_extra.empty()) {
    appendEmptyNonTerminal(d_extra, d_question.name, zone.id);
  }
  countAnswer(placement.caa ? &*placement.caa : nullptr);
  // Where a CAA query for a name that is in no zone is told so, what a CA finds when it climbs says the same as the name's set.
  const bool absent = !placement.exists && d_question.main && !d_facts.occluded && !d_facts.covered;
  if (placement.caa || absent) {
    recordDenial(placement.caa ? &*placement.caa : nullptr, d_question.wildcard ? d_seen.any : placement.exists);
  }
}

Lifetime OverlayBackend::lifetimeOf(Snapshot::Answer answer, bool exists, Instant now) const
{
  const Snapshot& snapshot = *d_serving.held().snapshot;
  bool cacheable = exists; // a query for another type must not find a name in a cache that does not exist
  if (d_question.wildcard && answer.changes > snapshot.nextChange(now)) {
    // A name that the wildcard answers for may be one that gets a set of its own, and the caches don't tell names apart.
    if (d_question.clientView.governed()) {
      answer.changes = std::min(answer.changes, snapshot.own(d_question.clientView, now).changes);
    }
    cacheable = cacheable && caapolicy::lifetimeOf({answer.set, answer.setIndex, answer.ttl, snapshot.nextChange(now)}, now, d_cacheSeconds).cacheable;
  }
  Lifetime lifetime = caapolicy::lifetimeOf(answer, now, d_cacheSeconds);
  lifetime.cacheable = lifetime.cacheable && cacheable;
  return lifetime;
}

void OverlayBackend::emitHeld(const Zone& zone, const Placement& placement)
{
  size_t leftOut = 0;
  for (auto& record : d_held) {
    if (isCaa(record.dr) && placement.dropStored) {
      ++leftOut;
    }
    else if (record.dr.d_type == QType::CNAME && placement.flatten) {
      appendFlattened(d_extra, std::move(record), {keeper().isSecuredZone(zone.apex), d_question.clientType});
    }
    else if (record.dr.d_type != QType::ENT || !placement.caa) {
      d_extra.push_back(std::move(record));
    }
  }
  if (leftOut > 0) {
    StoredCaa::leftOut().saw(WireBuffer(d_question.name).name(), leftOut);
  }
}

void OverlayBackend::emitCopies(const Zone& zone, bool withCaa)
{
  const auto wildcard = wildcardBelow(d_encloser);
  if (!wildcard) {
    return;
  }
  DNSZoneRecord record;
  wrapped().lookup(QType(QType::ANY), *wildcard, zone.id, nullptr);
  while (wrapped().get(record)) {
    const bool wanted = isCaa(record.dr) ? withCaa : d_question.type == QType::ANY;
    if (wanted && record.dr.d_type != QType::ENT) {
      record.dr.d_name = d_question.name;
      d_extra.push_back(record);
    }
  }
}

void OverlayBackend::countAnswer(const Snapshot::Answer* answer)
{
  // An answer is found at the name itself, or at a wildcard. The packet handler looks at names in between as well.
  const bool alias = answer == nullptr && (d_seen.cname || d_seen.luaCname);
  const bool answers = answer != nullptr || alias ? d_question.main || d_question.wildcard : d_question.main && d_seen.any;
  if (!d_question.caaQuery || !answers) {
    return;
  }
  // With consistent-backends the packet handler asks several times for one name: one answer all the same.
  if (d_countedId == d_question.packetId && d_countedName == d_question.name) {
    return;
  }
  d_countedId = d_question.packetId;
  d_countedName = d_question.name;
  metrics().countAnswer(answer);
  if (alias && d_question.ours && d_question.view.governed()) {
    metrics().countAlias();
    tellOfAlias();
  }
}

// `answer` is null where there is none: then it goes by the name's set.
void OverlayBackend::recordDenial(const Snapshot::Answer* answer, bool exists)
{
  Recorder* const recorder = Recorder::running();
  if (recorder == nullptr || !d_question.caaQuery || !(d_question.main || d_question.wildcard) || !d_question.clientView.governed()) {
    return;
  }
  const Instant now = time(nullptr);
  const bool granted = answer != nullptr ? answer->set->grants : d_serving.held().snapshot->own(d_question.clientView, now).set->grants;
  // The packet handler asks several times for one query.
  if (granted || (d_deniedId == d_question.packetId && d_deniedName == d_question.client)) {
    return;
  }
  d_deniedId = d_question.packetId;
  d_deniedName = d_question.client;
  recorder->denied(WireBuffer(d_question.client).name(), exists, d_question.resolver, now);
}

void OverlayBackend::tellOfAlias() const
{
  static AliasLog aliases;
  if (aliases.isDue(WireBuffer(d_question.name).name(), time(nullptr))) {
    g_log << Logger::Warning << "[caapolicy] a CA may have asked for the CAA of " << d_question.name.toStringNoDot()
          << ", an alias (CNAME): its target decides, the policy has no say" << endl;
  }
}

bool OverlayBackend::list(const DNSName& target, int domainId, bool includeDisabled)
{
  d_listing = true;
  d_wrappedDone = false;
  d_transfer.reset();
  d_listFailure = nullptr;
  std::optional<Zone> zone;
  try { // now, as the wrapped backend can't be asked while it lists
    if (const Zone* found = d_zones.find(wrapped(), target, domainId)) {
      zone = *found;
    }
    else {
      throw DBException("the zone `" + target.toLogString() + "` has no SOA record");
    }
  }
  catch (const PDNSException&) { // what is stored can be listed all the same
    d_listFailure = std::current_exception();
  }
  d_listedZone = zone;
  return ForwardingBackend::list(target, domainId, includeDisabled);
}

// DNS UPDATE looks for names below one that it changes.
bool OverlayBackend::listSubZone(const DNSName& zone, int domainId)
{
  begin();
  return ForwardingBackend::listSubZone(zone, domainId);
}

bool OverlayBackend::getListed(DNSZoneRecord& record)
{
  if (d_listFailure) {
    std::rethrow_exception(d_listFailure);
  }
  if (!d_listedZone || d_listedZone->untouched) {
    d_wrappedDone = d_wrappedDone || !ForwardingBackend::get(record);
    return !d_wrappedDone;
  }
  if (!d_transfer) {
    d_transfer = std::make_unique<ZoneTransfer>(d_serving.share(), *d_listedZone, d_cacheSeconds);
  }
  while (!d_wrappedDone) {
    if (!ForwardingBackend::get(record)) {
      d_wrappedDone = true;
      d_transfer->finish();
      d_transfer->flatten();
    }
    else if (d_transfer->pass(record)) {
      if (isRaised(record.dr) && record.dr.d_name == d_listedZone->apex) {
        setSerial(record, d_serials.served(*d_listedZone, d_serving.current(), serialOf(record)));
      }
      return true;
    }
  }
  return d_transfer->next(record);
}

// NSEC.
bool OverlayBackend::getBeforeAndAfterNames(uint32_t id, const DNSName& zonename, const DNSName& qname, DNSName& before, DNSName& after)
{
  // The LMDB backend gives the neighbours of the zone's last name and says that it has none; PowerDNS doesn't look at that.
  const bool found = ForwardingBackend::getBeforeAndAfterNames(id, zonename, qname, before, after);
  if (before.empty() || after.empty()) {
    return found;
  }
  const Zone* zone = d_zones.find(wrapped(), zonename, static_cast<int>(id));
  if (zone != nullptr && !zone->untouched) {
    const ZonePlacer placer(wrapped(), *zone, *d_serving.current().snapshot, time(nullptr));
    fitNeighbours(placer, qname, before, after);
  }
  return found;
}

// NSEC3: `qname` is a hash. Where `before` is given the caller knows that the hash is some name's, which `unhashed` is.
bool OverlayBackend::getBeforeAndAfterNamesAbsolute(uint32_t id, const DNSName& qname, DNSName& unhashed, DNSName& before, DNSName& after)
{
  const bool known = !before.empty();
  if (!ForwardingBackend::getBeforeAndAfterNamesAbsolute(id, qname, unhashed, before, after)) {
    return false;
  }
  const auto names = hashedNames(static_cast<int>(id));
  if (!names) {
    return true;
  }
  const std::string hash = toLower(qname.toStringNoDot());
  if (const auto* next = names->above(hash); next != nullptr && comesFirst(hash, next->hash, toLower(after.toStringNoDot()))) {
    after = DNSName(next->hash);
  }
  if (const auto* same = names->at(hash)) {
    before = qname;
    unhashed = same->name;
  }
  else if (known) {
    before = qname;
  }
  else if (const std::string found = toLower(before.toStringNoDot()); found != hash) {
    if (const auto* last = names->below(hash); last != nullptr && comesFirst(found, last->hash, hash)) {
      before = DNSName(last->hash);
      unhashed = last->name;
    }
  }
  return true;
}

// It has a backend of its own, so one for all questions.
DNSSECKeeper& OverlayBackend::keeper()
{
  if (!d_keeper) {
    d_keeper = std::make_unique<DNSSECKeeper>();
  }
  return *d_keeper;
}

std::shared_ptr<const HashedNames> OverlayBackend::hashedNames(int zoneId)
{
  const Zone* zone = d_zones.findById(wrapped(), zoneId);
  SOAData soa;
  NSEC3PARAMRecordContent parameters;
  if (zone == nullptr || zone->untouched || !wrapped().getSOA(zone->apex, soa) || !keeper().getNSEC3PARAM(zone->apex, &parameters)) {
    return nullptr;
  }
  const auto serving = d_serving.share();
  return hashedNamesOf(serving, *zone, parameters, soa.serial, [&] {
    ZoneTransfer whole(serving, *zone, d_cacheSeconds);
    DNSZoneRecord record;
    if (wrapped().list(zone->apex, zone->id, false)) {
      while (wrapped().get(record)) {
        whole.pass(record);
      }
    }
    whole.finish();
    return whole.placedNames();
  });
}

// Who changes a zone goes by the serial that is stored.
bool OverlayBackend::isRaised(const DNSRecord& record) const
{
  return record.d_type == QType::SOA && raisesSerials();
}

bool OverlayBackend::raisesSerials() const { return d_settings.raiseSerials && d_transaction.empty() && !d_checksFreshness; }

void OverlayBackend::raise(SOAData& soa)
{
  if (!raisesSerials()) {
    return;
  }
  const Zone* zone = d_zones.find(wrapped(), soa.qname, static_cast<int>(soa.domain_id));
  if (zone != nullptr && zone->apex == soa.qname) {
    soa.serial = d_serials.served(*zone, d_serving.current(), soa.serial);
  }
}

bool OverlayBackend::getSOA(const DNSName& name, SOAData& soa)
{
  if (!ForwardingBackend::getSOA(name, soa)) {
    return false;
  }
  raise(soa);
  return true;
}

bool OverlayBackend::getAuth(const DNSName& target, SOAData* soa)
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
bool OverlayBackend::startTransaction(const DNSName& qname, int id)
{
  if (!ForwardingBackend::startTransaction(qname, id)) {
    return false;
  }
  d_transaction = qname;
  return true;
}

bool OverlayBackend::commitTransaction()
{
  const bool done = ForwardingBackend::commitTransaction();
  endTransaction();
  return done;
}

bool OverlayBackend::abortTransaction()
{
  const bool done = ForwardingBackend::abortTransaction();
  endTransaction();
  return done;
}

// PowerDNS may have put the stored SOA into its query cache.
void OverlayBackend::endTransaction()
{
  if (d_settings.raiseSerials && !d_transaction.empty()) {
    purgeAuthCachesExact(d_transaction);
  }
  d_transaction.clear();
}

// PowerDNS's communicator asks for this first, and then looks up the SOA records of zones of kind secondary on the same
// instance, which serves nobody, to compare their serials with those of the primaries: what was raised would never be older.
// That lookup is like those that serve, and looks into the query cache, so that these SOA records are kept out of it.
void OverlayBackend::getUnfreshSlaveInfos(std::vector<DomainInfo>* domains)
{
  d_checksFreshness = true;
  ForwardingBackend::getUnfreshSlaveInfos(domains);
}

// The wrapped backend knows of the serials that are stored, and of those only.
void OverlayBackend::getUpdatedMasters(std::vector<DomainInfo>& domains, std::unordered_set<DNSName>& catalogs,
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

void OverlayBackend::addAltered(std::vector<DomainInfo>& domains)
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

void OverlayBackend::reload()
{
  d_manager.reload("reload was asked for");
  ForwardingBackend::reload();
}

void OverlayBackend::rediscover(std::string* status)
{
  const std::string problems = d_manager.reload("rediscover was asked for");
  ForwardingBackend::rediscover(status);
  if (status != nullptr && !problems.empty()) {
    *status = problems;
  }
}

} // namespace caapolicy
