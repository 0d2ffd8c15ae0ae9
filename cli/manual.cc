// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/manual.hh"

#include "policy/keys.hh"

#include <fmt/format.h>

#include <sstream>

namespace caapolicy::cli {

namespace {

// A sign of UTF-8 as groff has it in ASCII; moves to its last byte.
std::string signAt(std::string_view text, size_t& index)
{
  const auto first = static_cast<unsigned char>(text[index]);
  const size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  uint32_t sign = first & (0x3FU >> more);
  for (size_t part = 0; part < more && index + 1 < text.size(); ++part) {
    sign = (sign << 6U) | (static_cast<unsigned char>(text[++index]) & 0x3FU);
  }
  return fmt::format("\\[u{:04X}]", sign);
}

// Text as it is. Where `markdown`, `code` becomes bold.
std::string roff(std::string_view text, bool markdown = false)
{
  std::string page;
  bool isCode = false;
  bool isUrl = false;
  for (size_t index = 0; index < text.size(); ++index) {
    const char c = text[index];
    const bool begins = page.empty() || page.back() == '\n';
    isUrl = text.substr(0, index).ends_with("://") || (isUrl && c != ' ' && c != '\n');
    if (c == '`' && markdown) {
      isCode = !isCode;
      page += isCode ? "\\fB" : "\\fR";
    }
    else if (static_cast<unsigned char>(c) >= 0x80) {
      page += signAt(text, index);
    }
    else if (c == '\\') {
      page += "\\e";
    }
    else if (c == '-' || c == '~' || c == '^' || c == '\'' || c == '`') {
      page += c == '-' ? "\\-" : c == '~' ? "\\(ti" : c == '^' ? "\\(ha" : c == '\'' ? "\\(aq" : "\\(ga";
    }
    else {
      page += (c == '.' && begins ? "\\&" : "") + std::string(1, c) + (c == '/' && isUrl && markdown ? "\\:" : ""); // a long one may be broken there
    }
  }
  return page;
}

// Without hyphenation: what is to be copied stays as it is.
std::string unbroken(std::string_view text)
{
  std::string page = "\\%";
  for (const char c : roff(text)) {
    page += c == ' ' ? " \\%" : std::string(1, c);
  }
  return page;
}

std::string markdown(std::string_view text) { return roff(text, true); }
std::string example(std::string_view text) { return ".EX\n" + roff(text) + (text.ends_with('\n') ? "" : "\n") + ".EE\n"; }

std::string upper(std::string_view text)
{
  std::string result(text);
  for (char& c : result) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return result;
}

std::string title(const char* name, int section, const char* about)
{
  return fmt::format(".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n.\\\" Made by `caapolicy reference`; do not edit.\n"
                     ".TH {} {} \"\" \"caapolicy {}\" \"{}\"\n.ss 12 0\n.ad l\n.nr HY 0\n.hy 0\n", // no hyphens: what is to be copied stays as it is
                     name, section, CAAPOLICY_VERSION, about);
}

std::string optionText(const CLI::Option& option)
{
  const bool takesValue = option.get_items_expected_max() > 0;
  const std::string value = takesValue ? " \\fI" + roff(option.get_type_name()) + "\\fR" : "";
  if (option.get_positional()) {
    return fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(option.get_type_name()), markdown(option.get_description()));
  }
  std::string names;
  for (const auto& name : option.get_snames()) {
    names += (names.empty() ? "" : ", ") + ("\\fB" + roff("-" + name) + "\\fR");
  }
  for (const auto& name : option.get_lnames()) {
    names += (names.empty() ? "" : ", ") + ("\\fB" + roff("--" + name) + "\\fR");
  }
  const bool hasMore = !option.get_envname().empty() || !option.get_default_str().empty();
  std::string text = fmt::format(".TP\n{}{}\n{}{}\n", names, value, markdown(option.get_description()), hasMore ? "." : "");
  if (!option.get_envname().empty()) {
    text += fmt::format("Also from the environment variable \\fB{}\\fR.\n", roff(option.get_envname()));
  }
  if (!option.get_default_str().empty()) {
    text += fmt::format("Default: \\fB{}\\fR.\n", roff(option.get_default_str()));
  }
  return text;
}

std::string optionsOf(const CLI::App& app)
{
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    const bool isHelpOfCommand = option == app.get_help_ptr() && app.get_parent() != nullptr;
    if (!option->get_group().empty() && !isHelpOfCommand) {
      text += optionText(*option);
    }
  }
  return text;
}

std::string synopsisOf(const CLI::App& app, const std::string& path)
{
  std::string text = "\\fB" + roff(path) + "\\fR" + (app.get_subcommands(nullptr).empty() ? "" : " \\fICOMMAND\\fR");
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() || option->get_required()) {
      const std::string name = option->get_positional() ? "" : "\\fB" + roff("--" + option->get_lnames().front()) + "\\fR ";
      const bool isRepeated = option->get_positional() && option->get_items_expected_max() > 1;
      const std::string value = name + "\\fI" + roff(option->get_type_name()) + "\\fR" + (isRepeated ? "..." : "");
      text += option->get_required() ? " " + value : " [" + value + "]";
    }
  }
  return text + " [\\fIOPTIONS\\fR]";
}

