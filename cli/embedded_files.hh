// SPDX-License-Identifier: GPL-2.0-or-later
//
// The files of cli/report/ and cli/completion/, as the build put them into the program.
#pragma once

#include <string_view>

namespace caapolicy::cli {

extern const std::string_view kReportPage, kReportStyle, kReportScript;
extern const std::string_view kCompletionBash, kCompletionFish, kCompletionZsh;

} // namespace caapolicy::cli
