// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/program.hh"

int main(int argc, char** argv)
{
  using namespace caapolicy::cli;
  Program program;
  addApprove(program);
  addAttempts(program);
  addCa(program);
  addCheck(program);
  addCompletion(program);
  addDiff(program);
  addExplain(program);
  addImport(program);
  addList(program);
  addLive(program);
  addPrune(program);
  addRecords(program);
  addReference(program);
  addReport(program);
  addRevoke(program);
  addTest(program);
  return program.main(argc, argv);
}
