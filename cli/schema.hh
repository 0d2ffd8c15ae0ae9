// SPDX-License-Identifier: GPL-2.0-or-later
//
// The policy language as JSON Schema (draft 7, which editors' YAML servers know best), made from the reader's own key table.
#pragma once

#include "cli/output.hh"

namespace caapolicy::cli {

// At its root the root file; `definitions` has included and delegated files, and approvals as in JSON Lines. It accepts
// whatever the reader accepts; what a schema can't tell is left to `caapolicy check`.
Json policySchema();

} // namespace caapolicy::cli
