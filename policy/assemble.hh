// SPDX-License-Identifier: GPL-2.0-or-later
//
// Documents -> one policy: each subtree once, everything in canonical order.
//
// Pure function; any thread may call it.
#pragma once

#include "diagnostic.hh"
#include "model.hh"
#include "reader.hh"

#include <vector>

namespace caapolicy {

// What a delegated file adds.
struct DelegatedPart {
  Name node;
  const Document* document{nullptr}; // null: nothing
  bool denied{false};                // nothing may be granted at or below the node
};

// `documents` are those of the root file and of the included ones. Problems: a subtree that is in the policy twice, and
// a key of a delegated subtree that both sides set. Where two delegated files clash, the one of the upper subtree is at
// fault: it reaches into a subtree that is another team's. Leaves Policy::files to the caller.
Policy assemble(const std::vector<Document>& documents, std::vector<DelegatedPart> delegated, std::vector<Diagnostic>& problems);

} // namespace caapolicy
