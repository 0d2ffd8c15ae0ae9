// SPDX-License-Identifier: GPL-2.0-or-later
//
// What DNSSEC validation begins with: DS and DNSKEY records.
#pragma once

#include "policy/name.hh"

#include <string>
#include <vector>

namespace caapolicy::cli {

struct TrustAnchor {
  Name zone;
  std::string record; // in presentation form, on one line
};

// A file of DS or DNSKEY records, or one such record as text. Throws Failure: kUsage for a text that is neither, kFailed for
// a file that can't be read or has none.
std::vector<TrustAnchor> readTrustAnchors(const std::string& fileOrRecord);
// Those of the root: the system's (Debian: package dns-root-data) where it has them, else those known when this was written.
std::vector<TrustAnchor> rootTrustAnchors();

} // namespace caapolicy::cli
