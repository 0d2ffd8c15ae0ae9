// SPDX-License-Identifier: GPL-2.0-or-later

#include "source.hh"

namespace caapolicy {

std::string_view SourceFile::line(uint32_t number) const
{
  std::string_view rest = text;
  for (uint32_t current = 1; number != 0; ++current) {
    const size_t end = rest.find('\n');
    if (current == number) {
      std::string_view found = rest.substr(0, end);
      if (!found.empty() && found.back() == '\r') {
        found.remove_suffix(1);
      }
      return found;
    }
    if (end == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  return {};
}

} // namespace caapolicy
