// SPDX-License-Identifier: GPL-2.0-or-later
//
// `pdns_control caapolicy-status` and `pdns_control caapolicy-explain NAME`.
#pragma once

#include "plugin/policy_manager.hh"

namespace caapolicy {

// Once a process. `manager` lives as long as the process.
void registerControl(const PolicyManager& manager);

} // namespace caapolicy
