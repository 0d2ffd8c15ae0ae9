// SPDX-License-Identifier: GPL-2.0-or-later
//
// A report as one HTML page that needs nothing else: style, script and data are in it. What is shown is made of the data by
// the script (cli/report/page.js); without one, the page still has what matters most.
#pragma once

#include "cli/output.hh"

#include <string>

namespace caapolicy::cli {

// `report` is what reportData() makes. Nothing in it can become markup or script.
std::string reportPage(const Json& report);

} // namespace caapolicy::cli
