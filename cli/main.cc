// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/program.hh"

int main(int argc, char** argv)
{
  using namespace caapolicy::cli;
  Program program;
  addAttempts(program);
  addCa(program);
  addApprove(program);
  addCheck(program);
  addDiff(program);
  addExplain(program);
  addList(program);
  addPrune(program);
  addRevoke(program);
  addImport(program);
  addRecords(program);
  addTest(program);
  addLive(program);
  return program.main(argc, argv);
}
