// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/ascii.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;

TEST_CASE("letters in lower case, one by one and eight at a time", "[ascii]")
{
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const char wanted = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : c;
    CHECK(lowerCase(c) == wanted);
    for (size_t size = 1; size < 20; ++size) {
      for (size_t at = 0; at < size; ++at) { // among bytes that are themselves letters, or have the highest bit
        std::string text(size, at % 2 == 0 ? 'Z' : '\xFF');
        text[at] = c;
        std::string lower(size, ' ');
        lowerCase(text.data(), size, lower.data());
        std::string expected(size, at % 2 == 0 ? 'z' : '\xFF');
        expected[at] = wanted;
        if (lower != expected) {
          FAIL("byte " << byte << " at " << at << " of " << size);
        }
      }
    }
  }
  CHECK(lowerCase(std::string("EXAMPLE.Com-09")) == "example.com-09");
}
