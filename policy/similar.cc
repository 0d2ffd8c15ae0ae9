// SPDX-License-Identifier: GPL-2.0-or-later

#include "similar.hh"

#include <algorithm>

namespace caapolicy {

namespace {

char lower(char letter)
{
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

} // namespace

size_t editDistance(std::string_view left, std::string_view right, size_t bound)
{
  const size_t difference = left.size() > right.size() ? left.size() - right.size() : right.size() - left.size();
  if (difference > bound) {
    return bound + 1;
  }

  // Three rows of the usual table: a swap of neighbours looks two rows back.
  std::vector<size_t> before(right.size() + 1);
  std::vector<size_t> above(right.size() + 1);
  std::vector<size_t> row(right.size() + 1);
  for (size_t column = 0; column <= right.size(); ++column) {
    above[column] = column;
  }
  for (size_t line = 1; line <= left.size(); ++line) {
    row[0] = line;
    size_t least = line;
    for (size_t column = 1; column <= right.size(); ++column) {
      const bool same = lower(left[line - 1]) == lower(right[column - 1]);
      row[column] = std::min({above[column] + 1, row[column - 1] + 1, above[column - 1] + (same ? 0 : 1)});
      if (line > 1 && column > 1 && lower(left[line - 1]) == lower(right[column - 2]) && lower(left[line - 2]) == lower(right[column - 1])) {
        row[column] = std::min(row[column], before[column - 2] + 1);
      }
      least = std::min(least, row[column]);
    }
    // A swap may still come from the row above, so that one must be hopeless as well.
    if (least > bound && *std::min_element(above.begin(), above.end()) > bound) {
      return bound + 1;
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return std::min(above[right.size()], bound + 1);
}

std::optional<std::string_view> mostSimilar(std::string_view word, const std::vector<std::string_view>& candidates)
{
  const size_t bound = std::clamp<size_t>(word.size() / 3, 1, 3);
  std::optional<std::string_view> best;
  size_t bestDistance = bound + 1;
  for (const std::string_view candidate : candidates) {
    const size_t distance = editDistance(word, candidate, bound);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

std::string didYouMean(std::string_view word, const std::vector<std::string_view>& candidates, const std::string& otherwise)
{
  const auto similar = mostSimilar(word, candidates);
  return similar ? "; did you mean `" + std::string(*similar) + "`?" : otherwise;
}

} // namespace caapolicy
