// SPDX-License-Identifier: GPL-2.0-or-later
//
// Asks as a CA's resolver does: libunbound, with DNSSEC validation (RFC 4035). Begins with an empty cache.
#pragma once

#include "cli/dns_address.hh"
#include "cli/dns_lookup.hh"
#include "cli/trust_anchors.hh"

#include <chrono>
#include <optional>
#include <utility>

struct ub_ctx;

namespace caapolicy::cli {

class ValidatingResolver : public LookupSource {
public:
  struct Settings {
    std::vector<TrustAnchor> anchors;
    std::chrono::milliseconds timeout{};                 // for each name
    std::optional<DnsAddress> forwarder;                 // a resolver that is asked for everything; none: from the root on
    std::vector<std::pair<Name, DnsAddress>> authorities; // zones whose server is known
  };
  explicit ValidatingResolver(const Settings& settings);
  ~ValidatingResolver() override;

  Lookup ask(const Name& name) override;

private:
  void set(int error, const std::string& what) const;
  bool hasAnchorFor(const Name& name) const;

  const std::vector<TrustAnchor> d_anchors;
  const std::chrono::milliseconds d_timeout;
  ub_ctx* const d_context;
};

} // namespace caapolicy::cli
