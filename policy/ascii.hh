// SPDX-License-Identifier: GPL-2.0-or-later
//
// Letters of ASCII, the only ones that DNS and CAA take to be the same in either case (RFC 4343). Those of <cctype> depend on the
// locale. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace caapolicy {

inline char lowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Eight bytes at a time: names are read so on the query path.
inline void lowerCase(const char* from, size_t size, char* to)
{
  constexpr uint64_t kEach = 0x0101010101010101;
  size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, from + at, 8);
    const uint64_t low = word & 0x7F * kEach;
    const uint64_t beyondZ = low + (0x7F - 'Z') * kEach;
    const uint64_t fromA = low + (0x80 - 'A') * kEach;
    const uint64_t isUpper = (fromA ^ beyondZ) & ~word & 0x80 * kEach;
    word |= isUpper >> 2;
    std::memcpy(to + at, &word, 8);
  }
  for (; at < size; ++at) {
    to[at] = lowerCase(from[at]);
  }
}

inline std::string lowerCase(std::string text)
{
  lowerCase(text.data(), text.size(), text.data());
  return text;
}

} // namespace caapolicy
