// SPDX-License-Identifier: GPL-2.0-or-later
//
// Diagnostics as SARIF 2.1.0 (OASIS), which code review shows beside the lines that they are about.
#pragma once

#include "cli/output.hh"
#include "policy/diagnostic.hh"

#include <filesystem>
#include <vector>

namespace caapolicy::cli {

// Paths are relative to `base` where they are below it, as the root of a checkout.
Json toSarif(const std::vector<Diagnostic>& diagnostics, const std::vector<SourceFile>& files, const std::filesystem::path& base);

} // namespace caapolicy::cli
