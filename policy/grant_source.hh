// SPDX-License-Identifier: GPL-2.0-or-later
//
// A grant with what holds it: an approval, or the `allow` of a subtree.
#pragma once

#include "model.hh"

#include <memory>

namespace caapolicy {

struct GrantSource {
  const Grant* grant{nullptr};              // in the approval or in the subtree
  std::shared_ptr<const Approval> approval; // null: from the subtree's `allow`
  const Subtree* subtree{nullptr};          // null: from the approval; else lives as long as the policy

  const Name& name() const { return approval != nullptr ? approval->name : subtree->name; }
};

} // namespace caapolicy
