// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/program.hh"

#include "cli/output.hh"
#include "policy/similar.hh"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <iostream>

namespace caapolicy::cli {

namespace {

constexpr const char* kDefaultPolicy = "/etc/powerdns/caa/policy.yaml";

} // namespace

Program::Program() : d_app("Says and changes who may issue certificates, by the CAA policy that the PowerDNS module caapolicy serves.", "caapolicy")
{
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
  CLI::App* command = d_app.add_subcommand(name, summary);
  command->footer("Examples:\n" + examples);
  command->final_callback([run = std::move(run)] {
    if (const int code = run(); code != kOk) {
      throw CLI::RuntimeError(code);
    }
  });
  return *command;
}

// CLI11 says what is missing before it says what it doesn't know.
std::string Program::unknownOption(int argc, const char* const* argv) const
{
  const CLI::App* command = &d_app;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
  }
  for (const char* const* argument = argv + 1; argument != argv + argc && std::string_view(*argument) != "--"; ++argument) {
    const std::string option(*argument, std::strcspn(*argument, "="));
    if (!option.starts_with("--") || command->get_option_no_throw(option) != nullptr || d_app.get_option_no_throw(option) != nullptr) {
      continue;
    }
    std::vector<std::string> names;
    for (const CLI::App* known : {command, &d_app}) {
      for (const CLI::Option* one : known->get_options()) {
        for (const auto& name : one->get_lnames()) {
          names.push_back("--" + name);
        }
      }
    }
    return "there is no option `" + option + "`" + didYouMean(option, {names.begin(), names.end()});
  }
  return {};
}

// CLI11 has no more to say than that a command is missing.
std::string Program::unknownCommand(int argc, const char* const* argv) const
{
  const auto word = std::find_if(argv + 1, argv + argc, [](const char* argument) { return *argument != '-'; });
  if (word == argv + argc) {
    return {};
  }
  std::vector<std::string_view> names;
  for (const CLI::App* command : d_app.get_subcommands({})) {
    if (!command->get_group().empty()) { // not a hidden one
      names.push_back(command->get_name());
    }
  }
  return "there is no command `" + std::string(*word) + "`" + didYouMean(*word, names);
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
      const auto at = parseInstant(d_at);
      if (!at) {
        throw CLI::ValidationError("--at", "`" + d_at + "` is not an instant such as 2026-11-22T09:00:00Z");
      }
      d_common.at = *at;
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
    const bool isChosen = !d_app.get_subcommands().empty();
    const std::string unknown = isChosen ? unknownOption(argc, argv) : unknownCommand(argc, argv);
    std::cerr << errorPrefix() << (unknown.empty() ? wrong.what() : unknown) << "\nSee `caapolicy "
              << (isChosen ? d_app.get_subcommands().front()->get_name() + " --help`" : "--help`, and `caapolicy COMMAND --help`") << ".\n";
    return kUsage;
  }
  catch (const std::exception& error) {
    std::cerr << errorPrefix() << error.what() << "\n";
    return kFailed;
  }
}

} // namespace caapolicy::cli
