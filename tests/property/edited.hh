// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "generate.hh"

namespace caapolicy::test {

// The same policy after somebody worked on it.
WrittenPolicy edited(const WrittenPolicy& policy, Random& random);

} // namespace caapolicy::test
