// SPDX-License-Identifier: GPL-2.0-or-later
//
// Instants and spans of a policy: whole seconds, as RFC 3339 timestamps and as `90d`.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace caapolicy {

// Seconds since 1970-01-01T00:00:00Z, as time(2) counts them.
using Instant = int64_t;
inline constexpr Instant kBeginningOfTime = std::numeric_limits<Instant>::min();
inline constexpr Instant kEndOfTime = std::numeric_limits<Instant>::max();

// RFC 3339 5.6 `date-time` with `Z` or a numeric offset, whole seconds ("2026-11-22T09:00:00Z"). Nothing else.
std::optional<Instant> parseInstant(std::string_view text);
// In UTC, with `Z`.
std::string instantToText(Instant instant);

// A positive whole number and one of s, m, h, d, w: "90d". Nothing else.
std::optional<int64_t> parseSpan(std::string_view text);
// The shortest such form.
std::string spanToText(int64_t seconds);

} // namespace caapolicy
