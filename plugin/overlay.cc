// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/overlay.hh"

#include "plugin/flattened_alias.hh"
#include "plugin/stored_caa.hh"

#include <algorithm>

namespace caapolicy {

namespace {

// Whose contents a backend keeps: some 90 KiB for one that answers CAA queries, and 200 bytes for each of these sets.
constexpr size_t kSetsAtHand = 1024;

} // namespace

OverlayBackend::OverlayBackend(std::unique_ptr<DNSBackend> wrapped, PolicyManager& manager, OverlaySettings settings) :
  SerialBackend(std::move(wrapped), manager, settings.raiseSerials),
  d_settings(settings),
  d_queryCache(::arg().asNum("query-cache-ttl") > 0),
  d_cacheSeconds(static_cast<uint32_t>(std::max(::arg().asNum("query-cache-ttl"), ::arg().asNum("cache-ttl")))),
  d_writer(kSetsAtHand)
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
  d_types = {};
  d_say.known = false;
  d_question.whole = false;
  d_question.main = false;
  d_repeated.breakOff();
}

void OverlayBackend::lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet)
{
  begin();
  if (packet != nullptr) {
    if (packet != d_packet || packet->d.id != d_packetId || packet->qtype.getCode() != d_packetType) {
      forget();
    }
    d_packet = packet;
    d_packetId = packet->d.id;
    d_packetType = packet->qtype.getCode();
    d_needsProofs = packet->d_dnssecOk;
  }
  if (packet != nullptr && qtype == QType::ANY && !d_queryCache && !isChanging() && d_repeated.begin(qdomain, zoneId, d_extra)) {
    d_wrappedDone = true;
    return;
  }
  // The packet handler asks for ANY when it wants a name's answer.
  if (qtype == QType::ANY || qtype == QType::CAA) {
    d_question.whole = true;
    d_question.name = qdomain;
    d_question.zoneId = zoneId;
    d_question.type = qtype.getCode();
    d_question.clientType = packet != nullptr ? packet->qtype.getCode() : 0;
    d_question.packetId = packet != nullptr ? packet->d.id : 0;
    d_question.caaQuery = d_question.clientType == QType::CAA;
    // Without a packet PowerDNS asks for the types of a proof, or for a zone's SOA record, which it takes from what ANY gives.
    const bool forProof = packet == nullptr && d_needsProofs;
    d_question.forCaa = d_queryCache || forProof || d_question.caaQuery || d_question.clientType == QType::ANY;
    if (d_question.caaQuery) {
      d_question.client = packet->qdomain;
      d_question.main = sameName(packet->qdomain, qdomain);
      d_question.resolver = pdns::clientOf(*packet);
    }
  }
  if (packet == nullptr && qtype == QType::ANY && isKnownEmpty(qdomain, zoneId)) {
    d_wrappedDone = true;
    synthesize();
    return;
  }
  if (!d_question.main) {
    ForwardingBackend::lookup(qtype, qdomain, zoneId, packet);
    return;
  }
  // While the wrapped backend works, the policy's memory is fetched.
  const Snapshot& snapshot = *serving().current().snapshot;
  const size_t hash = snapshot.fetch(wireOf(qdomain));
  ForwardingBackend::lookup(qtype, qdomain, zoneId, packet);
  snapshot.fetch(hash);
}

// Another query begins.
void OverlayBackend::forget()
{
  d_seen.forget();
  d_repeated.forget();
  if (d_hashed.policy != 0 && d_hashed.policy != served().number) { // it would keep the policy's memory
    d_hashed = {};
  }
}

// The owner of a proof is a name that was just searched for (below); where the policy alone has it, nothing is stored there. A question
// of a client's is not left out: some backends answer each client otherwise.
bool OverlayBackend::isKnownEmpty(const DNSName& name, int zoneId) const
{
  const TypesAt* const seen = isChanging() ? nullptr : d_seen.find(name, zoneId);
  return seen != nullptr && !seen->any;
}

