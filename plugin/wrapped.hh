// SPDX-License-Identifier: GPL-2.0-or-later
//
// The backend module that `launch=caapolicy:…` wraps: what the launch line names, and its factory.
//
//   launch=caapolicy                  no wrapped backend
//   launch=caapolicy:bind             wraps `bind`; settings bind-config and so on, as ever
//   launch=caapolicy:gsqlite3-two     wraps a second instance; settings gsqlite3-two-database and so on, as with
//                                     `launch=gsqlite3:two`
//
// Errors are thrown as PDNSException, which PowerDNS prints. All of this runs in one thread, at start.
#pragma once

#include "plugin/pdns.hh"

#include <string>

namespace caapolicy {

struct WrappedModule {
  std::string name;   // "gsqlite3"; empty: nothing is wrapped
  std::string suffix; // "-two", or empty, as PowerDNS gives it to a factory

  // From the suffix that PowerDNS gives our own factory: all after the `:`, with a `-` in front.
  static WrappedModule fromSuffix(const std::string& suffix);

  bool none() const { return name.empty(); }
  bool operator==(const WrappedModule&) const = default;
};

// Refuses launch lines that don't mean what they seem to.
void checkLaunchLine(const std::string& launch);

// The module's factory, loading the module if need be. It belongs to PowerDNS and lives as long as the process.
BackendFactory& wrappedFactory(const WrappedModule& module);

} // namespace caapolicy
