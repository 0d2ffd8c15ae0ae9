// SPDX-License-Identifier: GPL-2.0-or-later
//
// Zones from files (RFC 1035 5) and by zone transfer (RFC 5936), through ldns.
#pragma once

#include "policy/stored_zone.hh"

#include <filesystem>
#include <optional>
#include <string>

namespace caapolicy::cli {

// `origin` is for a file that has relative names and no $ORIGIN. ldns reads no $INCLUDE, no $GENERATE, and no CAA value without
// quotes. Throws Failure(kFailed).
StoredZone readZoneFile(const std::filesystem::path& path, const std::optional<Name>& origin);
// `server` is an address or a name, with :PORT if need be. Throws Failure.
StoredZone transferZone(const std::string& server, const Name& zone);

} // namespace caapolicy::cli
