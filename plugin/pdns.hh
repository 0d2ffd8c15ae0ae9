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
#include "ueberbackend.hh"
#include "version.hh"

#include "pdns_features.hh"

#include <memory>
#include <string>
#include <utility>

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

// From presentation form.
inline std::shared_ptr<DNSRecordContent> makeContent(uint16_t type, const std::string& text)
{
  return DNSRecordContent::mastermake(type, QClass::IN, text);
}

} // namespace caapolicy::pdns
