// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy report: all that there is to know of a policy on one page, for people who don't read policies.
#include "cli/atomic_file.hh"
#include "cli/policy_input.hh"
#include "cli/progress.hh"
#include "cli/report_data.hh"
#include "cli/report_page.hh"
#include "cli/server_attempts.hh"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace caapolicy::cli {

namespace {

struct Options {
  std::string html, attempts;
  ServerPlace server;
};

AttemptsSeen attemptsOf(const Options& options)
{
  if (!options.attempts.empty()) {
    std::ifstream file(options.attempts);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) {
      throw Failure(kFailed, "can't read `" + options.attempts + "`: " + std::strerror(errno));
    }
    return {parseAttempts(text, "`" + options.attempts + "`"), {}};
  }
  try {
    return {askForAttempts(options.server, Complaints::Hidden), {}};
  }
  catch (const Failure&) { // a report is of use without it, and says so
    return {std::nullopt, "Not known: no name server could be asked when this page was made."};
  }
}

int report(const Common& common, const Options& options)
{
  if (options.html.empty() && !common.json()) {
    throw Failure(kUsage, "where to? --html FILE writes a page, --format json prints the data");
  }
  const LoadResult loaded = [&common] {
    const Progress progress("reading " + common.policy.string());
    return loadPolicy(common);
  }();
  const Json data = reportData(loaded, common.policy.string(), common.at, attemptsOf(options));
  if (options.html.empty()) {
    printJson(data);
  }
  else if (options.html == "-") {
    std::cout << reportPage(data);
  }
  else {
    putFile(options.html, reportPage(data));
    std::cout << "wrote " << options.html << "\n";
  }
  return kOk;
}

} // namespace

void addReport(Program& program)
{
  auto options = std::make_shared<Options>();
  CLI::App& command = program.add("report", "Make a page that shows who may issue for what, and until when",
                                  "  caapolicy report --html caa.html\n"
                                  "  caapolicy report --html - --attempts attempts.jsonl > caa.html   # as of `pdns_control caapolicy-attempts json`\n"
                                  "  caapolicy report --format json",
                                  [&program, options] { return report(program.common(), *options); });
  command.add_option("--html", options->html, "Write one HTML page that needs nothing else; -: to stdout")->type_name("FILE");
  command.add_option("--attempts", options->attempts, "Denied names from this file, an object a line, instead of asking the server")->type_name("FILE");
  addServerOptions(command, options->server);
}

} // namespace caapolicy::cli
