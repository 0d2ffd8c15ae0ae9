// SPDX-License-Identifier: GPL-2.0-or-later
//
// Comma-separated values (RFC 4180): quoted fields may hold commas, line breaks and doubled quotes.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy::cli {

struct CsvRow {
  size_t line{0}; // that it begins in, from 1
  std::vector<std::string> fields;
};

class CsvError : public std::runtime_error {
public:
  CsvError(size_t where, const std::string& message) : std::runtime_error(message), line(where) {}
  size_t line;
};

// All rows, without those that are empty. Throws CsvError where a quote is out of place or has no end.
std::vector<CsvRow> parseCsv(std::string_view text);

} // namespace caapolicy::cli
