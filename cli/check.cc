// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy check: is the policy good, and what is wrong with it?
#include "cli/policy_input.hh"
#include "cli/progress.hh"
#include "cli/sarif.hh"

#include <algorithm>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

struct Options {
  bool strict{false};
  bool sarif{false};
};

std::string numbered(size_t count, const std::string& word) { return std::to_string(count) + " " + word + (count == 1 ? "" : "s"); }

void printText(const LoadResult& result, size_t errors, size_t warnings, Instant now, const std::string& file, bool strict)
{
  for (const auto& diagnostic : result.diagnostics) {
    std::cout << renderForTerminal(diagnostic, result.files, Stream::Out);
  }
  if (errors > 0) {
    std::cout << styled(Style::Bad, numbered(errors, "error")) << ", " << numbered(warnings, "warning") << " in " << file << "\n";
    return;
  }
  if (strict && warnings > 0) {
    std::cout << styled(Style::Bad, "failed") << ", as --strict has it: " << numbered(warnings, "warning") << " in " << file << "\n";
    return;
  }
  const auto counts = result.snapshot->count(now);
  std::cout << styled(warnings == 0 ? Style::Good : Style::Warning, warnings == 0 ? "good" : "good, with " + numbered(warnings, "warning")) << ": " << file << ", "
            << numbered(result.files.size(), "file") << ", " << numbered(counts.subtrees, "subtree") << ", "
            << numbered(counts.approvals, "approval") << " (" << counts.live << " live)\n";
}

Json asJson(const LoadResult& result, size_t errors, size_t warnings, Instant now)
{
  Json json = {{"good", errors == 0}, {"errors", errors}, {"warnings", warnings}, {"files", result.files.size()}};
  if (result.snapshot != nullptr) {
    const auto counts = result.snapshot->count(now);
    json["subtrees"] = counts.subtrees;
    json["approvals"] = counts.approvals;
    json["live"] = counts.live;
  }
  json["diagnostics"] = Json::array();
  for (const auto& diagnostic : result.diagnostics) {
    json["diagnostics"].push_back(toJson(diagnostic, result.files));
  }
  return json;
}

int check(const Common& common, const Options& options)
{
  const LoadResult result = [&common] {
    const Progress progress("reading " + common.policy.string());
    return Loader(common.policy).load(common.at);
  }();
  const auto count = [&result](Severity severity) {
    return static_cast<size_t>(std::count_if(result.diagnostics.begin(), result.diagnostics.end(),
                                             [severity](const Diagnostic& diagnostic) { return diagnostic.severity == severity; }));
  };
  const size_t errors = count(Severity::Error);
  const size_t warnings = count(Severity::Warning);
  if (options.sarif) {
    printJson(toSarif(result.diagnostics, result.files, std::filesystem::current_path()));
  }
  else if (common.json()) {
    printJson(asJson(result, errors, warnings, common.at));
  }
  else {
    printText(result, errors, warnings, common.at, common.policy.string(), options.strict);
  }
  return errors > 0 || (options.strict && warnings > 0) ? kPolicyErrors : kOk;
}

} // namespace

void addCheck(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("check", "Say what is wrong with the policy",
                                  "  caapolicy check --policy policy.yaml\n"
                                  "  caapolicy check --strict --format json   # for a pipeline: warnings fail too\n"
                                  "  caapolicy check --sarif > caa.sarif      # for code review",
                                  [&program, options] { return check(program.common(), *options); });
  command.add_flag("--strict", options->strict, "Warnings are errors: exit status 4");
  command.add_flag("--sarif", options->sarif, "Print SARIF 2.1.0, with paths relative to the current folder");
}

} // namespace caapolicy::cli
