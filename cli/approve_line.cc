// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/approve_line.hh"

#include <string_view>

namespace caapolicy::cli {

namespace {

// As a POSIX shell takes it for one word.
std::string quotedForShell(const std::string& word)
{
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/:@=,+%";
  if (word.find_first_not_of(kPlain) == std::string::npos) {
    return word;
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

} // namespace

std::string approveLine(const ApproveLine& line)
{
  std::string text = "caapolicy approve " + quotedForShell(line.name) + " --issuer " + quotedForShell(line.issuer);
  text += line.account.empty() ? "" : " --account " + quotedForShell(line.account);
  text += line.method.empty() ? "" : " --method " + quotedForShell(line.method);
  return text + (line.wildcard ? " --wildcard=only" : "");
}

} // namespace caapolicy::cli
