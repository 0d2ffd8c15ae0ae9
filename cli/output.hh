// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the command prints: colours on a terminal that has them, unless NO_COLOR says otherwise, and JSON.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace caapolicy::cli {

using Json = nlohmann::ordered_json;

enum class Style : uint8_t { Good, Bad, Warning, Heading, Faint };
enum class Stream : uint8_t { Out, Err };

// Does the stream take colours?
bool hasColour(Stream stream);
// The text in the style, for the stream; as it is where there are no colours.
std::string styled(Style style, const std::string& text, Stream stream = Stream::Out);
// "caapolicy: " for stderr.
std::string errorPrefix();
// To stdout, indented, with a line break.
void printJson(const Json& json);

} // namespace caapolicy::cli
