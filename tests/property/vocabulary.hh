// SPDX-License-Identifier: GPL-2.0-or-later
//
// The few words that generated policies, zones and requests are made of: few, so that they meet each other often.
#pragma once

#include "policy/evaluate.hh"

#include <string>
#include <vector>

namespace caapolicy::test {

const std::vector<std::string>& cas();
const std::vector<std::string>& accounts();
const std::vector<std::string>& methods();

// A host name, written well.
Name nameOf(const std::string& text);

// CAA that lets each of the CAs issue anything.
RecordSet allowAll();

// Every request for the name that the words can say.
std::vector<CaRequest> requestsFor(const Name& name);

std::string describe(const CaRequest& request);

} // namespace caapolicy::test
