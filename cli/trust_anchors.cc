// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/trust_anchors.hh"

#include "cli/dns_packet.hh"
#include "cli/program.hh"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace caapolicy::cli {

namespace {

constexpr const char* kSystemAnchors = "/usr/share/dns/root.key";
// Of https://data.iana.org/root-anchors/root-anchors.xml (RFC 9718): KSK-2017 and KSK-2024.
constexpr const char* kRootAnchors[] = {
  ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
  ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

// No zone: it is no such record.
TrustAnchor readRecord(const std::string& line)
{
  ldns_rr* read = nullptr;
  if (ldns_rr_new_frm_str(&read, line.c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK) {
    return {};
  }
  const LdnsRecord record(read);
  if (ldns_rr_get_type(read) != LDNS_RR_TYPE_DS && ldns_rr_get_type(read) != LDNS_RR_TYPE_DNSKEY) {
    return {};
  }
  return {fromLdns(ldns_rr_owner(read)), line};
}

std::vector<TrustAnchor> readFile(const std::string& path)
{
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path)) {
    throw Failure(kFailed, "--trust-anchor: can't read `" + path + "`; it is no DS or DNSKEY record either");
  }
  std::vector<TrustAnchor> anchors;
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    line.resize(std::min(line.size(), line.find(';')));
    if (line.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    anchors.push_back(readRecord(line));
    if (anchors.back().record.empty()) {
      throw Failure(kFailed, "--trust-anchor: `" + path + "`, line " + std::to_string(number) + ", is no DS or DNSKEY record");
    }
  }
  if (anchors.empty()) {
    throw Failure(kFailed, "--trust-anchor: `" + path + "` has no DS or DNSKEY record");
  }
  return anchors;
}

} // namespace

std::vector<TrustAnchor> readTrustAnchors(const std::string& fileOrRecord)
{
  if (auto anchor = readRecord(fileOrRecord); !anchor.record.empty()) {
    return {std::move(anchor)};
  }
  return readFile(fileOrRecord);
}

std::vector<TrustAnchor> rootTrustAnchors()
{
  if (std::filesystem::exists(kSystemAnchors)) {
    return readFile(kSystemAnchors);
  }
  std::vector<TrustAnchor> anchors;
  for (const char* record : kRootAnchors) {
    anchors.push_back({Name(), record});
  }
  return anchors;
}

} // namespace caapolicy::cli
