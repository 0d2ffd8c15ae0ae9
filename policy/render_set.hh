// SPDX-License-Identifier: GPL-2.0-or-later
//
// From grants and settings to the CAA records that say just that (RFC 8659 4, RFC 8657, RFC 9495).
#pragma once

#include "model.hh"
#include "record_set.hh"

#include <vector>

namespace caapolicy {

// The record set of a name that has these grants. Never empty: without a grant it holds `0 issue ";"`.
RecordSet renderSet(const std::vector<const Grant*>& grants, const Inherited& settings);

} // namespace caapolicy
