// SPDX-License-Identifier: GPL-2.0-or-later

#include "utf8.hh"

#include <algorithm>
#include <array>

#include <simdjson.h>

namespace caapolicy {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that are drawn on top of the one before, or not at all.
constexpr std::array kZeroWidth{Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},
                                Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200D},
                                Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};
// East Asian wide characters and emoji (UAX 11), in broad ranges.
constexpr std::array kWide{Range{0x1100, 0x115F}, Range{0x2E80, 0x303E}, Range{0x3041, 0xA4CF}, Range{0xAC00, 0xD7A3},
                           Range{0xF900, 0xFAFF}, Range{0xFE30, 0xFE6F}, Range{0xFF00, 0xFF60}, Range{0xFFE0, 0xFFE6},
                           Range{0x1F300, 0x1F64F}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};

template <typename Ranges>
bool isIn(const Ranges& ranges, char32_t value)
{
  return std::any_of(ranges.begin(), ranges.end(), [value](const Range& range) { return value >= range.first && value <= range.last; });
}

bool isControl(const Utf8Character& character)
{
  // C0, DEL and C1; line and paragraph separators; the marks that turn the direction of text.
  const char32_t value = character.value;
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x2028 || value == 0x2029 || (value >= 0x202A && value <= 0x202E)
    || (value >= 0x2066 && value <= 0x2069);
}

} // namespace

Utf8Character decodeUtf8(std::string_view text)
{
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) {
    return {lead, 1, true};
  }
  const Utf8Character invalid{lead, 1, false};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
    return invalid;
  }
  char32_t value = lead & (0x7FU >> length);
  for (size_t index = 1; index < length; ++index) {
    if (!isUtf8Continuation(text[index])) {
      return invalid;
    }
    value = (value << 6U) | (static_cast<unsigned char>(text[index]) & 0x3FU);
  }
  // Overlong forms, surrogates and values past the end of Unicode (RFC 3629 3).
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) {
    return invalid;
  }
  return {value, length, true};
}

std::optional<size_t> firstInvalidUtf8(std::string_view text)
{
  if (simdjson::validate_utf8(text)) { // as nearly every text is; it doesn't say where one is not
    return std::nullopt;
  }
  for (size_t index = 0; index < text.size();) {
    const Utf8Character character = decodeUtf8(text.substr(index));
    if (!character.valid) {
      return index;
    }
    index += character.length;
  }
  return std::nullopt;
}

size_t displayWidth(const Utf8Character& character)
{
  if (!character.valid || isControl(character)) {
    return 1; // as U+FFFD
  }
  return isIn(kZeroWidth, character.value) ? 0 : isIn(kWide, character.value) ? 2 : 1;
}

std::string printable(std::string_view text)
{
  std::string result;
  result.reserve(text.size());
  for (size_t index = 0; index < text.size();) {
    const Utf8Character character = decodeUtf8(text.substr(index));
    if (character.valid && !isControl(character)) {
      result += text.substr(index, character.length);
    }
    else {
      result += "\xEF\xBF\xBD";
    }
    index += character.length;
  }
  return result;
}

} // namespace caapolicy
