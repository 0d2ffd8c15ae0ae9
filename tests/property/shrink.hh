// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "scenario.hh"

namespace caapolicy::test {

// A scenario with less in it that the property does not hold for either; tried thoroughly.
Scenario shrink(const Scenario& scenario, const Property& property);

} // namespace caapolicy::test
