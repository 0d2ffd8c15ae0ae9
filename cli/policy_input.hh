// SPDX-License-Identifier: GPL-2.0-or-later
//
// Loads the policy as the module does, and tells of what is wrong with it.
#pragma once

#include "cli/output.hh"
#include "cli/program.hh"
#include "policy/loader.hh"

#include <string>

namespace caapolicy::cli {

// The policy of --policy, as it is in its files. Where there is nothing that could be served, prints the diagnostics to
// stderr and throws Failure(kPolicyErrors). What is wrong with delegated files alone goes to stderr, and their subtrees are denied, as
// at a start of the server.
LoadResult loadPolicy(const Common& common);

// The same for what was loaded otherwise. `meaning`: what the errors mean for a policy that servers have, as the end of a sentence.
void tellErrors(const LoadResult& result, const std::filesystem::path& file, const std::string& meaning = {});
inline constexpr const char* kServerGoesOn = "; a running server keeps to the last version that had none; `caapolicy check` lists all that is wrong";

// A host name of the command line; throws Failure(kUsage).
Name parseNameArgument(const std::string& text);

// The place that a grant or an approval is in: "policy.yaml:7".
std::string placeOf(const Policy& policy, const Location& where);

// Diagnostics as text with colours; for people.
std::string renderForTerminal(const Diagnostic& diagnostic, const std::vector<SourceFile>& files, Stream stream);
Json toJson(const Diagnostic& diagnostic, const std::vector<SourceFile>& files);

} // namespace caapolicy::cli
