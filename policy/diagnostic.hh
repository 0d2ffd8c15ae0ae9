// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is wrong with a policy, for people and for programs.
//
// A diagnostic has a stable code, a severity, a place, a message and, where there is one, a hint how to mend it.
// Messages are lower case, without a full stop, with the input in backticks. All wording lives in messages.cc.
#pragma once

#include "source.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy {

enum class Severity : uint8_t { Error, Warning };

struct Diagnostic {
  std::string code; // stable, kebab-case: "unknown-key"
  Severity severity{Severity::Error};
  Location where;
  std::string message;
  std::string hint; // empty: none
  // A second place that the message speaks of ("first defined here"), with what to say there.
  std::optional<Location> related;
  std::string relatedMessage;
};

// As a person wants to read it, ending with a line break:
//
//   policy.yaml:7:5: error: unknown key `alow` [unknown-key]
//       alow: [letsencrypt.org]
//       ^~~~
//     hint: did you mean `allow`?
std::string render(const Diagnostic& diagnostic, const std::vector<SourceFile>& files);
// The first line of that alone, with the hint in brackets: one line for a log.
std::string renderLine(const Diagnostic& diagnostic, const std::vector<SourceFile>& files);

} // namespace caapolicy
