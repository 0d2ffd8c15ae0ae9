// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writes files so that whoever reads them sees the old content or the new, never a part, after a crash as well: into a
// hidden file beside it, which no pattern of a policy matches, then to the disk, then under its name.
//
// All of these throw Failure(kFailed) and leave the file as it was. Not to be called by two processes for one folder at
// once: see PolicyLock.
#pragma once

#include <filesystem>
#include <string>

namespace caapolicy::cli {

// Never over an existing file. Whoever may list the folder may read the file, and its group is the folder's, so that a
// server which reads the other files there can read this one.
void writeNewFile(const std::filesystem::path& path, const std::string& text);
// Keeps owner, group and mode; through a symbolic link. Fails when the content is not `before` any more.
void replaceFile(const std::filesystem::path& path, const std::string& before, const std::string& text);
// Whether it is there or not, and whatever is in it.
void putFile(const std::filesystem::path& path, const std::string& text);
// Fails when the content is not `before` any more.
void removeFile(const std::filesystem::path& path, const std::string& before);
// Removes what interrupted calls have left in the folder; nothing where it can't.
void removeLeftovers(const std::filesystem::path& folder);

} // namespace caapolicy::cli
