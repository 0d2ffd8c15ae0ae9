// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the DNS says when it is asked for the CAA of one name, and who can be asked.
#pragma once

#include "policy/evaluate.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace caapolicy::cli {

enum class Outcome : uint8_t {
  Records,   // there is CAA
  NoCaa,     // the name is there, without CAA (NODATA)
  NoName,    // there is no such name (NXDOMAIN)
  NotServed, // the server that was asked has no zone for it
  Failed,    // no answer that a CA could use
};

// RFC 4035 4.3; Unchecked: nobody has validated.
enum class Security : uint8_t { Unchecked, Secure, Insecure, Indeterminate, Bogus };

struct Alias {
  Name target;
  uint32_t ttl{0};
};

struct Lookup {
  Name name;
  Outcome outcome{Outcome::Failed};
  std::string rcode;          // "NOERROR"; empty: there was no answer
  std::vector<Alias> aliases; // the CNAME chain, from the name on
  RecordSet set;              // with Outcome::Records
  uint32_t ttl{0};            // seconds for which a cache keeps all this
  Security security{Security::Unchecked};
  std::string failure;        // why it failed, or isn't served

  // The name that the records, or their absence, are at.
  const Name& owner() const { return aliases.empty() ? name : aliases.back().target; }
};

// Who is asked. Not for several threads at once.
class LookupSource {
public:
  LookupSource() = default;
  LookupSource(const LookupSource&) = delete;
  LookupSource& operator=(const LookupSource&) = delete;
  virtual ~LookupSource() = default;

  // Never throws for what the network does: that is a lookup that failed.
  virtual Lookup ask(const Name& name) = 0;
};

} // namespace caapolicy::cli