bool OverlayBackend::getSOA(const DNSName& name, SOAData& soa)
{
  forget();
  return SerialBackend::getSOA(name, soa);
}

bool OverlayBackend::getAuth(const DNSName& target, SOAData* soa)
{
  forget();
  return SerialBackend::getAuth(target, soa);
}

// DNS UPDATE looks for names below one that it changes.
bool OverlayBackend::listSubZone(const DNSName& zone, int domainId)
{
  begin();
  return ForwardingBackend::listSubZone(zone, domainId);
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

bool OverlayBackend::getStored(DNSZoneRecord& record)
{
  d_wrappedDone = d_wrappedDone || !ForwardingBackend::get(record);
  return !d_wrappedDone;
}

bool OverlayBackend::get(DNSZoneRecord& record)
{
  if (isChanging()) { // who changes a zone, as by an incoming IXFR, gets what is stored
    return getStored(record);
  }
  if (d_listing) {
    return getListed(record);
  }
  const bool found = getOne(record);
  if (d_repeated.isOpen()) {
    found ? d_repeated.add(record) : d_repeated.end();
  }
  return found;
}

// Of a lookup.
bool OverlayBackend::getOne(DNSZoneRecord& record)
{
  while (!d_wrappedDone) {
    if (!ForwardingBackend::get(record)) {
      d_wrappedDone = true;
      synthesize();
      break;
    }
    if (d_question.whole) {
      d_types.add(record);
    }
    if (record.dr.d_type == QType::SOA) {
      forget(); // each query begins with the search for its zone
      if (raiseNow(record)) {
        return true;
      }
      d_soa = std::move(record);
    }
    else if (!d_question.whole || !hold(record)) {
      return true;
    }
  }
  if (d_next < d_extra.size()) {
    record = std::move(d_extra[d_next++]);
    return true;
  }
  return false;
}

const OverlayBackend::Say& OverlayBackend::consultPolicy()
{
  if (d_say.known) {
    return d_say;
  }
  const Snapshot& snapshot = *serving().current().snapshot;
  const WireName name = wireOf(d_question.name);
  d_say.known = true;
  d_say.wildcard = isWildcard(name);
  d_say.view = snapshot.find(d_say.wildcard ? parentOf(name) : name);
  d_say.ours = d_say.view.governed() || d_say.view.listed();
  d_say.flattens = !d_say.wildcard && snapshot.flattens(d_say.view);
  const bool sameName = d_question.main && !d_say.wildcard;
  d_say.clientView = sameName || !d_question.caaQuery ? d_say.view : snapshot.find(wireOf(d_question.client));
  return d_say;
}

// Stored CAA may have to be dropped, an alias to be flattened, and an empty non-terminal may get CAA: known when all has
// been seen.
bool OverlayBackend::hold(DNSZoneRecord& record)
{
  const bool alias = record.dr.d_type == QType::CNAME;
  const bool forCaa = d_question.forCaa && (record.dr.d_type == QType::ENT || isCaa(record.dr));
  if ((alias && consultPolicy().flattens) || (forCaa && consultPolicy().ours)) {
    d_held.push_back(std::move(record));
    return true;
  }
  return false;
}

// All that the wrapped backend has has been seen.
void OverlayBackend::synthesize()
{
  if (d_question.whole && (!d_types.any || d_question.forCaa || !d_held.empty())) {
    if (d_question.type == QType::ANY) {
      d_seen.add(d_question.name, d_question.zoneId, d_types);
    }
    if (!placeByPolicy(time(nullptr))) {
      std::move(d_held.begin(), d_held.end(), std::back_inserter(d_extra));
      countAnswer(nullptr);
    }
  }
  if (d_soa) {
    raise(*d_soa);
    d_extra.push_back(std::move(*d_soa));
  }
}

// False: the name stays as the wrapped backend has it.
bool OverlayBackend::placeByPolicy(Instant now)
{
  if (!consultPolicy().ours || !mayBePlaced(now)) {
    return false;
  }
  const Zone* zone = zones().find(wrapped(), d_question.name, d_question.zoneId);
  if (zone == nullptr && zones().lost() && isOurs()) {
    throw DBException("the zone of `" + d_question.name.toLogString() + "` has no SOA record");
  }
  if (zone == nullptr || zone->untouched) {
    return false;
  }
  const ZonePlacer placer = placerFor(*zone, now);
  if (d_say.wildcard && !d_types.any && !d_question.main) {
    DNSName parent(d_question.name);
    parent.chopOff();
    if (!placer.mayAddWildcard(parent, d_say.view)) {
      return false;
    }
  }
  emit(*zone, place(placer), now);
  return true;
}

// Of several backends, one that has nothing at the name may be asked with the id of another one's zone.
bool OverlayBackend::isOurs() const { return d_types.any || (d_question.zoneId >= 0 && BackendMakers().numLauncheable() == 1); }

// Cheap: keeps the names that nobody placed anything at from looking around in the zone.
bool OverlayBackend::mayBePlaced(Instant now)
{
  return d_types.any || d_say.wildcard || (d_question.caaQuery && d_question.main)
    || served().snapshot->published(d_say.view, now);
}

// Only the name that was asked for: whether the target of an alias exists is for a CA to see.
bool OverlayBackend::answersNonexistent() const { return d_settings.answerNonexistent && d_question.caaQuery && d_question.main; }

// Asks the wrapped backend about no name twice in one query.
ZonePlacer OverlayBackend::placerFor(const Zone& zone, Instant now)
{
  const auto lookup = [this, id = zone.id](const DNSName& name) {
    if (const TypesAt* seen = d_seen.find(name, id)) {
      return *seen;
    }
    const TypesAt types = typesAt(wrapped(), name, id);
    d_seen.add(name, id, types);
    return types;
  };
  return {lookup, zone, *served().snapshot, now};
}

ZonePlacer::Placed OverlayBackend::place(const ZonePlacer& placer)
{
  ZonePlacer::Placed placed = placer.place(d_question.name, d_say.view, d_types);
  if (!placed.placement.exists && answersNonexistent() && !isGuarded(placer, placed.encloser)) {
    placed.placement.caa = answerForNonexistent(placer.snapshot(), wireOf(d_question.name), d_say.view, placed.facts, placer.now());
  }
  return placed;
}

// A guard gives the same records, and PowerDNS signs them as a wildcard's. ANY gets those: if CAA got others, a resolver's cache
// would have the signature of the one without the denial that comes with it.
bool OverlayBackend::isGuarded(const ZonePlacer& placer, const DNSName& encloser) const
{
  for (DNSName above(d_question.name); above != placer.zone().apex && above.chopOff();) {
    const auto view = placer.snapshot().find(wireOf(above));
    const bool exists = above == encloser;
    if (!exists && !placer.snapshot().published(view, placer.now())) {
      continue;
    }
    const bool differs = placer.snapshot().own(view, placer.now()).setIndex != placer.snapshot().child(view, placer.now()).setIndex;
    const bool mayBeGuarded = differs || (exists && above != placer.zone().apex); // it may be an alias
    const auto guard = mayBeGuarded ? wildcardBelow(above) : std::nullopt;
    return guard && placer.place(*guard, view, placer.lookup(*guard)).placement.exists;
  }
  return false;
}

void OverlayBackend::emit(const Zone& zone, const ZonePlacer::Placed& placed, Instant now)
{
  const Placement& placement = placed.placement;
  if (placement.copies) {
    emitCopies(zone, placed.encloser, !placement.dropStored);
  }
  emitHeld(zone, placement);
  const Snapshot::Answer* const answer = placement.caa ? &*placement.caa : nullptr;
  if (answer != nullptr) {
    d_writer.appendCaa(d_extra, served(), *answer, d_question.name, zone.id, lifetimeOf(*answer, placement.exists, now));
  }
  if (placement.exists && !d_types.any && d_extra.empty()) {
    d_writer.appendEmptyNonTerminal(d_extra, d_question.name, zone.id);
  }
  countAnswer(answer);
  // Where a CAA query for a name that is in no zone is told so, what a CA finds when it climbs says the same as the name's set.
  const bool absent = !placement.exists && d_question.main && !placed.facts.occluded && !placed.facts.covered;
  if (answer != nullptr || absent) {
    recordDenial(answer, d_say.wildcard ? d_types.any : placement.exists, now);
  }
}

Lifetime OverlayBackend::lifetimeOf(Snapshot::Answer answer, bool exists, Instant now) const
{
  const Snapshot& snapshot = *served().snapshot;
  bool cacheable = exists; // a query for another type must not find a name in a cache that does not exist
  if (d_say.wildcard && answer.changes > snapshot.nextChange(now)) {
    // A name that the wildcard answers for may be one that gets a set of its own, and the caches don't tell names apart.
    if (d_say.clientView.governed()) {
      answer.changes = std::min(answer.changes, snapshot.own(d_say.clientView, now).changes);
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
      appendFlattened(d_extra, std::move(record), {keeper().isSecuredZone(zone.apex), d_question.clientType}, d_writer);
    }
    else if (record.dr.d_type != QType::ENT || !placement.caa) {
      d_extra.push_back(std::move(record));
    }
  }
  if (leftOut > 0) {
    StoredCaa::leftOut().saw(WireBuffer(d_question.name).name(), leftOut);
  }
}

void OverlayBackend::emitCopies(const Zone& zone, const DNSName& encloser, bool withCaa)
{
  const auto wildcard = wildcardBelow(encloser);
  if (!wildcard) {
    return;
  }
  DNSZoneRecord record;
  wrapped().lookup(QType(QType::ANY), *wildcard, zone.id, nullptr);
  while (wrapped().get(record)) {
    const bool wanted = isCaa(record.dr) ? withCaa : d_question.type == QType::ANY;
    if (wanted && record.dr.d_type != QType::ENT) {
      record.dr.d_name = d_question.name;
      d_extra.push_back(std::move(record));
    }
  }
}

void OverlayBackend::countAnswer(const Snapshot::Answer* answer)
{
  if (!d_question.caaQuery) {
    return;
  }
  // An answer is found at the name itself, or at a wildcard. The packet handler looks at names in between as well.
  const bool alias = answer == nullptr && (d_types.cname || d_types.luaCname);
  if (answer != nullptr || alias ? d_question.main || d_say.wildcard : d_question.main && d_types.any) {
    d_log.answered(d_question.packetId, d_question.name, answer, alias && d_say.view.governed());
  }
}

// `answer` is null where there is none: then it goes by the name's set.
void OverlayBackend::recordDenial(const Snapshot::Answer* answer, bool exists, Instant now)
{
  if (!d_question.caaQuery || !(d_question.main || d_say.wildcard) || !d_say.clientView.governed()) {
    return;
  }
  const bool granted = answer != nullptr ? answer->set->grants : served().snapshot->own(d_say.clientView, now).set->grants;
  if (!granted) {
    d_log.denied(d_question.packetId, d_question.client, exists, d_question.resolver, now);
  }
}

bool OverlayBackend::list(const DNSName& target, int domainId, bool includeDisabled)
{
  forget();
  d_listing = true;
  d_wrappedDone = false;
  d_transfer.reset();
  d_listFailure = nullptr;
  std::optional<Zone> zone;
  try { // now, as the wrapped backend can't be asked while it lists
    if (const Zone* found = zones().find(wrapped(), target, domainId)) {
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

bool OverlayBackend::getListed(DNSZoneRecord& record)
{
  if (d_listFailure) {
    std::rethrow_exception(d_listFailure);
  }
  if (!d_listedZone || d_listedZone->untouched) {
    return getStored(record);
  }
  if (!d_transfer) {
    d_transfer = std::make_unique<ZoneTransfer>(serving().share(), *d_listedZone, d_cacheSeconds);
  }
  while (!d_wrappedDone) {
    if (!ForwardingBackend::get(record)) {
      d_wrappedDone = true;
      d_transfer->finish();
    }
    else if (d_transfer->pass(record)) {
      if (record.dr.d_type == QType::SOA && record.dr.d_name == d_listedZone->apex) {
        raiseIn(*d_listedZone, record);
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
  const Zone* zone = zones().find(wrapped(), zonename, static_cast<int>(id));
  if (zone != nullptr && !zone->untouched) {
    serving().current();
    fitNeighbours(placerFor(*zone, time(nullptr)), qname, before, after);
  }
  return found;
}

// NSEC3: `qname` is a hash. Where `before` is given the caller knows that the hash is some name's, which `unhashed` is.
bool OverlayBackend::getBeforeAndAfterNamesAbsolute(uint32_t id, const DNSName& qname, DNSName& unhashed, DNSName& before, DNSName& after)
{
  const std::optional<DNSName> known = before.empty() ? std::nullopt : std::optional(unhashed);
  if (!ForwardingBackend::getBeforeAndAfterNamesAbsolute(id, qname, unhashed, before, after)) {
    return false;
  }
  const Zone* zone = zones().findById(wrapped(), static_cast<int>(id));
  if (zone != nullptr && !zone->untouched) {
    fitHashed(*zone, qname, known, unhashed, before, after);
  }
  return true;
}

void OverlayBackend::fitHashed(const Zone& zone, const DNSName& hash, const std::optional<DNSName>& known, DNSName& unhashed,
                               DNSName& before, DNSName& after)
{
  const auto serial = storedSerial(zone);
  NSEC3PARAMRecordContent parameters;
  if (!serial || !keeper().getNSEC3PARAM(zone.apex, &parameters)) {
    return;
  }
  findHashed({zone, *serial, std::move(parameters)});
  fitHashedNeighbours(placerFor(zone, time(nullptr)), {*d_hashed.listed, *d_hashed.stored}, hash, known, unhashed, before, after);
}

// All threads share them, behind a lock: they are asked for once a second, for as long as it is one zone.
void OverlayBackend::findHashed(const HashedZoneFor& wanted)
{
  const Serving& current = serving().current();
  const Instant now = time(nullptr);
  if (d_hashed.policy == current.number && d_hashed.when == now && d_hashed.stored->madeFor().sameAs(wanted)) {
    return;
  }
  d_hashed = {}; // whatever is thrown
  const auto records = [&](const auto& visit) { forEachRecord(wrapped(), wanted.zone, visit); };
  d_hashed = {current.number, now, current.hashed.of(wanted.zone.apex, wanted.parameters), hashedZoneFor(wanted, records, d_settings.makeWrapped)};
}

// It has a backend of its own, so one for all questions.
DNSSECKeeper& OverlayBackend::keeper()
{
  if (!d_keeper) {
    d_keeper = std::make_unique<DNSSECKeeper>();
  }
  return *d_keeper;
}

void OverlayBackend::reload()
{
  manager().reload("reload was asked for");
  ForwardingBackend::reload();
}

void OverlayBackend::rediscover(std::string* status)
{
  const std::string problems = manager().reload("rediscover was asked for");
  ForwardingBackend::rediscover(status);
  if (status != nullptr && !problems.empty()) {
    *status += "\nbut the policy has errors:\n" + problems; // PowerDNS has said "Ok" already, and what is wrapped may have gone on
  }
}

} // namespace caapolicy
