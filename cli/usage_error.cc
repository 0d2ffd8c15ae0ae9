// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/usage_error.hh"

#include "cli/help.hh"
#include "policy/similar.hh"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

namespace caapolicy::cli {

namespace {

std::string listed(const std::vector<std::string>& words)
{
  std::string text;
  for (size_t index = 0; index < words.size(); ++index) {
    text += (index == 0 ? "" : index + 1 == words.size() ? " and " : ", ") + words[index];
  }
  return text;
}

class UsageError {
public:
  UsageError(const CLI::App& app, std::vector<std::string> words, const CLI::ParseError& error) :
    d_root(app), d_command(&app), d_words(std::move(words)), d_left(app.remaining(true)), d_said(error.what())
  {
    while (!d_command->get_subcommands().empty()) {
      d_command = d_command->get_subcommands().front();
    }
  }

  const CLI::App& command() const { return *d_command; }

  // What isn't known comes first: it explains what is missing.
  std::string text() const
  {
    for (const auto& word : d_left) {
      if (word.starts_with('-') && word.size() > 1) {
        return unknownOption(word.substr(0, word.find('=')));
      }
    }
    if (!d_command->get_subcommands(nullptr).empty()) {
      return d_left.empty() ? "a command is missing" : unknownCommand(d_left.front(), *d_command);
    }
    if (!d_left.empty() && d_words.size() > 1 && d_words[1] == d_left.front()) {
      return unknownCommand(d_left.front(), d_root);
    }
    if (!d_left.empty()) {
      return tooMany(d_left.front());
    }
    const std::string missing = missingOptions();
    return missing.empty() ? ofOption() : missing;
  }

private:
  std::string unknownOption(const std::string& option) const
  {
    std::vector<std::string> names;
    for (const CLI::App* app : {d_command, &d_root}) {
      for (const CLI::Option* known : app->get_options()) {
        for (const auto& name : known->get_lnames()) {
          names.push_back("--" + name);
        }
      }
    }
    return "there is no option `" + option + "`" + didYouMean(option, {names.begin(), names.end()});
  }

  static std::string unknownCommand(const std::string& word, const CLI::App& app)
  {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands(nullptr)) {
      if (!command->get_group().empty()) { // not a hidden one
        names.push_back(command->get_name());
      }
    }
    return "there is no command `" + word + "`" + didYouMean(word, {names.begin(), names.end()});
  }

  std::string tooMany(const std::string& word) const
  {
    const std::string text = "`" + word + "` is one word too many";
    // The value of a flag is a word of its own nowhere.
    for (size_t index = 1; index < d_words.size(); ++index) {
      const CLI::Option* flag = d_words[index - 1].starts_with("--") ? d_command->get_option_no_throw(d_words[index - 1]) : nullptr;
      const std::string& value = d_words[index];
      if (flag != nullptr && flag->get_items_expected_max() == 0 && (value == "only" || value == "true" || value == "false")) {
        return (value == word ? text : "`" + value + "` is no value of `" + d_words[index - 1] + "` this way") + "; did you mean `" + d_words[index - 1] + "=" + value + "`?";
      }
    }
    const std::string extension = std::filesystem::path(word).extension();
    if (extension == ".yaml" || extension == ".yml") {
      return text + "; did you mean `--policy " + word + "`?";
    }
    std::vector<std::string> taken;
    for (const CLI::Option* option : d_command->get_options()) {
      if (option->get_positional()) {
        taken.push_back(option->get_type_name());
      }
    }
    if (taken.empty() && d_command->get_option_no_throw("--under") != nullptr && word.find('.') != std::string::npos) {
      return text + "; did you mean `--under " + word + "`?";
    }
    return text + (taken.empty() ? ": there are only options here" : taken.size() == 1 ? ": there is one " + taken.front() + " in a call" : ": there are only " + listed(taken));
  }

  std::string missingOptions() const
  {
    std::vector<std::string> missing;
    for (const CLI::Option* option : d_command->get_options()) {
      if (option->get_required() && option->count() == 0 && !wasNamed(*option)) {
        missing.push_back(optionWithValue(*option));
      }
    }
    return missing.empty() ? "" : listed(missing) + (missing.size() == 1 ? " is missing" : " are missing");
  }

  // What CLI11 complains of: its message begins with the option.
  bool wasNamed(const CLI::Option& option) const { return d_said.starts_with(option.get_name() + ":"); }

  std::string ofOption() const
  {
    for (const CLI::App* app : {d_command, &d_root}) {
      for (const CLI::Option* option : app->get_options()) {
        const std::string name = option->get_name();
        for (const CLI::Option* other : option->get_excludes()) {
          if (option->count() > 0 && other->count() > 0) {
            return "`" + name + "` and `" + other->get_name() + "` can't go together: give one of them";
          }
        }
        const bool isFlag = option->get_items_expected_max() == 0;
        if (d_said.starts_with(name + ": At least ") || (d_said.starts_with(name + ":") && d_said.ends_with(" missing"))) {
          const int values = option->get_items_expected_min();
          return "`" + name + "` needs " + (values == 1 ? "a value: " : std::to_string(values) + " values: ") + optionWithValue(*option);
        }
        if (d_said.starts_with(name + ": At Most ")) {
          return "`" + name + "` is there " + std::to_string(option->count()) + " times: give it once";
        }
        if (d_said.starts_with("Could not convert: " + name + " = ")) {
          return "`" + name + "`: `" + option->results().front() + "` is " + (isFlag ? "no value for it: it takes none" : "no number");
        }
      }
    }
    return d_said; // our own words, from a check
  }

  const CLI::App& d_root;
  const CLI::App* d_command;
  const std::vector<std::string> d_words;
  const std::vector<std::string> d_left; // what nothing took
  const std::string d_said;
};

} // namespace

std::string usageError(const CLI::App& app, int argc, const char* const* argv, const CLI::ParseError& error)
{
  const UsageError wrong(app, {argv, argv + argc}, error);
  return wrong.text() + "\nsee `" + commandPath(wrong.command()) + " --help`\n";
}

} // namespace caapolicy::cli
