// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy reference: prints the documents that are made from the program itself. Hidden: for those who build it.
#include "cli/manual.hh"
#include "cli/program.hh"
#include "cli/schema.hh"

#include <iostream>
#include <memory>

namespace caapolicy::cli {

void addReference(Program& program)
{
  auto what = std::make_shared<std::string>();
  CLI::App& command = program.add("reference", "Print the documents that are made from the program itself", "  caapolicy reference schema", [&program, what] {
    if (*what == "schema") {
      printJson(policySchema());
    }
    else if (*what == "caapolicy.1") {
      std::cout << commandManual(program.app());
    }
    else {
      std::cout << policyManual();
    }
    return kOk;
  });
  command.group("");
  command.add_option("DOCUMENT", *what)->required()->type_name("DOCUMENT")->check(CLI::IsMember({"schema", "caapolicy.1", "caapolicy.yaml.5"}));
}

} // namespace caapolicy::cli
