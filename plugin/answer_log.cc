// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/answer_log.hh"

#include "plugin/hourly_limit.hh"
#include "plugin/metrics.hh"
#include "plugin/recorder.hh"

namespace caapolicy {

namespace {

void tellOfAlias(const DNSName& name)
{
  static HourlyLimit aliases;
  if (aliases.isDue(WireBuffer(name).name(), time(nullptr))) {
    g_log << Logger::Warning << "[caapolicy] a CA may have asked for the CAA of " << name.toStringNoDot()
          << ", an alias (CNAME): its target decides, the policy has no say" << endl;
  }
}

} // namespace

void AnswerLog::answered(uint16_t packetId, const DNSName& name, const Snapshot::Answer* answer, bool alias)
{
  if (!d_answered.isFirst(packetId, name)) {
    return;
  }
  metrics().countAnswer(answer);
  if (alias) {
    metrics().countAlias();
    tellOfAlias(name);
  }
}

void AnswerLog::denied(uint16_t packetId, const DNSName& name, bool exists, const ComboAddress& resolver, Instant now)
{
  Recorder* const recorder = Recorder::running();
  if (recorder != nullptr && d_denied.isFirst(packetId, name)) {
    recorder->denied(WireBuffer(name).name(), exists, resolver, now);
  }
}

} // namespace caapolicy
