// SPDX-License-Identifier: GPL-2.0-or-later
//
// Is everything that one issuer stands for among what another stands for? Pure functions.
#pragma once

#include "model.hh"

namespace caapolicy {

// What of `inner` goes beyond `outer`. The CA comes first: the rest is told only where it is the same.
enum class Excess : uint8_t { None, Ca, Accounts, Methods };

// No accounts or no methods mean any, which is more than any list holds.
Excess excessOf(const Issuer& inner, const Issuer& outer);
inline bool isWithin(const Issuer& inner, const Issuer& outer) { return excessOf(inner, outer) == Excess::None; }

// The first item of `inner` that `outer` doesn't have; null: there is none, or one of them stands for any.
const std::string* firstBeyond(const std::vector<std::string>& inner, const std::vector<std::string>& outer);

} // namespace caapolicy
