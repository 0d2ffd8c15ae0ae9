// SPDX-License-Identifier: GPL-2.0-or-later
//
// Files that are there whole or not at all, also when the machine goes down meanwhile.
#pragma once

#include <filesystem>
#include <string_view>

namespace caapolicy::cli {

// Writes the text beside the file, and puts it in its place, with the permissions of the file that was there, or else 0644
// without what the umask takes away. Throws Failure(kFailed); what was there before stays then.
void writeAtomically(const std::filesystem::path& file, std::string_view text);

} // namespace caapolicy::cli
