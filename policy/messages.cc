// SPDX-License-Identifier: GPL-2.0-or-later

#include "messages.hh"

#include "utf8.hh"

#include <fmt/format.h>

#include <algorithm>

namespace caapolicy::messages {

namespace {

Diagnostic error(std::string_view code, const Location& where, std::string message, std::string hint = {})
{
  return Diagnostic{std::string(code), Severity::Error, where, std::move(message), std::move(hint), {}, {}};
}

Diagnostic warning(std::string_view code, const Location& where, std::string message, std::string hint = {})
{
  return Diagnostic{std::string(code), Severity::Warning, where, std::move(message), std::move(hint), {}, {}};
}

// With a second place that the message speaks of.
Diagnostic with(Diagnostic diagnostic, const Location& related, std::string relatedMessage)
{
  diagnostic.related = related;
  diagnostic.relatedMessage = std::move(relatedMessage);
  return diagnostic;
}

// "A, B and C"
std::string plainList(const std::vector<std::string_view>& words, std::string_view last)
{
  std::string text;
  for (size_t index = 0; index < words.size(); ++index) {
    text += index == 0 ? std::string() : index + 1 == words.size() ? fmt::format(" {} ", last) : std::string(", ");
    text += words[index];
  }
  return text;
}

std::string doNot(const std::vector<std::string_view>& subjects) { return subjects.size() == 1 ? "does not" : "do not"; }

constexpr const char* kIgnoredHint = "take a CA that does (`caapolicy ca list`), or, if you know better, say so in the file that the key `catalogue` names; all public CAs must from 2027-03-15 on";

} // namespace

std::string quoted(std::string_view input)
{
  constexpr size_t longest = 200;
  std::string text = "`";
  for (size_t index = 0; index < input.size();) {
    if (text.size() > longest) {
      text += "…";
      break;
    }
    const Utf8Character character = decodeUtf8(input.substr(index));
    const std::string_view bytes = input.substr(index, character.length);
    const std::string shown = printable(bytes);
    if (shown == bytes) {
      text += bytes;
    }
    else if (bytes == "\n") {
      text += "\\n";
    }
    else if (bytes == "\t") {
      text += "\\t";
    }
    else {
      for (const char byte : bytes) {
        text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
      }
    }
    index += character.length;
  }
  return text + "`";
}

std::string quotedList(const std::vector<std::string_view>& words, std::string_view last)
{
  std::string text;
  for (size_t index = 0; index < words.size(); ++index) {
    if (index > 0) {
      text += index + 1 == words.size() ? fmt::format(" {} ", last) : std::string(", ");
    }
    text += quoted(words[index]);
  }
  return text;
}

// Reading

Diagnostic cannotRead(const Location& where, std::string_view path, std::string_view reason)
{
  return error("cannot-read", where, fmt::format("cannot read {}: {}", quoted(path), reason),
               "create the file, or mend the path that names it");
}

Diagnostic permissionDenied(const Location& where, std::string_view path, std::string_view user, std::string_view group)
{
  return error("permission-denied", where, fmt::format("user `{}` may not read {}", user, quoted(path)),
               fmt::format("make it readable for user `{}`: `chgrp {} {}` and `chmod g+r {}`", user, group, path, path));
}

Diagnostic folderPermissionDenied(const Location& where, std::string_view path, std::string_view folder, std::string_view user, std::string_view group)
{
  return error("permission-denied", where, fmt::format("user `{}` may not read {}: the folder {} is closed to it", user, quoted(path), quoted(folder)),
               fmt::format("open the folder for user `{}`: `chgrp {} {}` and `chmod g+x {}`", user, group, folder, folder));
}

Diagnostic notARegularFile(const Location& where, std::string_view path, bool isFolder)
{
  return error("not-a-file", where, fmt::format("{} is {}", quoted(path), isFolder ? "a folder, not a file" : "not a regular file"),
               isFolder ? fmt::format("to read the files in it, write `{}/*.yaml` under `include`", path) : std::string());
}

Diagnostic fileTooBig(const Location& where, std::string_view path, size_t maxBytes)
{
  return error("file-too-big", where, fmt::format("{} is over {} bytes long", quoted(path), maxBytes), "split it into several included files");
}

Diagnostic writableByEverybody(const Location& where, std::string_view path)
{
  return error("writable-by-everybody", where, fmt::format("{} is writable by everybody", quoted(path)), fmt::format("`chmod o-w {}`", path));
}

Diagnostic folderWritableByEverybody(const Location& where, std::string_view path, std::string_view folder)
{
  return error("writable-by-everybody", where,
               fmt::format("the folder {} is writable by everybody, so that anyone could put another file in the place of {}", quoted(folder), quoted(path)),
               fmt::format("`chmod o-w {}`", folder));
}

Diagnostic byteOrderMark(const Location& where)
{
  return error("byte-order-mark", where, "the file begins with a byte order mark", "save it as UTF-8 without one");
}

Diagnostic nulByte(const Location& where)
{
  return error("nul-byte", where, "a NUL byte in a text", "save the file as UTF-8");
}

Diagnostic notUtf8(const Location& where, unsigned char byte)
{
  return error("not-utf8", where, fmt::format("the byte 0x{:02x} is not UTF-8 here", byte), "save the file as UTF-8");
}

Diagnostic notYaml(const Location& where, std::string_view reason, std::string hint)
{
  return error("not-yaml", where, fmt::format("not YAML: {}", reason), std::move(hint));
}

Diagnostic severalDocuments(const Location& where)
{
  return error("several-documents", where, "a second YAML document begins here", "write one document a file: remove the `---` or `...`");
}

Diagnostic yamlAnchor(const Location& where, std::string_view name)
{
  return error("yaml-anchor", where, fmt::format("the YAML anchor {} has no place in a policy", quoted("&" + std::string(name))), "write the value out wherever it is needed");
}

Diagnostic yamlAlias(const Location& where, std::string_view written)
{
  if (written == "*.yaml" || written == "*.yml" || written == "*.jsonl") {
    return error("yaml-alias", where, fmt::format("{} is a YAML alias, which has no place in a policy", quoted(written)),
                 fmt::format("for a pattern, write it in quotes: `\"{}\"`", written));
  }
  if (written.substr(0, 2) == "*.") {
    return error("yaml-alias", where, fmt::format("{} is a YAML alias, which has no place in a policy", quoted(written)),
                 fmt::format("for a wildcard, write {} with `wildcard: true`, or `wildcard: only`", quoted(written.substr(2))));
  }
  return error("yaml-alias", where, fmt::format("{} is a YAML alias, which has no place in a policy", quoted(written)), "write the value out");
}

Diagnostic yamlTag(const Location& where, std::string_view tag)
{
  return error("yaml-tag", where, fmt::format("the YAML tag {} has no place in a policy", quoted(tag)), "remove it");
}

Diagnostic keyIsNotText(const Location& where)
{
  return error("bad-key", where, "a key must be text");
}

Diagnostic missingColon(const Location& where, std::string_view key)
{
  return error("missing-colon", where, fmt::format("{} stands where a key is expected, without a `:`", quoted(key)),
               fmt::format("write {}, with the value after it", quoted(std::string(key) + ":")));
}

Diagnostic duplicateKey(const Location& where, std::string_view key, const Location& first)
{
  return with(error("duplicate-key", where, fmt::format("the key {} is here twice", quoted(key)), "remove one of the two"), first, "first written here");
}

Diagnostic tooDeep(const Location& where, size_t maxDepth)
{
  return error("too-deep", where, fmt::format("more than {} levels of lists and maps in each other", maxDepth));
}

Diagnostic tooManyValues(const Location& where, size_t maxValues)
{
  return error("too-many-values", where, fmt::format("more than {} values in one file", maxValues), "write approvals as JSON Lines, or in several included files");
}

Diagnostic notJson(const Location& where, std::string_view reason)
{
  return error("not-json", where, fmt::format("not JSON: {}", reason), "a JSON Lines file holds one approval a line: `{\"name\": \"shop.example.com\", \"issuer\": \"letsencrypt.org\"}`");
}

Diagnostic notAnObject(const Location& where)
{
  return error("not-an-object", where, "a line of a JSON Lines file must be an object",
               "a JSON Lines file holds one approval a line: `{\"name\": \"shop.example.com\", \"issuer\": \"letsencrypt.org\"}`");
}

Diagnostic tooManyProblems(const Location& where)
{
  return error("too-many-problems", where, "too many problems in this file: what follows this line was not read", "mend those above");
}

Diagnostic unknownKey(const Location& where, std::string_view key, std::string_view context, std::optional<std::string_view> similar,
                      const std::vector<std::string_view>& known)
{
  return error("unknown-key", where, fmt::format("unknown key {} in {}", quoted(key), context),
               similar ? fmt::format("did you mean `{}`?", *similar) : fmt::format("the keys here are {}", quotedList(known)));
}

Diagnostic keyNotHere(const Location& where, std::string_view key, std::string_view fileKind, std::string hint)
{
  return error("key-not-here", where, fmt::format("{} is not allowed in {}", quoted(key), fileKind), std::move(hint));
}

Diagnostic missingKey(const Location& where, std::string_view key, std::string_view context, std::string_view example)
{
  return error("missing-key", where, fmt::format("{} needs the key `{}`", context, key), fmt::format("for example `{}: {}`", key, example));
}

Diagnostic wrongType(const Location& where, std::string_view key, std::string_view expected, std::string_view found, std::string hint)
{
  return error("wrong-type", where, fmt::format("{} must be {}, not {}", key, expected, found), std::move(hint));
}

Diagnostic emptyText(const Location& where, std::string_view key)
{
  return error("empty-text", where, fmt::format("{} must not be empty", key));
}

Diagnostic controlCharacter(const Location& where, std::string_view key)
{
  return error("control-character", where, fmt::format("a control character in {}", key), "remove it");
}

Diagnostic notOneOf(const Location& where, std::string_view key, std::string_view value, const std::vector<std::string_view>& allowed,
                    std::optional<std::string_view> meant, bool isQuoted)
{
  std::string hint;
  if (meant) {
    hint = fmt::format("write `{}`{}", *meant, isQuoted ? " without quotes" : "");
  }
  return error("bad-value", where, fmt::format("{} must be {}, not {}", key, quotedList(allowed, "or"), quoted(isQuoted ? fmt::format("\"{}\"", value) : std::string(value))), std::move(hint));
}

Diagnostic wrongVersion(const Location& where, std::string_view value)
{
  return error("wrong-version", where, fmt::format("version {} of the policy language is not known", quoted(value)), "write `version: 1`");
}

Diagnostic badTtl(const Location& where, std::string_view value, uint32_t max)
{
  return error("bad-ttl", where, fmt::format("`ttl` must be a whole number of seconds from 1 to {}, not {}", max, quoted(value)), "for example `ttl: 300`");
}

Diagnostic badSpan(const Location& where, std::string_view key, std::string_view value)
{
  return error("bad-span", where, fmt::format("{} must be a span of time, not {}", key, quoted(value)), "write a whole number and one of `s`, `m`, `h`, `d` and `w`: `90d`");
}

Diagnostic badInstant(const Location& where, std::string_view key, std::string_view value)
{
  return error("bad-time", where, fmt::format("{} must be a date with a time and a zone, not {}", key, quoted(value)),
               "write it as in RFC 3339: `2026-11-22T09:00:00Z` or `2026-11-22T10:00:00+01:00`");
}

Diagnostic endsBeforeItBegins(const Location& where, const Location& begin)
{
  return with(error("ends-before-it-begins", where, "`until` is not after `from`, so that the approval is never live"), begin, "it begins here");
}

Diagnostic emptyList(const Location& where, std::string_view key, std::string hint)
{
  return error("empty-list", where, fmt::format("{} must not be empty", key), std::move(hint));
}

Diagnostic badName(const Location& where, std::string_view text, const Name::Parsed& parsed, NameUse use)
{
  const auto bad = [&](std::string message, std::string hint = {}) { return error("bad-name", where, std::move(message), std::move(hint)); };
  switch (parsed.fault) {
  case NameFault::None:
    break;
  case NameFault::Empty:
    return bad("a host name is missing here", "for example `shop.example.com`");
  case NameFault::EmptyLabel:
    return bad(fmt::format("{} has an empty label", quoted(text)), "write one dot between two labels, and none in front");
  case NameFault::LabelTooLong:
    return bad(fmt::format("the label {} is over {} octets long", quoted(parsed.detail), kMaxLabelLength));
  case NameFault::NameTooLong:
    return bad(fmt::format("the name {} is over {} octets long", quoted(text), kMaxNameLength));
  case NameFault::Space:
    return bad(fmt::format("{} has a space in it", quoted(text)), "a host name has no spaces");
  case NameFault::Underscore:
    return use == NameUse::Other ? bad(fmt::format("the label {} has a `_`, which no host name has", quoted(parsed.detail)))
                                 : bad(fmt::format("the label {} has a `_`: no certificate can name it", quoted(parsed.detail)), "write the name of the host");
  case NameFault::Address:
    return bad(fmt::format("{} is an address, not a host name", quoted(text)), "CAA is looked up for names only");
  case NameFault::Star: {
    const bool isWildcard = text.substr(0, 2) == "*." && text.find('*', 1) == std::string_view::npos;
    if (!isWildcard) {
      return bad(fmt::format("the label {} has a `*`", quoted(parsed.detail)), "write the name out");
    }
    const std::string_view rest = text.substr(2);
    switch (use) {
    case NameUse::Approval:
      return bad(fmt::format("the wildcard {} is not a host name", quoted(text)),
                 fmt::format("write `name: {}` with `wildcard: only`, or `wildcard: true` for the name as well", rest));
    case NameUse::Subtree:
      return bad(fmt::format("the wildcard {} is not a host name", quoted(text)), fmt::format("write {}: a subtree holds all names below it", quoted(rest)));
    case NameUse::Other:
      return bad(fmt::format("the wildcard {} is not a host name", quoted(text)), fmt::format("write {}", quoted(rest)));
    }
    break;
  }
  case NameFault::Hyphen:
    return bad(fmt::format("the label {} begins or ends with `-`", quoted(parsed.detail)));
  case NameFault::Character:
    if (text.find("://") != std::string_view::npos) {
      return bad(fmt::format("{} is a URL, not a host name", quoted(text)), "write just the host of it");
    }
    if (const size_t at = text.find('@'); at != std::string_view::npos && use == NameUse::Other) {
      return bad(fmt::format("{} is an e-mail address, not a name", quoted(text)),
                 fmt::format("write a dot in place of the `@`: {}", quoted(std::string(text.substr(0, at)) + "." + std::string(text.substr(at + 1)))));
    }
    return bad(fmt::format("{} has a character that no host name has", quoted(parsed.detail.empty() ? text : parsed.detail)),
               "a label is made of letters, digits and `-`");
  case NameFault::Idna:
    return bad(fmt::format("{} is not an internationalized name: {}", quoted(text), parsed.detail));
  }
  return bad(fmt::format("{} is not a host name", quoted(text)));
}

Diagnostic badIssuerName(const Location& where, std::string_view name)
{
  return error("bad-issuer-name", where, fmt::format("{} is not a name for an issuer", quoted(name)),
               name.find('.') != std::string_view::npos
                 ? "a name under `issuers` has no dot; an issuer domain goes after `ca:`"
                 : "use `a-z`, `0-9`, `-` and `_`, with a letter or digit first");
}

Diagnostic duplicateIssuer(const Location& where, std::string_view name, const Location& first)
{
  return with(error("duplicate-issuer", where, fmt::format("the issuer {} is already defined", quoted(name)), "give one of the two another name"), first, "first defined here");
}

Diagnostic unknownIssuer(const Location& where, std::string_view name, std::optional<std::string_view> similar, std::string_view domain)
{
  if (!domain.empty()) {
    return error("unknown-issuer", where, fmt::format("unknown issuer {}", quoted(name)),
                 fmt::format("for the CA with that id, write its issuer domain, `{}`, or `{{ca: {}}}`", domain, name));
  }
  return error("unknown-issuer", where, fmt::format("unknown issuer {}", quoted(name)),
               similar ? fmt::format("did you mean `{}`?", *similar) : std::string("define it under `issuers`, or write the issuer domain of a CA: `letsencrypt.org`"));
}

Diagnostic badIssuerDomain(const Location& where, std::string_view text, std::string_view reason)
{
  return error("bad-issuer-domain", where, fmt::format("{} is not an issuer domain: {}", quoted(text), reason), "write the domain that the CA documents for CAA, such as `letsencrypt.org`");
}

Diagnostic badIssuerDomainOrId(const Location& where, std::string_view text, std::string_view similar)
{
  return error("bad-issuer-domain", where, fmt::format("{} is neither an issuer domain nor an id of the CA catalogue", quoted(text)),
               fmt::format("did you mean `{}`?", similar));
}

Diagnostic badAccount(const Location& where, std::string_view text, std::string_view reason)
{
  return error("bad-account", where, fmt::format("{} is not an account URI: {}", quoted(text), reason),
               "write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`");
}

Diagnostic methodNotLowerCase(const Location& where, std::string_view method, std::string_view lower)
{
  return error("bad-method", where, fmt::format("the validation method {} must be in lower case", quoted(method)), fmt::format("write {}", quoted(lower)));
}

Diagnostic unknownMethod(const Location& where, std::string_view method, std::optional<std::string_view> similar,
                         const std::vector<std::string_view>& known)
{
  const std::string list = fmt::format("the methods are {}, and a CA's own that begin with `ca-`", quotedList(known));
  return error("bad-method", where, fmt::format("unknown validation method {}", quoted(method)),
               similar ? fmt::format("did you mean `{}`? {}", *similar, list) : list);
}

Diagnostic listedTwice(const Location& where, std::string_view what, std::string_view value)
{
  return error("listed-twice", where, fmt::format("the {} {} is in the list twice", what, quoted(value)), "remove one of the two");
}

Diagnostic methodsOfOtherIssuer(const Location& where, std::string_view key)
{
  return error("methods-not-here", where, fmt::format("{} cannot be bound to validation methods", key), "write the issuer without `methods`: `{ca: …, accounts: […]}`");
}

Diagnostic issuerAndIssuers(const Location& where)
{
  return error("issuer-and-issuers", where, "an approval has either `issuer` or `issuers`, not both", "put all of them under `issuers`");
}

Diagnostic issuerAndCa(const Location& where)
{
  return error("issuer-and-ca", where, "an item of `allow` has either `issuer` or `ca`, not both", "remove one of the two");
}

Diagnostic belongsToCa(const Location& where, std::string_view key)
{
  return error("issuer-and-ca", where, fmt::format("{} goes with `ca`, not with `issuer`", quoted(key)), "write it where the issuer is defined, or name the CA with `ca`");
}

Diagnostic noIssuer(const Location& where, std::string_view context, std::string_view other)
{
  return error("missing-key", where, fmt::format("{} needs the key `issuer` or `{}`", context, other), "for example `issuer: letsencrypt.org`");
}

Diagnostic badReportUrl(const Location& where, std::string_view text)
{
  return error("bad-iodef", where, fmt::format("{} is not a `mailto:`, `http:` or `https:` URL", quoted(text)),
               text.find('@') != std::string_view::npos && text.find(':') == std::string_view::npos ? fmt::format("write {}", quoted("mailto:" + std::string(text)))
                                                                                                   : std::string("for example `mailto:pki@example.com`"));
}

Diagnostic badEmail(const Location& where, std::string_view text)
{
  return error("bad-contact", where, fmt::format("{} is not an e-mail address", quoted(text)), "for example `pki@example.com`");
}

Diagnostic badPhone(const Location& where, std::string_view text)
{
  return error("bad-contact", where, fmt::format("{} is not an international telephone number", quoted(text)), "write `+`, the country code and the number, digits only: `\"+442079460000\"`");
}

Diagnostic duplicateSubtree(const Location& where, std::string_view name, const Location& first)
{
  return with(error("duplicate-subtree", where, fmt::format("the subtree {} is already in the policy", quoted(name)), "put all its keys in one place"), first, "first written here");
}

Diagnostic duplicateZone(const Location& where, std::string_view name, const Location& first)
{
  return with(error("duplicate-zone", where, fmt::format("the zone {} is already in the policy", quoted(name)), "remove one of the two"), first, "first written here");
}

Diagnostic keySetByOwner(const Location& where, std::string_view key, std::string_view node, const Location& first)
{
  return with(error("key-set-by-owner", where, fmt::format("`{}` of {} is set where the subtree is delegated, and cannot be set here", key, quoted(node)),
                    fmt::format("remove `{}` from this file", key)),
              first, "set here");
}

Diagnostic badIncludeSuffix(const Location& where, std::string_view pattern)
{
  return error("bad-include", where, fmt::format("{} does not end in `.yaml`, `.yml` or `.jsonl`", quoted(pattern)), "the end of the name says how a file is read");
}

Diagnostic includeAcrossFolders(const Location& where, std::string_view pattern)
{
  return error("bad-include", where, fmt::format("{} has a `**`, which does not reach into the folders below", quoted(pattern)),
               "write a pattern for each level: `conf.d/*.yaml` and `conf.d/*/*.yaml`");
}

Diagnostic badCaId(const Location& where, std::string_view id)
{
  return error("bad-ca-id", where, fmt::format("{} is not an id for a CA", quoted(id)), "use `a-z`, `0-9`, `-` and `_`, with a letter or digit first");
}

Diagnostic badDay(const Location& where, std::string_view key, std::string_view value)
{
  return error("bad-day", where, fmt::format("{} must be a day, not {}", key, quoted(value)), "for example `2026-11-22`");
}

Diagnostic unknownCa(const Location& where, std::string_view domain, std::optional<std::string_view> similar)
{
  return warning("ca-unknown", where, fmt::format("no CA is known that has the issuer domain {}", quoted(domain)),
                 similar ? fmt::format("did you mean `{}`?", *similar)
                         : std::string("if it is a CA of your own, put it into the file that the key `catalogue` names; `caapolicy ca list` shows those that are known"));
}

Diagnostic accountOfOtherCa(const Location& where, std::string_view account, std::string_view owner, std::string_view ownerDomain, std::string_view domain,
                            const std::vector<std::string_view>& cas)
{
  return warning("account-of-other-ca", where,
                 fmt::format("{} is an account of {}, not of {}: nobody can get a certificate with it by {}", quoted(account), owner,
                             cas.empty() ? quoted(domain) : plainList(cas, "or"), quoted(domain)),
                 fmt::format("name an account of that CA, or write `ca: {}`", ownerDomain));
}

Diagnostic stagingAccount(const Location& where, std::string_view account, std::string_view ca, std::string_view trusted)
{
  return warning("account-staging", where, fmt::format("{} is an account of a staging server of {}, whose certificates nobody trusts", quoted(account), ca),
                 trusted.empty() ? std::string("name an account of its other server") : fmt::format("name an account of its other server: `{}…`", trusted));
}

Diagnostic accountIgnored(const Location& where, std::string_view domain, const std::vector<std::string_view>& cas, bool surely)
{
  return warning("account-ignored", where,
                 fmt::format("{} {} honour `accounturi`: what is granted to {} {} granted to EVERY account there, anybody's", plainList(cas, "and"),
                             surely ? doNot(cas) : fmt::format("{} not known to", cas.size() == 1 ? "is" : "are"), quoted(domain), surely ? "is" : "may be"),
                 kIgnoredHint);
}

Diagnostic methodIgnored(const Location& where, std::string_view domain, const std::vector<std::string_view>& cas, bool surely)
{
  return warning("method-ignored", where,
                 fmt::format("{} {} honour `validationmethods`: what is granted to {} {} granted for EVERY method", plainList(cas, "and"),
                             surely ? doNot(cas) : fmt::format("{} not known to", cas.size() == 1 ? "is" : "are"), quoted(domain), surely ? "is" : "may be"),
                 kIgnoredHint);
}

Diagnostic matchesNothing(const Location& where, std::string_view pattern)
{
  return warning("include-matches-nothing", where, fmt::format("no file matches {}", quoted(pattern)));
}

Diagnostic cannotList(const Location& where, std::string_view folder, std::string_view reason)
{
  return error("cannot-read", where, fmt::format("cannot list the folder {}: {}", quoted(folder), reason));
}

Diagnostic includeCycle(const Location& where, const std::vector<std::string>& chain)
{
  std::string text;
  for (const std::string& path : chain) {
    text += (text.empty() ? "" : " → ") + quoted(path);
  }
  return error("include-cycle", where, fmt::format("a file includes itself: {}", text), "remove the `include` that leads back");
}

Diagnostic includedTwice(const Location& where, std::string_view path, const Location& first)
{
  return with(warning("included-twice", where, fmt::format("{} is included twice; it is read once", quoted(path))), first, "first included here");
}

Diagnostic delegateIsPattern(const Location& where, std::string_view path)
{
  return error("bad-delegate", where, fmt::format("{} is a pattern, and a subtree is delegated to one file", quoted(path)), "write the path of the file");
}

Diagnostic delegatedTwice(const Location& where, std::string_view path, const Location& first)
{
  return with(error("delegated-twice", where, fmt::format("another subtree is delegated to {} already", quoted(path)), "give each subtree a file of its own"), first, "first delegated here");
}

Diagnostic delegatedAndIncluded(const Location& where, std::string_view path)
{
  return error("delegated-and-included", where, fmt::format("{} is both delegated to and part of the policy itself", quoted(path)),
               "an included file may grant anything: keep delegated files out of the patterns under `include`");
}

Diagnostic tooManyFiles(const Location& where, size_t maxFiles)
{
  return error("too-many-files", where, fmt::format("the policy has more than {} files", maxFiles), "put more into each file");
}

Diagnostic lastGoodInForce(const Location& where, std::string_view path, std::string_view node)
{
  return warning("last-good-in-force", where, fmt::format("{} has errors: its last good version stays in force for {}", quoted(path), quoted(node)));
}

Diagnostic subtreeDenied(const Location& where, std::string_view path, std::string_view node)
{
  return warning("subtree-denied", where, fmt::format("{} has errors and no good version: nobody may issue at or below {} until it is mended", quoted(path), quoted(node)));
}

// Checks

namespace {

std::string listOf(const std::vector<std::string>& words, std::string_view last)
{
  return quotedList(std::vector<std::string_view>(words.begin(), words.end()), last);
}

// The first few: a limit may name hundreds.
std::string someOf(const std::vector<std::string>& words)
{
  constexpr size_t shown = 5;
  if (words.size() <= shown) {
    return listOf(words, "or");
  }
  std::string text;
  for (size_t index = 0; index < shown; ++index) {
    text += (index == 0 ? "" : ", ") + quoted(words[index]);
  }
  return fmt::format("{} and {} more", text, words.size() - shown);
}

// `what` is quoted already.
Diagnostic outsideLimits(std::string_view code, const Location& where, std::string_view what, std::string_view subtree, std::string_view why,
                         std::string hint, const Location& limit)
{
  return with(error(code, where, fmt::format("{} is outside the limits of {}: {}", what, quoted(subtree), why), std::move(hint)), limit,
              "limited here");
}

Diagnostic addsNothing(const Location& where, std::string_view name)
{
  return warning("approval-adds-nothing", where, fmt::format("approval for {} adds nothing", quoted(name)), "remove it");
}

} // namespace

Diagnostic approvalOutsideSubtrees(const Location& where, std::string_view name)
{
  return error("approval-outside-subtrees", where, fmt::format("approval for {} is outside every subtree", quoted(name)),
               fmt::format("add {}, or a name above it, under `subtrees`", quoted(name)));
}

Diagnostic outsideDelegation(const Location& where, std::string_view name, std::string_view node, const std::optional<Location>& delegated)
{
  auto diagnostic = error("outside-delegation", where, fmt::format("{} is outside what this file is delegated", quoted(name)),
                          fmt::format("this file may speak of {} and names below it", quoted(node)));
  return delegated ? with(std::move(diagnostic), *delegated, "delegated here") : diagnostic;
}

Diagnostic approvalExpired(const Location& where, std::string_view name, Instant until)
{
  return warning("approval-expired", where, fmt::format("approval for {} expired at {}", quoted(name), instantToText(until)),
                 "remove it, or give it a later `until`");
}

Diagnostic allowedAlready(const Location& where, std::string_view name, std::string_view issuer, std::string_view subtree, const Location& allow)
{
  return with(addsNothing(where, name), allow, fmt::format("{} is already allowed in {}", quoted(issuer), quoted(subtree)));
}

Diagnostic approvedAlready(const Location& where, std::string_view name, std::string_view issuer, std::string_view other, const Location& approval)
{
  return with(addsNothing(where, name), approval, fmt::format("{} is already approved for {}", quoted(issuer), quoted(other)));
}

Diagnostic approvalStopsAtSubtree(const Location& where, std::string_view name, std::string_view subtree, const Location& declared)
{
  return with(warning("approval-stops-at-subtree", where,
                      fmt::format("approval for {} and all names below does not reach {}, which is a subtree of its own", quoted(name), quoted(subtree)),
                      fmt::format("set `inherit: true` on {}, or approve names in it one by one", quoted(subtree))),
              declared, "declared here");
}

Diagnostic flattenNeedsSettings(const Location& where, std::string_view subtree, const std::vector<std::string>& settings)
{
  return error("flatten-needs-settings", where,
               fmt::format("`cname: flatten` on {} can't be done with the settings of pdns_server", quoted(subtree)),
               fmt::format("add to pdns.conf, and restart: {}", listOf(settings, "and")));
}

Diagnostic wildcardWithoutMethod(const Location& where, std::string_view issuer, const std::vector<std::string>& methods)
{
  return error("wildcard-without-method", where,
               fmt::format("no CA can validate a wildcard by {}, and {} has no other method", listOf(methods, "or"), quoted(issuer)),
               "add `dns-01` to its `methods`, or remove `wildcard`");
}

Diagnostic limitHasOtherCas(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view ca,
                            const std::vector<std::string>& allowed, const Location& limit)
{
  return outsideLimits("limit-issuers", where, quoted(issuer), subtree, fmt::format("`issuers` has no {}", quoted(ca)),
                       allowed.empty() ? "it allows no issuer" : fmt::format("it allows {}", someOf(allowed)), limit);
}

Diagnostic limitBindsAccounts(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view ca, const Location& limit)
{
  return outsideLimits("limit-issuers", where, quoted(issuer), subtree, fmt::format("`issuers` has {} for certain accounts only", quoted(ca)),
                       "give the issuer `accounts`, of those that the limit has", limit);
}

Diagnostic limitHasOtherAccounts(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view account, const Location& limit)
{
  return outsideLimits("limit-issuers", where, quoted(issuer), subtree, fmt::format("`issuers` does not have the account {}", quoted(account)),
                       "use an account that the limit has", limit);
}

Diagnostic limitBindsMethods(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view ca,
                             const std::vector<std::string>& allowed, const Location& limit)
{
  return outsideLimits("limit-issuers", where, quoted(issuer), subtree,
                       fmt::format("`issuers` has {} for {} only", quoted(ca), listOf(allowed, "and")),
                       "give the issuer `methods`, of those that the limit has", limit);
}

Diagnostic limitHasOtherMethods(const Location& where, std::string_view issuer, std::string_view subtree, std::string_view method,
                                const std::vector<std::string>& allowed, const Location& limit)
{
  return outsideLimits("limit-issuers", where, quoted(issuer), subtree, fmt::format("`issuers` does not have the method {}", quoted(method)),
                       fmt::format("it allows {}", someOf(allowed)), limit);
}

Diagnostic limitDemandsAccount(const Location& where, std::string_view issuer, std::string_view subtree, const Location& limit)
{
  return outsideLimits("limit-require", where, quoted(issuer), subtree, "`require` demands an account", "give the issuer `accounts`", limit);
}

Diagnostic limitDemandsMethod(const Location& where, std::string_view issuer, std::string_view subtree, const Location& limit)
{
  return outsideLimits("limit-require", where, quoted(issuer), subtree, "`require` demands a method", "give the issuer `methods`", limit);
}

Diagnostic limitForbidsWildcard(const Location& where, std::string_view issuer, std::string_view subtree, const Location& limit)
{
  return outsideLimits("limit-wildcard", where, quoted(issuer), subtree, "`wildcard: false` forbids a wildcard", "remove `wildcard`", limit);
}

Diagnostic limitDemandsUntil(const Location& where, std::string_view name, std::string_view subtree, Instant latest, const Location& limit)
{
  return outsideLimits("limit-lifetime", where, fmt::format("approval for {}", quoted(name)), subtree, "`lifetime` demands an `until`",
                       fmt::format("add `until: {}` or earlier", instantToText(latest)), limit);
}

Diagnostic limitShortensLifetime(const Location& where, std::string_view name, std::string_view subtree, int64_t lifetime, Instant latest,
                                 const Location& limit)
{
  return outsideLimits("limit-lifetime", where, fmt::format("approval for {}", quoted(name)), subtree,
                       fmt::format("it lasts longer than `lifetime: {}`", spanToText(lifetime)),
                       fmt::format("set `until: {}` or earlier", instantToText(latest)), limit);
}

Diagnostic limitConflictsWithGrant(Diagnostic diagnostic)
{
  const Location grant = diagnostic.where;
  diagnostic.where = *diagnostic.related;
  diagnostic.hint = "loosen the limit, or ask for the grant to be removed";
  return with(std::move(diagnostic), grant, "granted here, by a file above this one");
}

Diagnostic recordSetLarge(const Location& where, std::string_view name, size_t length, size_t max)
{
  return warning("record-set-large", where,
                 fmt::format("an answer with the CAA records of {} takes {} octets, more than the {} that fit UDP", quoted(name), length, max),
                 "CAs will ask again over TCP; allow fewer issuers or accounts if that is blocked");
}

Diagnostic recordSetTooLarge(const Location& where, std::string_view name, size_t length, size_t max, const Location& governing)
{
  Diagnostic diagnostic =
    error("record-set-too-large", where,
          fmt::format("an answer with the CAA records of {} takes {} octets, more than the {} that DNS can carry", quoted(name), length, max),
          "allow fewer issuers or accounts");
  return governing == where ? diagnostic : with(std::move(diagnostic), governing, "the name is in this subtree");
}

} // namespace caapolicy::messages
