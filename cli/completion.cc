// SPDX-License-Identifier: GPL-2.0-or-later
//
// caapolicy completion: a script for a shell, which asks the hidden `caapolicy complete` what could come next.
#include "cli/candidates.hh"
#include "cli/embedded_files.hh"
#include "cli/policy_words.hh"

#include <iostream>
#include <memory>

namespace caapolicy::cli {

namespace {

// As arguments the words would be options of this command itself.
int complete(const Program& program)
{
  std::vector<std::string> words;
  for (std::string word; std::getline(std::cin, word);) {
    words.push_back(word);
  }
  const auto found = candidatesFor(program.app(), words, [&program](const Wanted& wanted) { return policyWords(wanted, program.common()); });
  if (found.files) {
    std::cout << ":files\n";
  }
  for (const auto& [word, about] : found.words) {
    std::cout << word << (about.empty() ? "" : "\t" + about) << "\n";
  }
  return kOk;
}

} // namespace

void addCompletion(Program& program)
{
  auto shell = std::make_shared<std::string>();
  CLI::App& command = program.add("completion", "Print a script that completes command lines in a shell",
                                  "  eval \"$(caapolicy completion bash)\"   # in ~/.bashrc\n"
                                  "  eval \"$(caapolicy completion zsh)\"    # in ~/.zshrc, behind compinit\n"
                                  "  caapolicy completion fish > ~/.config/fish/completions/caapolicy.fish",
                                  [shell] {
                                    std::cout << (*shell == "bash" ? kCompletionBash : *shell == "zsh" ? kCompletionZsh : kCompletionFish);
                                    return kOk;
                                  });
  command.add_option("SHELL", *shell, "bash, zsh or fish")->required()->type_name("SHELL")->check([](const std::string& word) {
    return word == "bash" || word == "zsh" || word == "fish" ? std::string() : "`" + word + "` is none of `bash`, `zsh` and `fish`";
  });

  program.add("complete", "Print what could come next on a command line, for shells; its words are read from stdin, one a line", "  printf '%s\\n' approve '' | caapolicy complete",
              [&program] { return complete(program); }).group("");
}

} // namespace caapolicy::cli
