// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/csv.hh"

namespace caapolicy::cli {

namespace {

class CsvReader {
public:
  explicit CsvReader(std::string_view text) : d_rest(text)
  {
    if (constexpr std::string_view mark = "\xEF\xBB\xBF"; d_rest.substr(0, mark.size()) == mark) {
      d_rest.remove_prefix(mark.size());
    }
  }

  std::vector<CsvRow> run()
  {
    std::vector<CsvRow> rows;
    while (!d_rest.empty()) {
      CsvRow row = readRow();
      if (row.fields.size() > 1 || !row.fields.front().empty()) {
        rows.push_back(std::move(row));
      }
    }
    return rows;
  }

private:
  CsvRow readRow()
  {
    CsvRow row{d_line, {}};
    for (;;) {
      row.fields.push_back(take('"') ? readQuoted() : readPlain());
      if (take(',')) {
        continue;
      }
      take('\r');
      if (d_rest.empty() || take('\n')) {
        return row;
      }
      throw CsvError(d_line, "text after the closing quote of a field");
    }
  }

  std::string readPlain()
  {
    const std::string_view field = d_rest.substr(0, d_rest.find_first_of(",\r\n"));
    if (field.find('"') != std::string_view::npos) {
      throw CsvError(d_line, "a quote in a field that does not begin with one");
    }
    d_rest.remove_prefix(field.size());
    return std::string(field);
  }

  std::string readQuoted()
  {
    const size_t opened = d_line;
    std::string field;
    while (!d_rest.empty()) {
      const char next = d_rest.front();
      if (take('"')) {
        if (!take('"')) {
          return field;
        }
        field += '"';
        continue;
      }
      take(next);
      field += next;
    }
    throw CsvError(opened, "the quote that begins a field here has no end");
  }

  bool take(char wanted)
  {
    if (d_rest.empty() || d_rest.front() != wanted) {
      return false;
    }
    d_line += wanted == '\n' ? 1U : 0U;
    d_rest.remove_prefix(1);
    return true;
  }

  std::string_view d_rest;
  size_t d_line{1};
};

} // namespace

std::vector<CsvRow> parseCsv(std::string_view text) { return CsvReader(text).run(); }

} // namespace caapolicy::cli
