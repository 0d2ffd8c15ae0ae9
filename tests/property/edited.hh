// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "generate.hh"

namespace caapolicy::test {

// The same policy after somebody worked on it.
Policy edited(const Policy& policy, Random& random);

} // namespace caapolicy::test
