// SPDX-License-Identifier: GPL-2.0-or-later
//
// The file that `approve` writes: where it may be, what it is called, what it holds.
#pragma once

#include "policy/loader.hh"

#include <filesystem>
#include <string>
#include <vector>

namespace caapolicy::cli {

struct NewApproval {
  Name name;
  std::string issuer;            // a name under `issuers`, or a CA's domain
  std::vector<std::string> accounts, methods; // with any, `issuer` is a domain, bound to them
  Wildcard wildcard{Wildcard::No};
  bool subtree{false};
  Instant from{0};
  Instant until{kEndOfTime};
  std::string reason, ticket, by;
};

std::string approvalText(const NewApproval& approval);

struct WantedPlace {
  std::filesystem::path folder; // empty: any
  std::filesystem::path file;   // empty: a name of its own
};
// Where a file for it would be read by the policy and there is none yet, as the loader names it. Throws Failure(kFailed)
// with what to add to the policy where there is no such place.
std::filesystem::path placeForApproval(const LoadResult& policy, const std::filesystem::path& policyFile, const NewApproval& approval, const WantedPlace& wanted);

} // namespace caapolicy::cli