void commandsOf(const CLI::App& app, const std::string& path, std::string& text)
{
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (command->get_group().empty()) {
      continue;
    }
    const std::string name = path + " " + command->get_name();
    text += fmt::format(".SS {}\n{}\n.PP\n{}.\n{}", roff(name), synopsisOf(*command, name), markdown(command->get_description()), optionsOf(*command));
    if (const std::string footer = command->get_footer(); !footer.empty()) {
      const size_t line = footer.find('\n');
      text += fmt::format(".PP\n{}\n{}", roff(footer.substr(0, line)), line == std::string::npos ? "" : example(footer.substr(line + 1)));
    }
    commandsOf(*command, name, text);
  }
}

} // namespace

std::string commandManual(const CLI::App& app)
{
  std::string text = title("CAAPOLICY", 1, "User Commands");
  text += ".SH NAME\ncaapolicy \\- say and change who may issue certificates, by a CAA policy\n";
  text += ".SH SYNOPSIS\n\\fBcaapolicy\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
  text += ".SH DESCRIPTION\n" + markdown(app.get_description()) + "\n.PP\nThe policy is described in\n.BR caapolicy.yaml (5).\n";
  text += ".SH OPTIONS\nThese may stand before the command or behind it.\n" + optionsOf(app);
  text += ".SH COMMANDS\n";
  commandsOf(app, "caapolicy", text);
  text += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : {std::pair{0, "ok, or allowed"}, {1, "the thing itself could not be done"}, {2, "the command line is wrong"}, {3, "the answer is no"},
                                      {4, "the policy has errors or cannot be read, or would break or leave its limits: then nothing is written"}}) {
    text += fmt::format(".TP\n.B {}\n{}\n", code, meaning);
  }
  text += ".SH ENVIRONMENT\n.TP\n.B CAAPOLICY_FILE\nThe root file of the policy.\n.TP\n.B NO_COLOR\nNo colours, if it is not empty.\n";
  text += ".SH FILES\n.TP\n.I /etc/powerdns/caa/policy.yaml\nThe root file of the policy, if no other is named.\n";
  text += ".SH SEE ALSO\n.BR caapolicy.yaml (5),\n.BR pdns_control (1),\n.BR pdns_server (1)\n";
  return text;
}

std::string policyManual()
{
  std::string text = title("CAAPOLICY.YAML", 5, "File Formats");
  text += ".SH NAME\ncaapolicy.yaml \\- a policy that says who may issue certificates for which names\n.SH DESCRIPTION\n";
  text += markdown("A policy is one YAML file, and the files that it includes and delegates to. Unknown or doubled keys, wrong types, names that are no host "
                   "names: anything unclear is an error, and a policy with an error is not put in force. `caapolicy check` tells what is wrong.\n") + ".PP\n";
  text += markdown("A subtree is a name and all names below it; the nearest one at or above a name governs that name, alone. Nobody may issue for a governed name, "
                   "but who is in the `allow` of its subtree or in an approval that is in force.\n");
  text += ".SH EXAMPLE\n" + example("version: 1\n"
                                    "issuers:\n"
                                    "  le-web:\n"
                                    "    ca: letsencrypt.org\n"
                                    "    accounts: [https://acme-v02.api.letsencrypt.org/acme/acct/12345]\n"
                                    "    methods: [http-01]\n"
                                    "subtrees:\n"
                                    "  example.com: {}                      # nobody, unless approved\n"
                                    "  dev.example.com: {allow: [le-web]}   # any name here\n"
                                    "include: [approvals.d/*.yaml]\n"
                                    "approvals:\n"
                                    "  - {name: www.example.com, issuer: le-web, ticket: SEC-1201}\n");
  for (const KeyContext context : keyContexts()) {
    std::string heading(contextTitle(context));
    std::erase(heading, '`');
    text += ".SH " + roff(context == KeyContext::Root ? "KEYS OF THE FILE" : upper(heading)) + "\n" + markdown(contextIntro(context)) + "\n";
    for (const KeyRow& row : keyTable()) {
      if (row.context != context) {
        continue;
      }
      text += fmt::format(".TP\n\\fB{}\\fR: {}\n{}\n", row.name, markdown(row.type), markdown(row.meaning));
      if (row.required && row.context != KeyContext::Root) {
        text += "Required.\n";
      }
      else if (!row.defaultValue.empty()) {
        text += "Default: " + markdown(row.defaultValue) + ".\n";
      }
      if (!row.isAllowedIn(FileKind::Included)) {
        text += "Only in the root file.\n";
      }
      else if (!row.isAllowedIn(FileKind::Delegated)) {
        text += "Not in a delegated file.\n";
      }
      text += fmt::format("Example: \\fB{}: {}\\fR\n", row.name, unbroken(row.example));
    }
  }
  text += ".SH FILES\n.TP\n.I /usr/local/share/caapolicy/caapolicy.schema.json\nThe same as JSON Schema, for editors.\n";
  return text + ".SH SEE ALSO\n.BR caapolicy (1)\n";
}

} // namespace caapolicy::cli
