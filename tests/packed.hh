// SPDX-License-Identifier: GPL-2.0-or-later
//
// Approvals made in code, packed as the loader packs those of files.
#pragma once

#include "policy/file_approvals.hh"

#include <algorithm>
#include <map>
#include <vector>

namespace caapolicy::test {

// By the files that their places say.
inline std::vector<PlacedApprovals> packed(const std::vector<Approval>& approvals)
{
  std::map<uint32_t, std::vector<Approval>> files;
  for (const Approval& approval : approvals) {
    files[approval.where.file].push_back(approval);
  }
  std::vector<PlacedApprovals> placed;
  for (auto& [file, ofFile] : files) {
    std::stable_sort(ofFile.begin(), ofFile.end(), [](const Approval& left, const Approval& right) { return left.where < right.where; });
    placed.push_back({FileApprovals::pack(ofFile), file});
  }
  return placed;
}

} // namespace caapolicy::test
