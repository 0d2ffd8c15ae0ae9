// SPDX-License-Identifier: GPL-2.0-or-later
//
// "Did you mean": the known word that a misspelt one is nearest to, if one is near enough to be worth saying.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

// Letters that must be inserted, removed, changed or swapped with their neighbour to turn one word into the other,
// ASCII case aside. Gives up beyond `bound` and returns bound + 1.
size_t editDistance(std::string_view left, std::string_view right, size_t bound);

// The nearest of the candidates within a third of the word's length (at least 1, at most 3 edits); the first of
// several equally near ones. The result is a view of the candidate.
std::optional<std::string_view> mostSimilar(std::string_view word, const std::vector<std::string_view>& candidates);

// The end of a sentence that refuses the word: "; did you mean `dns-01`?", or what is said otherwise.
std::string didYouMean(std::string_view word, const std::vector<std::string_view>& candidates, const std::string& otherwise = {});

} // namespace caapolicy
