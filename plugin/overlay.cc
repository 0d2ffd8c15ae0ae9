// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/overlay.hh"

#include "plugin/metrics.hh"

#include <algorithm>

namespace caapolicy {

OverlayBackend::OverlayBackend(std::unique_ptr<DNSBackend> wrapped, PolicyManager& manager, OverlaySettings settings) :
  ForwardingBackend(std::move(wrapped)),
  d_manager(manager),
  d_settings(settings),
  d_serving(manager),
  d_queryCache(::arg().asNum("query-cache-ttl") > 0),
  d_cacheSeconds(static_cast<uint32_t>(std::max(::arg().asNum("query-cache-ttl"), ::arg().asNum("cache-ttl"))))
{
}

void OverlayBackend::lookup(const QType& qtype, const DNSName& qdomain, int zoneId, DNSPacket* packet)
{
  d_wrappedDone = false;
  d_listing = false;
  d_transfer.reset();
  d_held.clear();
  d_extra.clear();
  d_next = 0;
  d_seen = {};
  d_question.ours = false;
  d_question.main = false;
  d_question.caaQuery = packet != nullptr && packet->qtype == QType::CAA;
  // The packet handler asks for ANY when it wants a name's answer.
  d_question.whole = qtype == QType::ANY || qtype == QType::CAA;
  if (d_question.whole) {
    d_question.name = qdomain;
    d_question.zoneId = zoneId;
    d_question.type = qtype.getCode();
    d_question.forCaa = d_queryCache || packet == nullptr || d_question.caaQuery || packet->qtype == QType::ANY;
    d_question.main = packet != nullptr && packet->qdomain == qdomain;
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
  if (d_listing) {
    return getListed(record);
  }
  if (d_question.whole) { // not before: who reads what is stored needs no policy
    d_question.whole = false;
    consultPolicy();
  }
  if (!d_wrappedDone) {
    while (ForwardingBackend::get(record)) {
      d_seen.add(record.dr.d_type);
      if (!d_question.ours || !hold(record)) {
        return true;
      }
    }
    d_wrappedDone = true;
    synthesize();
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
}

// Stored CAA may have to be dropped, and an empty non-terminal may get records: known when all has been seen.
bool OverlayBackend::hold(const DNSZoneRecord& record)
{
  if (record.dr.d_type != QType::CAA && record.dr.d_type != QType::ENT) {
    return false;
  }
  d_held.push_back(record);
  return true;
}

void OverlayBackend::synthesize()
{
  const Instant now = time(nullptr);
  if (!d_question.ours || (d_seen.any && !d_question.forCaa) || !mayBePlaced(now)) {
    d_extra.swap(d_held);
    countAnswer(nullptr);
    return;
  }
  const Zone* zone = d_zones.find(wrapped(), d_question.name, d_question.zoneId);
  if (zone == nullptr || zone->untouched) {
    d_extra.swap(d_held);
    countAnswer(nullptr);
    return;
  }
  emit(*zone, place(*zone, now), now);
}

// Cheap: keeps the names that nobody placed anything at from looking around in the zone.
bool OverlayBackend::mayBePlaced(Instant now)
{
  return d_seen.any || d_question.wildcard || d_serving.held().snapshot->published(d_question.view, now)
    || (d_question.caaQuery && d_settings.answerNonexistent);
}

Placement OverlayBackend::place(const Zone& zone, Instant now)
{
  const Snapshot& snapshot = *d_serving.held().snapshot;
  const TypesLookup lookup = [this, &zone](const DNSName& at) { return typesAt(wrapped(), at, zone.id); };
  DNSName name = d_question.name;
  TypesAt at = d_seen;
  if (d_question.wildcard) {
    name.chopOff();
    at = lookup(name);
  }
  const Surroundings around = surroundingsOf(lookup, zone.apex, name, at);
  d_encloser = around.encloser;
  const WireBuffer wire(name);
  if (d_question.wildcard) {
    return placeWildcard(snapshot, wire.name(), d_question.view, around.facts, d_seen.asWildcard(), now);
  }
  Placement placement = placeName(snapshot, wire.name(), d_question.view, around.facts, now);
  if (!placement.exists && d_question.caaQuery && d_settings.answerNonexistent) {
    placement.caa = answerForNonexistent(snapshot, wire.name(), d_question.view, around.facts, now);
  }
  return placement;
}

void OverlayBackend::emit(const Zone& zone, const Placement& placement, Instant now)
{
  if (placement.copies) {
    emitCopies(zone, !placement.dropStored);
  }
  std::erase_if(d_held, [&placement](const DNSZoneRecord& record) {
    return record.dr.d_type == QType::CAA ? placement.dropStored : placement.caa.has_value();
  });
  d_extra.insert(d_extra.end(), d_held.begin(), d_held.end());
  if (placement.caa) {
    Lifetime lifetime = lifetimeOf(*placement.caa, now, d_cacheSeconds);
    if (!placement.exists) {
      lifetime.cacheable = false; // a query for another type must not find this name in a cache
    }
    appendCaa(d_extra, d_serving.held(), *placement.caa, d_question.name, zone.id, lifetime);
  }
  if (placement.exists && !d_seen.any && d_extra.empty()) {
    appendEmptyNonTerminal(d_extra, d_question.name, zone.id);
  }
  countAnswer(placement.caa ? &*placement.caa : nullptr);
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
    const bool wanted = record.dr.d_type == QType::CAA ? withCaa : d_question.type == QType::ANY;
    if (wanted && record.dr.d_type != QType::ENT) {
      record.dr.d_name = d_question.name;
      d_extra.push_back(record);
    }
  }
}

void OverlayBackend::countAnswer(const Snapshot::Answer* answer)
{
  // An answer is found at the name itself, or at a wildcard. The packet handler looks at names in between as well.
  const bool answers = answer != nullptr ? d_question.main || d_question.wildcard : d_question.main && d_seen.any;
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
    }
    else if (d_transfer->pass(record)) {
      return true;
    }
  }
  return d_transfer->next(record);
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
