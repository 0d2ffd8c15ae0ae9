// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "zone.hh"

#include "policy/stored_zone.hh"

namespace caapolicy::test {

// The zone as the command has it after reading a zone file.
StoredZone stored(const ZoneRecords& records);

} // namespace caapolicy::test
