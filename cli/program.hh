// SPDX-License-Identifier: GPL-2.0-or-later
//
// What all subcommands have in common: options, exit codes, how a failure ends the program.
#pragma once

#include "policy/clock.hh"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

namespace caapolicy::cli {

// The exit codes, as docs/cli.md has them.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,       // the thing itself could not be done
  kUsage = 2,        // the command line is wrong
  kDenied = 3,       // the answer to the question is no
  kPolicyErrors = 4, // the policy has errors, can't be read, or would have some: then nothing is written
};

enum class Format : uint8_t { PlainText, JsonText };

// Options of every subcommand.
struct Common {
  std::filesystem::path policy;
  bool policyGiven{false}; // by the option or the environment: it has to be there
  Instant at{0};           // the instant that is asked about; now, unless said otherwise
  bool atGiven{false};     // it may be any: nothing is known of the running server then
  Format format{Format::PlainText};

  bool json() const { return format == Format::JsonText; }
};

// Ends the program: main() prints `caapolicy: message` to stderr, or nothing when all has been said, and exits.
class Failure : public std::runtime_error {
public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), d_code(code) {}
  ExitCode code() const { return d_code; }

private:
  ExitCode d_code;
};

// An instant of the command line; throws Failure(kUsage).
Instant parseInstantOption(const std::string& option, const std::string& text);

// The command line. A subcommand adds itself with `add`, puts its options into an object that it keeps alive in
// `run`, and returns an exit code from there.
class Program {
public:
  Program();

  // `examples` are shown at the end of its help.
  CLI::App& add(const std::string& name, const std::string& summary, const std::string& examples, std::function<int()> run);
  const Common& common() const { return d_common; }
  const CLI::App& app() const { return d_app; }
  int main(int argc, const char* const* argv);

private:
  CLI::App d_app;
  Common d_common;
  std::string d_at;
  std::string d_format{"text"};
};

// One for each subcommand, in a file of that name.
void addApprove(Program& program);
void addAttempts(Program& program);
void addCa(Program& program);
void addCheck(Program& program);
void addCompletion(Program& program);
void addDiff(Program& program);
void addExplain(Program& program);
void addImport(Program& program);
void addList(Program& program);
void addLive(Program& program);
void addPrune(Program& program);
void addRecords(Program& program);
void addReference(Program& program);
void addReport(Program& program);
void addRevoke(Program& program);
void addTest(Program& program);

} // namespace caapolicy::cli
