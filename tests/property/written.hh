// SPDX-License-Identifier: GPL-2.0-or-later
//
// A policy whose approvals are at hand as they were written, for whoever reads or changes it.
#pragma once

#include "policy/model.hh"
#include "tests/packed.hh"

#include <memory>
#include <vector>

namespace caapolicy::test {

struct WrittenPolicy : Policy {
  std::vector<Approval> approvals; // hides the packed ones, which are made of these by finished()
};

// To be compiled.
inline std::shared_ptr<const WrittenPolicy> finished(WrittenPolicy policy)
{
  policy.Policy::approvals = packed(policy.approvals);
  return std::make_shared<const WrittenPolicy>(std::move(policy));
}

} // namespace caapolicy::test
