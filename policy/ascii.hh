// SPDX-License-Identifier: GPL-2.0-or-later
//
// Letters of ASCII, the only ones that DNS and CAA take to be the same in either case (RFC 4343). Those of <cctype> depend on the
// locale. Pure functions.
#pragma once

#include <algorithm>
#include <string>

namespace caapolicy {

inline char lowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lowerCase(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return lowerCase(c); });
  return text;
}

} // namespace caapolicy
