// SPDX-License-Identifier: GPL-2.0-or-later
//
// As much of UTF-8 as showing a policy's text to a person takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caapolicy {

struct Utf8Character {
  char32_t value{0};
  size_t length{1}; // bytes
  bool valid{false};
};

inline bool isUtf8Continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// The first character of a text that is not empty. An invalid byte is a character of length 1.
Utf8Character decodeUtf8(std::string_view text);

// Where the first byte is that is not UTF-8 (RFC 3629); none when all are.
std::optional<size_t> firstInvalidUtf8(std::string_view text);

// Terminal cells that the character takes when shown by printable(): 0, 1 or 2.
size_t displayWidth(const Utf8Character& character);

// The text with control characters and invalid bytes replaced by U+FFFD, so that no input can steer a terminal or
// add a line to a log.
std::string printable(std::string_view text);

} // namespace caapolicy
