// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_set.hh"

#include <numeric>

namespace caapolicy {

namespace {

// RFC 1035 5.1: \DDD
void addEscaped(std::string& text, unsigned char byte)
{
  text += '\\';
  text += static_cast<char>('0' + byte / 100);
  text += static_cast<char>('0' + byte / 10 % 10);
  text += static_cast<char>('0' + byte % 10);
}

} // namespace

std::string CaaRecord::toText() const
{
  std::string text = std::to_string(flags) + " ";
  for (const char c : tag) { // letters and digits, but what comes from a zone may be anything
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
      text += c;
    }
    else {
      addEscaped(text, static_cast<unsigned char>(c));
    }
  }
  text += " \"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      addEscaped(text, byte);
    }
    else {
      if (c == '"' || c == '\\') {
        text += '\\';
      }
      text += c;
    }
  }
  return text + '"';
}

size_t RecordSet::answerLength() const
{
  // Compressed owner (2), type (2), class (2), TTL (4), RDLENGTH (2).
  constexpr size_t kFixed = 12;
  return std::accumulate(records.begin(), records.end(), size_t{0},
                         [](size_t sum, const CaaRecord& record) { return sum + kFixed + record.rdataLength(); });
}

} // namespace caapolicy
