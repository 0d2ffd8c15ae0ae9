// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/shell.hh"

#include "cli/program.hh"

#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

namespace caapolicy::cli {

std::string quotedForShell(const std::string& word)
{
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/:@=,+%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
    return word;
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

Finished runProgram(const std::vector<std::string>& words, Complaints complaints)
{
  std::string command;
  for (const auto& word : words) {
    command += (command.empty() ? "" : " ") + quotedForShell(word);
  }
  command += complaints == Complaints::Hidden ? " 2> /dev/null" : "";
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    throw Failure(kFailed, "can't run `" + words.front() + "`: " + std::strerror(errno));
  }
  Finished finished;
  std::array<char, 65536> buffer;
  for (size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    finished.output.append(buffer.data(), size);
  }
  const int status = pclose(pipe);
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return finished;
}

} // namespace caapolicy::cli
