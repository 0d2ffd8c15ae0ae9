// SPDX-License-Identifier: GPL-2.0-or-later
//
// All of PowerDNS that the module sees, and the only place that knows how its releases differ. Everything else in
// plugin/ includes this and no header of PowerDNS.
//
// Feature macros, not version numbers: see cmake/pdns_features.hh.in.
#pragma once

// PowerDNS's headers expect their config.h first.
#include "config.h"

#include "arguments.hh"
#include "auth-caches.hh"
#include "auth-zonecache.hh"
#include "dnsbackend.hh"
#include "dnspacket.hh"
#include "dnsrecords.hh"
#include "dnssecinfra.hh"
#include "dnsseckeeper.hh"
#include "dynlistener.hh"
#include "logger.hh"
#include "statbag.hh"
#include "stubresolver.hh"
#include "ueberbackend.hh"
#include "version.hh"

#include "pdns_features.hh"

#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

// pdns_server has it, pdnsutil doesn't.
[[gnu::weak]] std::string getPDNSVersion();

// Counters of pdns_server and of pdnsutil, defined in each of them.
extern StatBag S;

namespace caapolicy::pdns {

// The release whose headers this module was built with.
inline constexpr const char* kBuiltFor = CAAPOLICY_PDNS_VERSION;

// The release that runs; empty where it can't be told.
inline std::string runningRelease() { return getPDNSVersion != nullptr ? getPDNSVersion() : std::string(); }

inline void registerFactory(std::unique_ptr<BackendFactory> factory)
{
#if PDNS_HAS_REPORT_UNIQUE_PTR
  BackendMakers().report(std::move(factory));
#else
  BackendMakers().report(factory.release());
#endif
}

// A record's data. The content is shared and immutable: a record set that was made once can be in many answers.
inline std::shared_ptr<const DNSRecordContent> contentOf(const DNSRecord& record)
{
#if PDNS_HAS_SETCONTENT
  return record.getContent();
#else
  return record.d_content;
#endif
}

inline void setContent(DNSRecord& record, const std::shared_ptr<DNSRecordContent>& content)
{
#if PDNS_HAS_SETCONTENT
  record.setContent(content);
#else
  record.d_content = content;
#endif
}

// As the content of a type; null where it is of another kind. Nothing derives from these classes, so that there is no need for a
// dynamic_cast, which takes its time on the query path.
template <typename Content>
const Content* as(const std::shared_ptr<const DNSRecordContent>& content)
{
  const DNSRecordContent* const any = content.get();
  return any != nullptr && typeid(*any) == typeid(Content) ? static_cast<const Content*>(any) : nullptr;
}

// A record's data, to be altered: that of this record alone, copied where it is in others as well. Null where it is of another kind.
template <typename Content>
Content* ownContentOf(DNSRecord& record)
{
  auto shared = contentOf(record);
  const auto* content = as<Content>(shared);
  if (content == nullptr) {
    return nullptr;
  }
  if (shared.use_count() <= 2) { // the record's own, and the one here
    return const_cast<Content*>(content); // made as such, and nobody else has it
  }
  auto copy = std::make_shared<Content>(*content);
  setContent(record, copy);
  return copy.get();
}

// Of a CNAME record.
inline DNSName aliasTargetOf(const DNSRecord& record)
{
  const auto shared = contentOf(record);
  const auto* content = as<CNAMERecordContent>(shared);
  if (content == nullptr) {
    throw DBException("the CNAME record of `" + record.d_name.toLogString() + "` can't be read");
  }
  return content->getTarget();
}

// An ALIAS record's: PowerDNS makes addresses of it.
inline std::shared_ptr<DNSRecordContent> aliasTo(const DNSName& target)
{
  static const auto empty = DNSRecordContent::mastermake(QType::ALIAS, QClass::IN, ".");
  auto content = std::make_shared<ALIASRecordContent>(dynamic_cast<const ALIASRecordContent&>(*empty));
  content->d_content = target;
  return content;
}

// Asks the resolvers of the setting `resolver`, and waits: 2 s for each of them. Nothing: they don't know, or don't answer.
inline std::optional<std::vector<DNSZoneRecord>> resolve(const DNSName& name, uint16_t type)
{
  std::vector<DNSZoneRecord> records;
  try {
    const int rcode = stubDoResolve(name, type, records);
    if (rcode == RCode::NoError || rcode == RCode::NXDomain) {
      return records;
    }
  }
  catch (const std::exception&) { // an answer that is no DNS message
  }
  catch (const PDNSException&) {
  }
  return std::nullopt;
}

// Who asks: behind a proxy that tells, its client.
inline ComboAddress clientOf(const DNSPacket& packet) { return packet.getInnerRemote(); }

// From presentation form.
inline std::shared_ptr<DNSRecordContent> makeContent(uint16_t type, const std::string& text)
{
  return DNSRecordContent::mastermake(type, QClass::IN, text);
}

} // namespace caapolicy::pdns
