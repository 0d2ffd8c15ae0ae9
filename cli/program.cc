// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/program.hh"

#include "cli/help.hh"
#include "cli/output.hh"
#include "cli/usage_error.hh"

#include <ctime>
#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

constexpr const char* kDefaultPolicy = "/etc/powerdns/caa/policy.yaml";

} // namespace

Program::Program() : d_app("Says and changes who may issue certificates, by the CAA policy that the PowerDNS module caapolicy serves.", "caapolicy")
{
  d_app.formatter(std::make_shared<Help>());
  d_app.require_subcommand(1);
  d_app.fallthrough(); // common options may stand behind the subcommand
  d_app.set_version_flag("--version", CAAPOLICY_VERSION);
  d_app.add_option("--policy", d_common.policy, "Root file of the policy")->envname("CAAPOLICY_FILE")->default_str(kDefaultPolicy)->type_name("FILE");
  d_app.add_option("--at", d_at, "The instant to answer for, as 2026-11-22T09:00:00Z; default: now")->type_name("TIME");
  d_app.add_option("--format", d_format, "text (the default) or json")->type_name("text|json");
  d_app.footer("Exit status: 0 ok or allowed, 1 failed, 2 wrong usage, 3 denied, 4 the policy has errors.\n"
               "`caapolicy COMMAND --help` has examples.");
}

CLI::App& Program::add(const std::string& name, const std::string& summary, const std::string& examples, std::function<int()> run)
{
  CLI::App* command = d_app.add_subcommand(name, summary)->group("Commands");
  command->footer("Examples:\n" + examples);
  command->final_callback([run = std::move(run)] {
    if (const int code = run(); code != kOk) {
      throw CLI::RuntimeError(code);
    }
  });
  return *command;
}

Instant parseInstantOption(const std::string& option, const std::string& text)
{
  if (const auto instant = parseInstant(text)) {
    return *instant;
  }
  const std::string midnight = text + "T00:00:00Z";
  throw Failure(kUsage, option + ": `" + text + "` is not an instant" + (parseInstant(midnight) ? ": it has no time of day; write " + midnight : " such as 2026-11-22T09:00:00Z"));
}

int Program::main(int argc, const char* const* argv)
{
  d_app.parse_complete_callback([this] {
    d_common.policyGiven = !d_common.policy.empty();
    if (!d_common.policyGiven) {
      d_common.policy = kDefaultPolicy;
    }
    if (d_format != "text" && d_format != "json") {
      throw CLI::ValidationError("--format", "`" + d_format + "` must be `text` or `json`");
    }
    d_common.format = d_format == "json" ? Format::JsonText : Format::PlainText;
    d_common.at = std::time(nullptr);
    if (!d_at.empty()) {
      d_common.at = parseInstantOption("--at", d_at);
      d_common.atGiven = true;
    }
  });
  try {
    d_app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) {
      throw Failure(kFailed, "can't write the output");
    }
    return kOk;
  }
  catch (const Failure& failure) {
    std::cout.flush();
    if (*failure.what() != '\0') {
      std::cerr << errorPrefix() << failure.what() << "\n";
    }
    return failure.code();
  }
  catch (const CLI::RuntimeError& ended) {
    std::cout.flush();
    return std::cout ? ended.get_exit_code() : kFailed;
  }
  catch (const CLI::Success& help) { // --help and --version
    return d_app.exit(help);
  }
  catch (const CLI::ParseError& wrong) {
    std::cerr << errorPrefix() << usageError(d_app, argc, argv, wrong);
    return kUsage;
  }
  catch (const std::exception& error) {
    std::cerr << errorPrefix() << error.what() << "\n";
    return kFailed;
  }
}

} // namespace caapolicy::cli
