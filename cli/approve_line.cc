// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/approve_line.hh"

#include "cli/shell.hh"

namespace caapolicy::cli {

std::string approveLine(const ApproveLine& line)
{
  std::string text = "caapolicy approve " + quotedForShell(line.name) + " --issuer " + quotedForShell(line.issuer);
  text += line.account.empty() ? "" : " --account " + quotedForShell(line.account);
  text += line.method.empty() ? "" : " --method " + quotedForShell(line.method);
  return text + (line.wildcard ? " --wildcard=only" : "");
}

} // namespace caapolicy::cli
