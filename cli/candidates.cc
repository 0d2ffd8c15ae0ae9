// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/candidates.hh"

#include <algorithm>
#include <array>
#include <string_view>

namespace caapolicy::cli {

namespace {

bool takesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0 && option.get_items_expected_min() > 0; }

// Of the command, or of one above: common options may stand behind a subcommand.
const CLI::Option* optionOf(const CLI::App* app, const std::string& name)
{
  for (; app != nullptr; app = app->get_parent()) {
    if (const CLI::Option* option = app->get_option_no_throw(name)) {
      return option;
    }
  }
  return nullptr;
}

std::vector<const CLI::Option*> positionalsOf(const CLI::App& app)
{
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string pathOf(const CLI::App* app)
{
  return app->get_parent() == nullptr ? "" : app->get_parent()->get_parent() == nullptr ? app->get_name() : pathOf(app->get_parent()) + " " + app->get_name();
}

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// By what its help calls it.
bool isPath(const CLI::Option& option)
{
  constexpr std::array<std::string_view, 5> kPaths{"FILE", "DIR", "FOLDER", "OLD", "NEW"};
  return std::find(kPaths.begin(), kPaths.end(), option.get_type_name()) != kPaths.end() || (option.get_positional() && option.get_name() == "FILE");
}

// The command line as far as it is written.
class Line {
public:
  Line(const CLI::App& app, const std::vector<std::string>& words) : d_command(&app)
  {
    for (size_t index = 0; index + 1 < words.size(); ++index) {
      take(words[index]);
    }
  }

  const CLI::App& command() const { return *d_command; }
  const std::string& policy() const { return d_policy; }
  // The option whose value comes next; null: none.
  const CLI::Option* pending() const { return d_pending; }
  bool optionsEnded() const { return d_optionsEnded; }
  bool isGiven(const CLI::Option* option) const { return std::find(d_given.begin(), d_given.end(), option) != d_given.end(); }

  // The positional that comes next; null: none. The last one may be there several times.
  const CLI::Option* positional() const
  {
    const auto positionals = positionalsOf(*d_command);
    if (d_positionals < positionals.size()) {
      return positionals[d_positionals];
    }
    return !positionals.empty() && positionals.back()->get_items_expected_max() > 1 ? positionals.back() : nullptr;
  }

private:
  void take(const std::string& word)
  {
    if (d_pending != nullptr) {
      if (d_pending->check_lname("policy")) {
        d_policy = word;
      }
      d_pending = nullptr;
    }
    else if (word == "--") {
      d_optionsEnded = true;
    }
    else if (word.starts_with('-') && word.size() > 1 && !d_optionsEnded) {
      const size_t sign = word.find('=');
      const CLI::Option* const option = optionOf(d_command, word.substr(0, sign));
      d_given.push_back(option);
      if (option != nullptr && takesValue(*option) && sign == std::string::npos) {
        d_pending = option;
      }
      else if (option != nullptr && sign != std::string::npos && option->check_lname("policy")) {
        d_policy = word.substr(sign + 1);
      }
    }
    else if (const CLI::App* const sub = subcommand(word)) {
      d_command = sub;
      d_positionals = 0;
    }
    else {
      ++d_positionals;
    }
  }

  const CLI::App* subcommand(const std::string& word) const
  {
    for (const CLI::App* sub : d_command->get_subcommands(nullptr)) {
      if (sub->check_name(word)) {
        return sub;
      }
    }
    return nullptr;
  }

  const CLI::App* d_command;
  const CLI::Option* d_pending{nullptr};
  std::vector<const CLI::Option*> d_given;
  std::string d_policy;
  size_t d_positionals{0};
  bool d_optionsEnded{false};
};

} // namespace

Candidates candidatesFor(const CLI::App& app, const std::vector<std::string>& words, const std::function<std::vector<Candidate>(const Wanted&)>& valuesOf)
{
  const Line line(app, words);
  const std::string last = words.empty() ? "" : words.back();
  Candidates found;
  const auto addValues = [&](const CLI::Option& option, const std::string& before) {
    if (isPath(option)) {
      found.files = true;
      return;
    }
    for (auto& value : valuesOf({pathOf(&line.command()), option.get_positional() ? option.get_name() : "--" + option.get_lnames().front(), line.policy()})) {
      found.words.push_back({before + value.word, std::move(value.about)});
    }
  };

  const size_t sign = last.find('=');
  if (line.pending() != nullptr) {
    addValues(*line.pending(), "");
  }
  else if (last.starts_with("--") && sign != std::string::npos && !line.optionsEnded()) {
    if (const CLI::Option* const option = optionOf(&line.command(), last.substr(0, sign))) {
      addValues(*option, last.substr(0, sign + 1));
    }
  }
  else if (last.starts_with('-') && !line.optionsEnded()) {
    for (const CLI::App* command = &line.command(); command != nullptr; command = command->get_parent()) {
      for (const CLI::Option* option : command->get_options()) {
        const bool isAgain = line.isGiven(option) && option->get_items_expected_max() <= 1;
        if (!option->get_positional() && !option->get_group().empty() && !isAgain && !(command != &line.command() && (option == command->get_help_ptr() || option->check_lname("version")))) {
          found.words.push_back({"--" + option->get_lnames().front(), firstLine(option->get_description())});
        }
      }
    }
  }
  else {
    for (const CLI::App* command : line.command().get_subcommands(nullptr)) {
      if (!command->get_group().empty()) {
        found.words.push_back({command->get_name(), firstLine(command->get_description())});
      }
    }
    if (const CLI::Option* const positional = line.positional()) {
      addValues(*positional, "");
    }
  }
  std::erase_if(found.words, [&last](const Candidate& candidate) { return !candidate.word.starts_with(last); });
  return found;
}

} // namespace caapolicy::cli
