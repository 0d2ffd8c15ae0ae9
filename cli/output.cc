// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output.hh"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace caapolicy::cli {

bool hasColour(Stream stream)
{
  const char* const none = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  const bool wanted = (none == nullptr || *none == '\0') && term != nullptr && std::string_view(term) != "dumb";
  return wanted && isatty(stream == Stream::Out ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

std::string styled(Style style, const std::string& text, Stream stream)
{
  if (!hasColour(stream)) {
    return text;
  }
  const char* code = "";
  switch (style) {
  case Style::Good: code = "32"; break;
  case Style::Bad: code = "1;31"; break;
  case Style::Warning: code = "33"; break;
  case Style::Heading: code = "1"; break;
  case Style::Faint: code = "2"; break;
  }
  return std::string("\033[") + code + "m" + text + "\033[0m";
}

std::string errorPrefix() { return styled(Style::Bad, "caapolicy:", Stream::Err) + " "; }

void printJson(const Json& json)
{
  // A policy may quote bytes that are no UTF-8 in what it complains of.
  std::cout << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

} // namespace caapolicy::cli
