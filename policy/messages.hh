// SPDX-License-Identifier: GPL-2.0-or-later
//
// All wording of all diagnostics: one small factory function each. Style: lower case, no full stop, the input in
// backticks, no C++ type names; the message says what is wrong, the hint says how to mend it.
#pragma once

#include "clock.hh"
#include "diagnostic.hh"
#include "name.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caapolicy::messages {

// Input as it is shown in a message: in backticks, control characters written out, cut when it is long.
std::string quoted(std::string_view input);
// "`a`, `b` and `c`"
std::string quotedList(const std::vector<std::string_view>& words, std::string_view last = "and");

// Reading

// Files
Diagnostic cannotRead(const Location& where, std::string_view path, std::string_view reason);
Diagnostic permissionDenied(const Location& where, std::string_view path, std::string_view user, std::string_view group);
Diagnostic folderPermissionDenied(const Location& where, std::string_view path, std::string_view folder, std::string_view user, std::string_view group);
Diagnostic notARegularFile(const Location& where, std::string_view path, bool isFolder);
Diagnostic fileTooBig(const Location& where, std::string_view path, size_t maxBytes);
Diagnostic writableByEverybody(const Location& where, std::string_view path);
Diagnostic folderWritableByEverybody(const Location& where, std::string_view path, std::string_view folder);
Diagnostic byteOrderMark(const Location& where);
Diagnostic nulByte(const Location& where);
Diagnostic notUtf8(const Location& where, unsigned char byte);

// YAML and JSON Lines
Diagnostic notYaml(const Location& where, std::string_view reason, std::string hint);
Diagnostic severalDocuments(const Location& where);
Diagnostic yamlAnchor(const Location& where, std::string_view name);
Diagnostic yamlAlias(const Location& where, std::string_view written);
Diagnostic yamlTag(const Location& where, std::string_view tag);
Diagnostic keyIsNotText(const Location& where);
Diagnostic missingColon(const Location& where, std::string_view key);
Diagnostic duplicateKey(const Location& where, std::string_view key, const Location& first);
Diagnostic tooDeep(const Location& where, size_t maxDepth);
Diagnostic tooManyValues(const Location& where, size_t maxValues);
Diagnostic notJson(const Location& where, std::string_view reason);
Diagnostic notAnObject(const Location& where);
Diagnostic tooManyProblems(const Location& where);

// Keys and types
Diagnostic unknownKey(const Location& where, std::string_view key, std::string_view context, std::optional<std::string_view> similar,
                      const std::vector<std::string_view>& known);
Diagnostic keyNotHere(const Location& where, std::string_view key, std::string_view fileKind, std::string hint);
Diagnostic missingKey(const Location& where, std::string_view key, std::string_view context, std::string_view example);
// `expected` and `found` with their articles: "a list", "text".
Diagnostic wrongType(const Location& where, std::string_view key, std::string_view expected, std::string_view found, std::string hint);
Diagnostic emptyText(const Location& where, std::string_view key);
Diagnostic controlCharacter(const Location& where, std::string_view key);
Diagnostic notOneOf(const Location& where, std::string_view key, std::string_view value, const std::vector<std::string_view>& allowed,
                    std::optional<std::string_view> meant, bool isQuoted);
Diagnostic wrongVersion(const Location& where, std::string_view value);
Diagnostic badTtl(const Location& where, std::string_view value, uint32_t max);
Diagnostic badSpan(const Location& where, std::string_view key, std::string_view value);
Diagnostic badInstant(const Location& where, std::string_view key, std::string_view value);
Diagnostic endsBeforeItBegins(const Location& where, const Location& begin);
Diagnostic emptyList(const Location& where, std::string_view key, std::string hint);

// Names
enum class NameUse : uint8_t { Subtree, Approval, Other };
Diagnostic badName(const Location& where, std::string_view text, const Name::Parsed& parsed, NameUse use);

// Issuers and contacts
Diagnostic badIssuerName(const Location& where, std::string_view name);
Diagnostic duplicateIssuer(const Location& where, std::string_view name, const Location& first);
// `domain`: of the CA whose id in the catalogue the name is; empty: there is none.
Diagnostic unknownIssuer(const Location& where, std::string_view name, std::optional<std::string_view> similar, std::string_view domain = {});
Diagnostic badIssuerDomain(const Location& where, std::string_view text, std::string_view reason);
Diagnostic badAccount(const Location& where, std::string_view text, std::string_view reason);
Diagnostic methodNotLowerCase(const Location& where, std::string_view method, std::string_view lower);
Diagnostic unknownMethod(const Location& where, std::string_view method, std::optional<std::string_view> similar,
                         const std::vector<std::string_view>& known);
Diagnostic listedTwice(const Location& where, std::string_view what, std::string_view value);
Diagnostic methodsOfOtherIssuer(const Location& where, std::string_view key);
Diagnostic issuerAndIssuers(const Location& where);
Diagnostic issuerAndCa(const Location& where);
Diagnostic belongsToCa(const Location& where, std::string_view key);
Diagnostic noIssuer(const Location& where, std::string_view context, std::string_view other);
Diagnostic badIssuerDomainOrId(const Location& where, std::string_view text, std::string_view similar);
Diagnostic badReportUrl(const Location& where, std::string_view text);
Diagnostic badEmail(const Location& where, std::string_view text);
Diagnostic badPhone(const Location& where, std::string_view text);

