// SPDX-License-Identifier: GPL-2.0-or-later
//
// Lets PowerDNS's communicator look at once which zones are to be announced (NOTIFY), as it does every xfr-cycle-interval.
// Any thread may call this. It does nothing in pdnsutil.
#pragma once

namespace caapolicy {

void wakeCommunicator();

} // namespace caapolicy
