// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/help.hh"

#include <algorithm>

namespace caapolicy::cli {

namespace {

bool takesSeveral(const CLI::Option& option) { return option.get_expected_max() == CLI::detail::expected_max_vector_size; }

} // namespace

Help::Help()
{
  label("SUBCOMMAND", "COMMAND");
  label("Positionals", "Arguments");
}

std::string Help::make_usage(const CLI::App* app, std::string name) const
{
  std::string text = "Usage: " + name;
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional() || option->get_required()) {
      const std::string words = optionWithValue(*option) + (takesSeveral(*option) && option->get_positional() ? "..." : "");
      text += option->get_required() ? " " + words : " [" + words + "]";
    }
  }
  return text + (app->get_subcommands({}).empty() ? " [OPTIONS]\n" : " " + get_label("SUBCOMMAND") + " [OPTIONS]\n");
}

// Where there is none, this is the end of the command's own options.
std::string Help::make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const
{
  std::string text = Formatter::make_subcommands(app, mode);
  const CLI::App* root = app;
  while (root->get_parent() != nullptr) {
    root = root->get_parent();
  }
  if (root != app) {
    text += make_group("Common options", false, root->get_options([root](const CLI::Option* option) {
      return option->nonpositional() && option != root->get_help_ptr() && option != root->get_version_ptr();
    }));
  }
  return text;
}

std::string Help::make_option_name(const CLI::Option* option, bool isPositional) const
{
  return isPositional ? option->get_type_name() : Formatter::make_option_name(option, false);
}

std::string Help::make_option_opts(const CLI::Option* option) const
{
  if (option->get_positional()) {
    return takesSeveral(*option) ? "..." : "";
  }
  const bool takesValue = option->get_items_expected_max() > 0;
  return (takesValue ? " " + option->get_type_name() : "") + (option->get_required() ? " " + get_label("REQUIRED") : "");
}

std::string Help::make_option_desc(const CLI::Option* option) const
{
  std::string text = option->get_description();
  if (!option->get_envname().empty()) {
    text += "; default: $" + option->get_envname() + ", or " + option->get_default_str();
  }
  for (const CLI::Option* other : option->get_excludes()) {
    text += "; not with " + other->get_name();
  }
  return text;
}

std::string optionWithValue(const CLI::Option& option)
{
  return option.get_positional() ? option.get_type_name() : option.get_name() + " " + option.get_type_name();
}

std::string commandPath(const CLI::App& app)
{
  return (app.get_parent() == nullptr ? "" : commandPath(*app.get_parent()) + " ") + app.get_name();
}

} // namespace caapolicy::cli