// The CA catalogue; `cas` are names of CAs for people
Diagnostic badCaId(const Location& where, std::string_view id);
Diagnostic badDay(const Location& where, std::string_view key, std::string_view value);
Diagnostic unknownCa(const Location& where, std::string_view domain, std::optional<std::string_view> similar);
// `owner`: the CA that the account is of, and its first domain
Diagnostic accountOfOtherCa(const Location& where, std::string_view account, std::string_view owner, std::string_view ownerDomain, std::string_view domain,
                            const std::vector<std::string_view>& cas);
// `trusted`: what account URIs of the real server begin with; empty: not known
Diagnostic stagingAccount(const Location& where, std::string_view account, std::string_view ca, std::string_view trusted);
// `surely`: it is known that they ignore it; otherwise nothing is known
Diagnostic accountIgnored(const Location& where, std::string_view domain, const std::vector<std::string_view>& cas, bool surely);
Diagnostic methodIgnored(const Location& where, std::string_view domain, const std::vector<std::string_view>& cas, bool surely);

// Several files
Diagnostic duplicateSubtree(const Location& where, std::string_view name, const Location& first);
Diagnostic duplicateZone(const Location& where, std::string_view name, const Location& first);
Diagnostic keySetByOwner(const Location& where, std::string_view key, std::string_view node, const Location& first);
Diagnostic includeAcrossFolders(const Location& where, std::string_view pattern);
Diagnostic badIncludeSuffix(const Location& where, std::string_view pattern);
Diagnostic matchesNothing(const Location& where, std::string_view pattern);
Diagnostic cannotList(const Location& where, std::string_view folder, std::string_view reason);
Diagnostic includeCycle(const Location& where, const std::vector<std::string>& chain);
Diagnostic includedTwice(const Location& where, std::string_view path, const Location& first);
Diagnostic delegateIsPattern(const Location& where, std::string_view path);
Diagnostic delegatedTwice(const Location& where, std::string_view path, const Location& first);
Diagnostic delegatedAndIncluded(const Location& where, std::string_view path);
Diagnostic tooManyFiles(const Location& where, size_t maxFiles);
Diagnostic lastGoodInForce(const Location& where, std::string_view path, std::string_view node);
Diagnostic subtreeDenied(const Location& where, std::string_view path, std::string_view node);

// Checks

// Places
Diagnostic approvalOutsideSubtrees(const Location& where, std::string_view name);
Diagnostic outsideDelegation(const Location& where, std::string_view name, std::string_view node, const std::optional<Location>& delegated);

// Approvals that don't do what they seem to
Diagnostic approvalExpired(const Location& where, std::string_view name, Instant until);
Diagnostic allowedAlready(const Location& where, std::string_view name, std::string_view issuer, std::string_view subtree, const Location& allow);
Diagnostic approvedAlready(const Location& where, std::string_view name, std::string_view issuer, std::string_view other, const Location& approval);
Diagnostic approvalStopsAtSubtree(const Location& where, std::string_view name, std::string_view subtree, const Location& declared);
Diagnostic flattenNeedsSettings(const Location& where, std::string_view subtree, const std::vector<std::string>& settings);
Diagnostic wildcardWithoutMethod(const Location& where, std::string_view issuer, const std::vector<std::string>& methods);

// Limits: `subtree` is where the limit holds, `limit` the place of it
Diagnostic limitHasOtherCas(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view ca,
                            const std::vector<std::string>& allowed, const Location& limit);
Diagnostic limitBindsAccounts(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view ca, const Location& limit);
Diagnostic limitHasOtherAccounts(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view account, const Location& limit);
Diagnostic limitBindsMethods(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view ca,
                             const std::vector<std::string>& allowed, const Location& limit);
Diagnostic limitHasOtherMethods(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view method,
                                const std::vector<std::string>& allowed, const Location& limit);
Diagnostic limitDemandsAccount(const Location& where, std::string_view issuer, std::string_view subtree, const Location& limit);
Diagnostic limitDemandsMethod(const Location& where, std::string_view issuer, std::string_view subtree, const Location& limit);
Diagnostic limitForbidsWildcard(const Location& where, std::string_view issuer, std::string_view subtree, const Location& limit);
Diagnostic limitDemandsUntil(const Location& where, std::string_view name, std::string_view subtree, Instant latest, const Location& limit);
Diagnostic limitShortensLifetime(const Location& where, std::string_view name, std::string_view subtree, int64_t lifetime, Instant latest,
                                 const Location& limit);
// Turns one of these round: the limit is out of place, not the grant.
Diagnostic limitConflictsWithGrant(Diagnostic diagnostic);

// Record sets: lengths in octets, of a whole answer
Diagnostic recordSetLarge(const Location& where, std::string_view name, size_t length, size_t max);
// `governing`: where the subtree is declared that governs the name.
Diagnostic recordSetTooLarge(const Location& where, std::string_view name, size_t length, size_t max, const Location& governing);

} // namespace caapolicy::messages
