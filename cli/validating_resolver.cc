// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/validating_resolver.hh"

#include "cli/dns_packet.hh"
#include "cli/program.hh"

#include <fmt/format.h>
#include <poll.h>
#include <unbound.h>

#include <algorithm>
#include <memory>

namespace caapolicy::cli {

namespace {

struct FreeResult {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};

// What libunbound's thread hands back.
struct Reply {
  bool here{false};
  int error{0};
  std::unique_ptr<ub_result, FreeResult> result;
};

void take(void* reply, int error, ub_result* result)
{
  auto* const mine = static_cast<Reply*>(reply);
  mine->here = true;
  mine->error = error;
  mine->result.reset(result);
}

Lookup failed(const Name& name, std::string why)
{
  Lookup lookup;
  lookup.name = name;
  lookup.failure = std::move(why);
  return lookup;
}

} // namespace

ValidatingResolver::ValidatingResolver(const Settings& settings) :
  d_anchors(settings.anchors), d_timeout(settings.timeout), d_context(ub_ctx_create())
{
  if (d_context == nullptr) {
    throw Failure(kFailed, "libunbound can't be started");
  }
  ub_ctx_debugout(d_context, nullptr); // what matters is in the result
  set(ub_ctx_async(d_context, 1), "threads");
  for (const auto& anchor : settings.anchors) {
    set(ub_ctx_add_ta(d_context, anchor.record.c_str()), "the trust anchor `" + anchor.record + "`");
  }
  if (settings.forwarder) {
    set(ub_ctx_set_fwd(d_context, settings.forwarder->forUnbound().c_str()), "the resolver " + settings.forwarder->toText());
  }
  if (!settings.authorities.empty()) {
    // Else it asks a server for names in between, of a type that nobody else asks them for.
    set(ub_ctx_set_option(d_context, "qname-minimisation:", "no"), "qname-minimisation");
  }
  for (const auto& [zone, server] : settings.authorities) {
    set(ub_ctx_set_stub(d_context, zone.toText().c_str(), server.forUnbound().c_str(), 0), "the server " + server.toText());
  }
}

ValidatingResolver::~ValidatingResolver() { ub_ctx_delete(d_context); }

void ValidatingResolver::set(int error, const std::string& what) const
{
  if (error != 0) {
    throw Failure(kFailed, "libunbound doesn't take " + what + ": " + ub_strerror(error));
  }
}

bool ValidatingResolver::hasAnchorFor(const Name& name) const
{
  return std::any_of(d_anchors.begin(), d_anchors.end(), [&](const TrustAnchor& anchor) { return isAtOrBelow(name.wire(), anchor.zone.wire()); });
}

Lookup ValidatingResolver::ask(const Name& name)
{
  Reply reply;
  int id = 0;
  if (const int error = ub_resolve_async(d_context, name.toText().c_str(), LDNS_RR_TYPE_CAA, LDNS_RR_CLASS_IN, &reply, take, &id); error != 0) {
    return failed(name, ub_strerror(error));
  }
  // Left alone, libunbound tries for minutes.
  const auto end = std::chrono::steady_clock::now() + d_timeout;
  while (!reply.here) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      ub_cancel(d_context, id);
      return failed(name, fmt::format("no answer in {} s", static_cast<double>(d_timeout.count()) / 1000));
    }
    pollfd readable{ub_fd(d_context), POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(left.count())) > 0) {
      ub_process(d_context);
    }
  }
  if (reply.error != 0 || reply.result == nullptr) {
    return failed(name, ub_strerror(reply.error));
  }
  const ub_result& result = *reply.result;
  ldns_pkt* read = nullptr;
  if (result.answer_packet == nullptr
      || ldns_wire2pkt(&read, static_cast<const uint8_t*>(result.answer_packet), static_cast<size_t>(result.answer_len)) != LDNS_STATUS_OK) {
    return failed(name, "an answer that can't be read");
  }
  const LdnsPacket packet(read);
  Lookup lookup = readAnswer(name, read);
  if (result.bogus != 0) {
    lookup = failed(name, result.why_bogus == nullptr ? "validation failed" : result.why_bogus); // no CA sees what libunbound has seen
    lookup.rcode = rcodeText(LDNS_RCODE_SERVFAIL);
    lookup.security = Security::Bogus;
  }
  else if (lookup.outcome != Outcome::Failed) {
    lookup.security = result.secure != 0 ? Security::Secure : hasAnchorFor(name) ? Security::Insecure : Security::Indeterminate;
  }
  return lookup;
}

} // namespace caapolicy::cli
