// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading_support.hh"

#include <catch2/catch.hpp>

using namespace caapolicy;
using namespace caapolicy::test;

namespace {

struct Case {
  const char* name;
  FileKind kind;
  std::string text;
  std::string problems;
};

const std::vector<Case> kCases{
  {"empty root file", FileKind::Root,
"",
R"~(policy.yaml: error: the policy needs the key `version` [missing-key]
  hint: for example `version: 1`
)~"},
  {"root file that is a list", FileKind::Root,
"- version: 1\n",
R"~(policy.yaml:1:1: error: a policy must be a map, not a list [wrong-type]
    - version: 1
    ^~~~~~~~~~~~
)~"},
  {"root file without a version", FileKind::Root,
"subtrees: {}\n",
R"~(policy.yaml: error: the policy needs the key `version` [missing-key]
  hint: for example `version: 1`
)~"},
  {"other version", FileKind::Root,
"version: 2\n",
R"~(policy.yaml:1:10: error: version `2` of the policy language is not known [wrong-version]
    version: 2
             ^
  hint: write `version: 1`
)~"},
  {"version in quotes", FileKind::Root,
"version: \"1\"\n",
R"~(policy.yaml:1:10: error: version `"1"` of the policy language is not known [wrong-version]
    version: "1"
             ^~~
  hint: write `version: 1`
)~"},
  {"version that is a list", FileKind::Root,
"version: [1]\n",
R"~(policy.yaml:1:10: error: `version` must be `1`, not a list [wrong-type]
    version: [1]
             ^~~
  hint: write `version: 1`
)~"},
  {"unknown key at the top", FileKind::Root,
R"~(version: 1
subtree: {}
foo: 1
)~",
R"~(policy.yaml:2:1: error: unknown key `subtree` in the policy [unknown-key]
    subtree: {}
    ^~~~~~~
  hint: did you mean `subtrees`?
policy.yaml:3:1: error: unknown key `foo` in the policy [unknown-key]
    foo: 1
    ^~~
  hint: the keys here are `version`, `issuers`, `defaults`, `subtrees`, `approvals`, `include`, `catalogue` and `zones`
)~"},
  {"unknown keys further down", FileKind::Root,
R"~(version: 1
defaults: {tll: 1}
issuers: {a: {ca: ca.example.net, account: []}}
subtrees:
  example.com: {alow: [ca.example.net], limits: {lifetimes: 90d}}
zones:
  example.com: {nameserver: []}
)~",
R"~(policy.yaml:3:35: error: unknown key `account` in an issuer [unknown-key]
    issuers: {a: {ca: ca.example.net, account: []}}
                                      ^~~~~~~
  hint: did you mean `accounts`?
policy.yaml:2:12: error: unknown key `tll` in `defaults` [unknown-key]
    defaults: {tll: 1}
               ^~~
  hint: did you mean `ttl`?
policy.yaml:5:17: error: unknown key `alow` in a subtree [unknown-key]
    example.com: {alow: [ca.example.net], limits: {lifetimes: 90d}}
                  ^~~~
  hint: did you mean `allow`?
policy.yaml:5:50: error: unknown key `lifetimes` in `limits` [unknown-key]
    example.com: {alow: [ca.example.net], limits: {lifetimes: 90d}}
                                                   ^~~~~~~~~
  hint: did you mean `lifetime`?
policy.yaml:7:17: error: unknown key `nameserver` in a zone [unknown-key]
    example.com: {nameserver: []}
                  ^~~~~~~~~~
  hint: did you mean `nameservers`?
policy.yaml:7:16: error: a zone needs the key `primary` [missing-key]
    example.com: {nameserver: []}
                 ^~~~~~~~~~~~~~~~
  hint: for example `primary: ns1.example.com`
policy.yaml:7:16: error: a zone needs the key `hostmaster` [missing-key]
    example.com: {nameserver: []}
                 ^~~~~~~~~~~~~~~~
  hint: for example `hostmaster: hostmaster.example.com`
policy.yaml:7:16: error: a zone needs the key `nameservers` [missing-key]
    example.com: {nameserver: []}
                 ^~~~~~~~~~~~~~~~
  hint: for example `nameservers: [ns1.example.com]`
)~"},
  {"unknown keys in an item of allow and in an approval", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    allow: [{issuer: ca.example.net, wildcards: true}]
approvals:
  - {name: a.example.com, issuer: ca.example.net, expires: 2026-01-01}
)~",
R"~(policy.yaml:6:51: error: unknown key `expires` in an approval [unknown-key]
    - {name: a.example.com, issuer: ca.example.net, expires: 2026-01-01}
                                                    ^~~~~~~
  hint: the keys here are `name`, `issuer`, `issuers`, `wildcard`, `subtree`, `from`, `until`, `reason`, `ticket` and `by`
policy.yaml:4:38: error: unknown key `wildcards` in an item of `allow` [unknown-key]
    allow: [{issuer: ca.example.net, wildcards: true}]
                                     ^~~~~~~~~
  hint: did you mean `wildcard`?
)~"},
  {"keys of the root file in an included file", FileKind::Included,
R"~(defaults: {}
zones: {}
)~",
R"~(policy.yaml:1:1: error: `defaults` is not allowed in an included file [key-not-here]
    defaults: {}
    ^~~~~~~~
  hint: it goes into the root file
policy.yaml:2:1: error: `zones` is not allowed in an included file [key-not-here]
    zones: {}
    ^~~~~
  hint: it goes into the root file
)~"},
  {"keys of the root file in a delegated file", FileKind::Delegated,
R"~(defaults: {}
include: []
subtrees:
  example.com: {delegate: x.yaml}
)~",
R"~(policy.yaml:1:1: error: `defaults` is not allowed in a delegated file [key-not-here]
    defaults: {}
    ^~~~~~~~
  hint: it goes into the root file
policy.yaml:2:1: error: `include` is not allowed in a delegated file [key-not-here]
    include: []
    ^~~~~~~
  hint: it goes into the root file, or one that it includes
policy.yaml:4:17: error: `delegate` is not allowed in a delegated file [key-not-here]
    example.com: {delegate: x.yaml}
                  ^~~~~~~~
  hint: it goes into the root file, or one that it includes
)~"},
  {"nothing where a value is needed", FileKind::Root,
R"~(version: 1
issuers:
defaults: ~
subtrees:
approvals:
include:
zones:
)~",
R"~(policy.yaml:2:1: error: `issuers` must be a map, not nothing [wrong-type]
    issuers:
    ^~~~~~~
  hint: write `issuers: {}` for none
policy.yaml:6:1: error: `include` must be a list, not nothing [wrong-type]
    include:
    ^~~~~~~
  hint: write `include: []` for none
policy.yaml:3:11: error: `defaults` must be a map, not nothing [wrong-type]
    defaults: ~
              ^
  hint: write `defaults: {}` for none
policy.yaml:4:1: error: `subtrees` must be a map, not nothing [wrong-type]
    subtrees:
    ^~~~~~~~
  hint: write `subtrees: {}` for none
policy.yaml:5:1: error: `approvals` must be a list, not nothing [wrong-type]
    approvals:
    ^~~~~~~~~
  hint: write `approvals: []` for none
policy.yaml:7:1: error: `zones` must be a map, not nothing [wrong-type]
    zones:
    ^~~~~
  hint: write `zones: {}` for none
)~"},
  {"lists and maps mixed up", FileKind::Root,
R"~(version: 1
issuers: []
defaults: x
subtrees: [example.com]
approvals: {}
include: a.yaml
zones: 1
)~",
R"~(policy.yaml:2:10: error: `issuers` must be a map, not a list [wrong-type]
    issuers: []
             ^~
policy.yaml:6:10: error: `include` must be a list, not text [wrong-type]
    include: a.yaml
             ^~~~~~
  hint: write `include: [a.yaml]`
policy.yaml:3:11: error: `defaults` must be a map, not text [wrong-type]
    defaults: x
              ^
policy.yaml:4:11: error: `subtrees` must be a map, not a list [wrong-type]
    subtrees: [example.com]
              ^~~~~~~~~~~~~
policy.yaml:5:12: error: `approvals` must be a list, not a map [wrong-type]
    approvals: {}
               ^~
policy.yaml:7:8: error: `zones` must be a map, not text [wrong-type]
    zones: 1
           ^
)~"},
  {"values of the wrong type in a subtree", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    allow: ca.example.net
    inherit: [true]
    ttl: [1]
    iodef: {a: b}
    limits: [a]
    delegate: {}
    cname: []
  b.example.com: x
)~",
R"~(policy.yaml:4:12: error: `allow` must be a list, not text [wrong-type]
    allow: ca.example.net
           ^~~~~~~~~~~~~~
  hint: write `allow: [ca.example.net]`
policy.yaml:5:14: error: `inherit` must be `true` or `false`, not a list [wrong-type]
    inherit: [true]
             ^~~~~~
policy.yaml:6:10: error: `ttl` must be a whole number, not a list [wrong-type]
    ttl: [1]
         ^~~
policy.yaml:7:12: error: `iodef` must be a list, not a map [wrong-type]
    iodef: {a: b}
           ^~~~~~
policy.yaml:8:13: error: `limits` must be a map, not a list [wrong-type]
    limits: [a]
            ^~~
policy.yaml:9:15: error: `delegate` must be text, not a map [wrong-type]
    delegate: {}
              ^~
policy.yaml:10:12: error: `cname` must be `keep` or `flatten`, not a list [wrong-type]
    cname: []
           ^~
policy.yaml:11:18: error: a subtree must be a map, not text [wrong-type]
    b.example.com: x
                   ^
)~"},
  {"empty texts", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    delegate: ""
approvals: [{name: a.example.com, issuer: ""}]
)~",
R"~(policy.yaml:5:43: error: `issuer` must not be empty [empty-text]
    approvals: [{name: a.example.com, issuer: ""}]
                                              ^~
policy.yaml:4:15: error: `delegate` must not be empty [empty-text]
    delegate: ""
              ^~
)~"},
  {"control characters", FileKind::Root,
R"~(version: 1
approvals:
  - {name: a.example.com, issuer: ca.example.net, reason: "a\tb\x1b[31m", by: "x\ny"}
)~",
R"~(policy.yaml:3:59: error: a control character in `reason` [control-character]
    - {name: a.example.com, issuer: ca.example.net, reason: "a\tb\x1b[31m", by: "x\ny"}
                                                            ^~~~~~~~~~~~~~
  hint: remove it
)~"},
  {"booleans", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    inherit: yes
  a.example.com: {inherit: True}
  b.example.com: {inherit: off}
  c.example.com: {inherit: "true"}
  d.example.com: {inherit: 2}
)~",
R"~(policy.yaml:4:14: error: `inherit` must be `true` or `false`, not `yes` [bad-value]
    inherit: yes
             ^~~
  hint: write `true`
policy.yaml:5:28: error: `inherit` must be `true` or `false`, not `True` [bad-value]
    a.example.com: {inherit: True}
                             ^~~~
  hint: write `true`
policy.yaml:6:28: error: `inherit` must be `true` or `false`, not `off` [bad-value]
    b.example.com: {inherit: off}
                             ^~~
  hint: write `false`
policy.yaml:7:28: error: `inherit` must be `true` or `false`, not `"true"` [bad-value]
    c.example.com: {inherit: "true"}
                             ^~~~~~
  hint: write `true` without quotes
policy.yaml:8:28: error: `inherit` must be `true` or `false`, not `2` [bad-value]
    d.example.com: {inherit: 2}
                             ^
)~"},
  {"scopes", FileKind::Root,
R"~(version: 1
approvals:
  - {name: a.example.com, issuer: ca.example.net, wildcard: olny, subtree: No}
  - {name: a.example.com, issuer: ca.example.net, wildcard: Yes}
)~",
R"~(policy.yaml:3:61: error: `wildcard` must be `true`, `false` or `only`, not `olny` [bad-value]
    - {name: a.example.com, issuer: ca.example.net, wildcard: olny, subtree: No}
                                                              ^~~~
  hint: write `only`
policy.yaml:3:76: error: `subtree` must be `true` or `false`, not `No` [bad-value]
    - {name: a.example.com, issuer: ca.example.net, wildcard: olny, subtree: No}
                                                                             ^~
  hint: write `false`
policy.yaml:4:61: error: `wildcard` must be `true`, `false` or `only`, not `Yes` [bad-value]
    - {name: a.example.com, issuer: ca.example.net, wildcard: Yes}
                                                              ^~~
  hint: write `true`
)~"},
  {"ttl", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    ttl: 0
  a.example.com: {ttl: 604801}
  b.example.com: {ttl: 5m}
  c.example.com: {ttl: "300"}
  d.example.com: {ttl: 0300}
  e.example.com: {ttl: -1}
)~",
R"~(policy.yaml:4:10: error: `ttl` must be a whole number of seconds from 1 to 604800, not `0` [bad-ttl]
    ttl: 0
         ^
  hint: for example `ttl: 300`
policy.yaml:5:24: error: `ttl` must be a whole number of seconds from 1 to 604800, not `604801` [bad-ttl]
    a.example.com: {ttl: 604801}
                         ^~~~~~
  hint: for example `ttl: 300`
policy.yaml:6:24: error: `ttl` must be a whole number of seconds from 1 to 604800, not `5m` [bad-ttl]
    b.example.com: {ttl: 5m}
                         ^~
  hint: for example `ttl: 300`
policy.yaml:7:24: error: `ttl` must be a whole number of seconds from 1 to 604800, not `"300"` [bad-ttl]
    c.example.com: {ttl: "300"}
                         ^~~~~
  hint: for example `ttl: 300`
policy.yaml:8:24: error: `ttl` must be a whole number of seconds from 1 to 604800, not `0300` [bad-ttl]
    d.example.com: {ttl: 0300}
                         ^~~~
  hint: for example `ttl: 300`
policy.yaml:9:24: error: `ttl` must be a whole number of seconds from 1 to 604800, not `-1` [bad-ttl]
    e.example.com: {ttl: -1}
                         ^~
  hint: for example `ttl: 300`
)~"},
  {"contacts", FileKind::Root,
R"~(version: 1
defaults:
  iodef: pki@example.com
  contactemail: ["pki at example.com", a@b@example.com]
  contactphone: 0123
subtrees:
  example.com: {iodef: [ftp://example.com, 'mailto:', 'https://']}
)~",
R"~(policy.yaml:3:10: error: `pki@example.com` is not a `mailto:`, `http:` or `https:` URL [bad-iodef]
    iodef: pki@example.com
           ^~~~~~~~~~~~~~~
  hint: write `mailto:pki@example.com`
policy.yaml:4:18: error: `pki at example.com` is not an e-mail address [bad-contact]
    contactemail: ["pki at example.com", a@b@example.com]
                   ^~~~~~~~~~~~~~~~~~~~
  hint: for example `pki@example.com`
policy.yaml:4:40: error: `a@b@example.com` is not an e-mail address [bad-contact]
    contactemail: ["pki at example.com", a@b@example.com]
                                         ^~~~~~~~~~~~~~~
  hint: for example `pki@example.com`
policy.yaml:5:17: error: `0123` is not an international telephone number [bad-contact]
    contactphone: 0123
                  ^~~~
  hint: write `+`, the country code and the number, digits only: `"+442079460000"`
policy.yaml:7:25: error: `ftp://example.com` is not a `mailto:`, `http:` or `https:` URL [bad-iodef]
    example.com: {iodef: [ftp://example.com, 'mailto:', 'https://']}
                          ^~~~~~~~~~~~~~~~~
  hint: for example `mailto:pki@example.com`
policy.yaml:7:44: error: `mailto:` is not a `mailto:`, `http:` or `https:` URL [bad-iodef]
    example.com: {iodef: [ftp://example.com, 'mailto:', 'https://']}
                                             ^~~~~~~~~
  hint: for example `mailto:pki@example.com`
policy.yaml:7:55: error: `https://` is not a `mailto:`, `http:` or `https:` URL [bad-iodef]
    example.com: {iodef: [ftp://example.com, 'mailto:', 'https://']}
                                                        ^~~~~~~~~~
  hint: for example `mailto:pki@example.com`
)~"},
  {"mail and vmc", FileKind::Root,
R"~(version: 1
issuers: {a: {ca: ca.example.net, methods: [dns-01]}}
subtrees:
  example.com: {mail: [], vmc: allow}
  a.example.com: {mail: {}, vmc: [a]}
  b.example.com: {mail: , vmc: [{ca: ca.example.net, methods: [http-01]}]}
)~",
R"~(policy.yaml:4:23: error: `mail` must not be empty [empty-list]
    example.com: {mail: [], vmc: allow}
                        ^~
  hint: write `deny` for nobody
policy.yaml:4:32: error: `vmc` must be `deny` or a list of issuers, not other text [wrong-type]
    example.com: {mail: [], vmc: allow}
                                 ^~~~~
policy.yaml:5:25: error: `mail` must be `deny` or a list of issuers, not a map [wrong-type]
    a.example.com: {mail: {}, vmc: [a]}
                          ^~
policy.yaml:5:35: error: `vmc` cannot be bound to validation methods [methods-not-here]
    a.example.com: {mail: {}, vmc: [a]}
                                    ^
  hint: write the issuer without `methods`: `{ca: …, accounts: […]}`
policy.yaml:6:19: error: `mail` must be `deny` or a list of issuers, not nothing [wrong-type]
    b.example.com: {mail: , vmc: [{ca: ca.example.net, methods: [http-01]}]}
                    ^~~~
policy.yaml:6:33: error: `vmc` cannot be bound to validation methods [methods-not-here]
    b.example.com: {mail: , vmc: [{ca: ca.example.net, methods: [http-01]}]}
                                  ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: write the issuer without `methods`: `{ca: …, accounts: […]}`
)~"},
  {"names of subtrees", FileKind::Root,
R"~(version: 1
subtrees:
  "*.example.com": {}
  _x.example.com: {}
  192.0.2.1: {}
  a..example.com: {}
  .example.com: {}
  -a.example.com: {}
  https://example.com/: {}
  a/b.example.com: {}
)~",
R"~(policy.yaml:3:4: error: the wildcard `*.example.com` is not a host name [bad-name]
    "*.example.com": {}
     ^
  hint: write `example.com`: a subtree holds all names below it
policy.yaml:4:3: error: the label `_x` has a `_`: no certificate can name it [bad-name]
    _x.example.com: {}
    ^~
  hint: write the name of the host
policy.yaml:5:3: error: `192.0.2.1` is an address, not a host name [bad-name]
    192.0.2.1: {}
    ^~~~~~~~~
  hint: CAA is looked up for names only
policy.yaml:6:4: error: `a..example.com` has an empty label [bad-name]
    a..example.com: {}
     ^~
  hint: write one dot between two labels, and none in front
policy.yaml:7:3: error: `.example.com` has an empty label [bad-name]
    .example.com: {}
    ^
  hint: write one dot between two labels, and none in front
policy.yaml:8:3: error: the label `-a` begins or ends with `-` [bad-name]
    -a.example.com: {}
    ^~
policy.yaml:9:3: error: `https://example.com/` is a URL, not a host name [bad-name]
    https://example.com/: {}
    ^~~~~~~~~~~~~~~
  hint: write just the host of it
policy.yaml:10:3: error: `a/b` has a character that no host name has [bad-name]
    a/b.example.com: {}
    ^~~
  hint: a label is made of letters, digits and `-`
)~"},
  {"names of approvals", FileKind::Root,
R"~(version: 1
approvals:
  - {name: "*.example.com", issuer: ca.example.net}
  - {name: "a*.example.com", issuer: ca.example.net}
  - {name: a b.example.com, issuer: ca.example.net}
  - {name: "", issuer: ca.example.net}
  - {name: ".", issuer: ca.example.net}
  - {name: 2001:db8::1, issuer: ca.example.net}
  - {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com, issuer: ca.example.net}
  - {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com, issuer: ca.example.net}
  - {name: "ab--c·.example.com", issuer: ca.example.net}
  - {name: ex_ample.example.com, issuer: ca.example.net}
)~",
R"~(policy.yaml:3:13: error: the wildcard `*.example.com` is not a host name [bad-name]
    - {name: "*.example.com", issuer: ca.example.net}
              ^
  hint: write `name: example.com` with `wildcard: only`, or `wildcard: true` for the name as well
policy.yaml:4:13: error: the label `a*` has a `*` [bad-name]
    - {name: "a*.example.com", issuer: ca.example.net}
              ^~
  hint: write the name out
policy.yaml:5:12: error: `a b.example.com` has a space in it [bad-name]
    - {name: a b.example.com, issuer: ca.example.net}
             ^~~
  hint: a host name has no spaces
policy.yaml:6:12: error: a host name is missing here [bad-name]
    - {name: "", issuer: ca.example.net}
             ^~
  hint: for example `shop.example.com`
policy.yaml:7:12: error: a host name is missing here [bad-name]
    - {name: ".", issuer: ca.example.net}
             ^~~
  hint: for example `shop.example.com`
policy.yaml:8:12: error: `2001:db8::1` is an address, not a host name [bad-name]
    - {name: 2001:db8::1, issuer: ca.example.net}
             ^~~~~~~~~~~
  hint: CAA is looked up for names only
policy.yaml:9:12: error: the label `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is over 63 octets long [bad-name]
    - {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com, issuer: ca.example.net}
             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
policy.yaml:10:12: error: the name `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` is over 255 octets long [bad-name]
    - {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
policy.yaml:11:12: error: `ab--c·.example.com` is not an internationalized name: string contains forbidden two hyphens pattern [bad-name]
    - {name: "ab--c·.example.com", issuer: ca.example.net}
             ^~~~~~~~~~~~~~~~~~~~
policy.yaml:12:12: error: the label `ex_ample` has a `_`: no certificate can name it [bad-name]
    - {name: ex_ample.example.com, issuer: ca.example.net}
             ^~~~~~~~
  hint: write the name of the host
)~"},
  {"names of zones", FileKind::Root,
R"~(version: 1
zones:
  example.com: {primary: ns 1.example.com, hostmaster: pki@example.com, nameservers: []}
  "*.example.net": {primary: a.example.com, hostmaster: a.example.com, nameservers: [a.example.com, _b.example.com]}
  example.org: {}
  z.example.com: {primary: a.example.com, hostmaster: a.example.com, nameservers: [a.example.com]}
  Z.example.com.: {primary: a.example.com, hostmaster: a.example.com, nameservers: [a.example.com]}
)~",
R"~(policy.yaml:3:26: error: `ns 1.example.com` has a space in it [bad-name]
    example.com: {primary: ns 1.example.com, hostmaster: pki@example.com, nameservers: []}
                           ^~~~
  hint: a host name has no spaces
policy.yaml:3:56: error: `pki@example.com` is an e-mail address, not a name [bad-name]
    example.com: {primary: ns 1.example.com, hostmaster: pki@example.com, nameservers: []}
                                                         ^~~~~~~~~~~
  hint: write a dot in place of the `@`: `pki.example.com`
policy.yaml:3:86: error: `nameservers` must not be empty [empty-list]
    example.com: {primary: ns 1.example.com, hostmaster: pki@example.com, nameservers: []}
                                                                                       ^~
  hint: a zone has at least one name server
policy.yaml:4:4: error: the wildcard `*.example.net` is not a host name [bad-name]
    "*.example.net": {primary: a.example.com, hostmaster: a.example.com, nameservers: [a.example.com, _b.example.com]}
     ^
  hint: write `example.net`
policy.yaml:4:101: error: the label `_b` has a `_`, which no host name has [bad-name]
    "*.example.net": {primary: a.example.com, hostmaster: a.example.com, nameservers: [a.example.com, _b.example.com]}
                                                                                                      ^~
policy.yaml:5:16: error: a zone needs the key `primary` [missing-key]
    example.org: {}
                 ^~
  hint: for example `primary: ns1.example.com`
policy.yaml:5:16: error: a zone needs the key `hostmaster` [missing-key]
    example.org: {}
                 ^~
  hint: for example `hostmaster: hostmaster.example.com`
policy.yaml:5:16: error: a zone needs the key `nameservers` [missing-key]
    example.org: {}
                 ^~
  hint: for example `nameservers: [ns1.example.com]`
policy.yaml:7:3: error: the zone `Z.example.com.` is already in the policy [duplicate-zone]
    Z.example.com.: {primary: a.example.com, hostmaster: a.example.com, nameservers: [a.example.com]}
    ^~~~~~~~~~~~~~
  hint: remove one of the two
policy.yaml:6:3: note: first written here
    z.example.com: {primary: a.example.com, hostmaster: a.example.com, nameservers: [a.example.com]}
    ^~~~~~~~~~~~~
)~"},
  {"issuer definitions", FileKind::Root,
R"~(version: 1
issuers:
  Le-Web: {ca: letsencrypt.org}
  letsencrypt.org: {ca: letsencrypt.org}
  a: letsencrypt.org
  b: {accounts: [https://ca.example.net/1]}
  c: {ca: le-webserver}
  d: {ca: https://letsencrypt.org}
  e: {ca: 192.0.2.1}
  f: {ca: bücher.example}
  g: {ca: a b.example.com}
)~",
R"~(policy.yaml:3:3: error: `Le-Web` is not a name for an issuer [bad-issuer-name]
    Le-Web: {ca: letsencrypt.org}
    ^~~~~~
  hint: use `a-z`, `0-9`, `-` and `_`, with a letter or digit first
policy.yaml:4:3: error: `letsencrypt.org` is not a name for an issuer [bad-issuer-name]
    letsencrypt.org: {ca: letsencrypt.org}
    ^~~~~~~~~~~~~~~
  hint: a name under `issuers` has no dot; an issuer domain goes after `ca:`
policy.yaml:5:6: error: an issuer must be a map, not text [wrong-type]
    a: letsencrypt.org
       ^~~~~~~~~~~~~~~
  hint: write `{ca: letsencrypt.org}`
policy.yaml:6:6: error: an issuer needs the key `ca` [missing-key]
    b: {accounts: [https://ca.example.net/1]}
       ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: for example `ca: letsencrypt.org`
policy.yaml:7:11: error: `le-webserver` is not an issuer domain: it has just one label [bad-issuer-domain]
    c: {ca: le-webserver}
            ^~~~~~~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:8:11: error: `https://letsencrypt.org` is not an issuer domain: it is a URL [bad-issuer-domain]
    d: {ca: https://letsencrypt.org}
            ^~~~~~~~~~~~~~~~~~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:9:11: error: `192.0.2.1` is not an issuer domain: it is an address [bad-issuer-domain]
    e: {ca: 192.0.2.1}
            ^~~~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:10:11: error: `bücher.example` is not an issuer domain: it is not in ASCII [bad-issuer-domain]
    f: {ca: bücher.example}
            ^~~~~~~~~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:11:11: error: `a b.example.com` is not an issuer domain: it is not a host name [bad-issuer-domain]
    g: {ca: a b.example.com}
            ^~~~~~~~~~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
)~"},
  {"empty lists in an issuer", FileKind::Root,
R"~(version: 1
issuers:
  a: {ca: ca.example.net, accounts: [], methods: []}
  b: {ca: ca.example.net, accounts: https://ca.example.net/1, methods: dns-01}
)~",
R"~(policy.yaml:3:37: error: `accounts` must not be empty [empty-list]
    a: {ca: ca.example.net, accounts: [], methods: []}
                                      ^~
  hint: an empty list would mean any account: remove the key if that is meant
policy.yaml:3:50: error: `methods` must not be empty [empty-list]
    a: {ca: ca.example.net, accounts: [], methods: []}
                                                   ^~
  hint: an empty list would mean any method: remove the key if that is meant
policy.yaml:4:37: error: `accounts` must be a list, not text [wrong-type]
    b: {ca: ca.example.net, accounts: https://ca.example.net/1, methods: dns-01}
                                      ^~~~~~~~~~~~~~~~~~~~~~~~
  hint: write `accounts: [https://ca.example.net/1]`
policy.yaml:4:72: error: `methods` must be a list, not text [wrong-type]
    b: {ca: ca.example.net, accounts: https://ca.example.net/1, methods: dns-01}
                                                                         ^~~~~~
  hint: write `methods: [dns-01]`
)~"},
  {"accounts that are no URI for their characters", FileKind::Root,
R"~(version: 1
issuers:
  a: {ca: ca.example.net, accounts: ['https://ca.example.net/"1', 'https://ca.example.net/%2', 'https://ca.example.net/%2F,1']}
defaults: {iodef: 'mailto:a"b@example.com'}
)~",
R"~(policy.yaml:3:38: error: `https://ca.example.net/"1` is not an account URI: it holds a character that a URI has no room for, or a `%` without two hex digits [bad-account]
    a: {ca: ca.example.net, accounts: ['https://ca.example.net/"1', 'https://ca.example.net/%2', 'https://ca.example.net/%2F,1']}
                                       ^~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
policy.yaml:3:67: error: `https://ca.example.net/%2` is not an account URI: it holds a character that a URI has no room for, or a `%` without two hex digits [bad-account]
    a: {ca: ca.example.net, accounts: ['https://ca.example.net/"1', 'https://ca.example.net/%2', 'https://ca.example.net/%2F,1']}
                                                                    ^~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
policy.yaml:4:19: error: `mailto:a"b@example.com` is not a `mailto:`, `http:` or `https:` URL [bad-iodef]
    defaults: {iodef: 'mailto:a"b@example.com'}
                      ^~~~~~~~~~~~~~~~~~~~~~~~
  hint: for example `mailto:pki@example.com`
)~"},
  {"a pattern across folders", FileKind::Root,
R"~(version: 1
include: ["conf.d/**/*.yaml"]
)~",
R"~(policy.yaml:2:11: error: `conf.d/**/*.yaml` has a `**`, which does not reach into the folders below [bad-include]
    include: ["conf.d/**/*.yaml"]
              ^~~~~~~~~~~~~~~~~~
  hint: write a pattern for each level: `conf.d/*.yaml` and `conf.d/*/*.yaml`
)~"},
  {"a pattern without quotes", FileKind::Root,
R"~(version: 1
include: [*.yaml]
)~",
R"~(policy.yaml:2:11: error: `*.yaml` is a YAML alias, which has no place in a policy [yaml-alias]
    include: [*.yaml]
              ^~~~~~
  hint: for a pattern, write it in quotes: `"*.yaml"`
)~"},
  {"accounts", FileKind::Root,
R"~(version: 1
issuers:
  a: {ca: ca.example.net, accounts: [12345, 'https:', 'https://ca.example.net/a;b', 'https://ca.example.net/a b', 'https://ca.example.net/ü', 'https://ca.example.net/1', 'https://ca.example.net/1']}
)~",
R"~(policy.yaml:3:38: error: `12345` is not an account URI: it has no scheme such as `https:` [bad-account]
    a: {ca: ca.example.net, accounts: [12345, 'https:', 'https://ca.example.net/a;b', 'https://ca.example.net/a b', 'https://ca.example.net/ü', 'https://ca.example…
                                       ^~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
policy.yaml:3:45: error: `https:` is not an account URI: nothing follows the scheme [bad-account]
    … {ca: ca.example.net, accounts: [12345, 'https:', 'https://ca.example.net/a;b', 'https://ca.example.net/a b', 'https://ca.example.net/ü', 'https://ca.example.n…
                                             ^~~~~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
policy.yaml:3:55: error: `https://ca.example.net/a;b` is not an account URI: a `;` would end it in a CAA record [bad-account]
    …xample.net, accounts: [12345, 'https:', 'https://ca.example.net/a;b', 'https://ca.example.net/a b', 'https://ca.example.net/ü', 'https://ca.example.net/1', 'ht…
                                             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
policy.yaml:3:85: error: `https://ca.example.net/a b` is not an account URI: it has a space [bad-account]
    …'https:', 'https://ca.example.net/a;b', 'https://ca.example.net/a b', 'https://ca.example.net/ü', 'https://ca.example.net/1', 'https://ca.example.net/1']}
                                             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
policy.yaml:3:115: error: `https://ca.example.net/ü` is not an account URI: it is not in printable ASCII [bad-account]
    …net/a;b', 'https://ca.example.net/a b', 'https://ca.example.net/ü', 'https://ca.example.net/1', 'https://ca.example.net/1']}
                                             ^~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: write the URI that the CA gave the account: `https://acme-v02.api.letsencrypt.org/acme/acct/12345`
policy.yaml:3:172: error: the account `https://ca.example.net/1` is in the list twice [listed-twice]
    …le.net/ü', 'https://ca.example.net/1', 'https://ca.example.net/1']}
                                            ^~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: remove one of the two
)~"},
  {"methods", FileKind::Root,
R"~(version: 1
issuers:
  a: {ca: ca.example.net, methods: [DNS-01, dns01, tls-sni-01, dns-01, dns-01, ca-tbr-7, ca-]}
)~",
R"~(policy.yaml:3:37: error: the validation method `DNS-01` must be in lower case [bad-method]
    a: {ca: ca.example.net, methods: [DNS-01, dns01, tls-sni-01, dns-01, dns-01, ca-tbr-7, ca-]}
                                      ^~~~~~
  hint: write `dns-01`
policy.yaml:3:45: error: unknown validation method `dns01` [bad-method]
    a: {ca: ca.example.net, methods: [DNS-01, dns01, tls-sni-01, dns-01, dns-01, ca-tbr-7, ca-]}
                                              ^~~~~
  hint: did you mean `dns-01`? the methods are `http-01`, `dns-01`, `tls-alpn-01`, `dns-account-01`, `dns-persist-01`, `onion-csr-01`, `email-reply-00`, `tkauth-01` and `bp-nodeid-00`, and a CA's own that begin with `ca-`
policy.yaml:3:52: error: unknown validation method `tls-sni-01` [bad-method]
    a: {ca: ca.example.net, methods: [DNS-01, dns01, tls-sni-01, dns-01, dns-01, ca-tbr-7, ca-]}
                                                     ^~~~~~~~~~
  hint: the methods are `http-01`, `dns-01`, `tls-alpn-01`, `dns-account-01`, `dns-persist-01`, `onion-csr-01`, `email-reply-00`, `tkauth-01` and `bp-nodeid-00`, and a CA's own that begin with `ca-`
policy.yaml:3:72: error: the validation method `dns-01` is in the list twice [listed-twice]
    a: {ca: ca.example.net, methods: [DNS-01, dns01, tls-sni-01, dns-01, dns-01, ca-tbr-7, ca-]}
                                                                         ^~~~~~
  hint: remove one of the two
policy.yaml:3:90: error: unknown validation method `ca-` [bad-method]
    a: {ca: ca.example.net, methods: [DNS-01, dns01, tls-sni-01, dns-01, dns-01, ca-tbr-7, ca-]}
                                                                                           ^~~
  hint: the methods are `http-01`, `dns-01`, `tls-alpn-01`, `dns-account-01`, `dns-persist-01`, `onion-csr-01`, `email-reply-00`, `tkauth-01` and `bp-nodeid-00`, and a CA's own that begin with `ca-`
)~"},
  {"references to issuers", FileKind::Root,
R"~(version: 1
issuers:
  le-web: {ca: letsencrypt.org}
subtrees:
  example.com: {allow: [le-wbe, nobody, lets..encrypt, [x], {issuer: {ca: x}}]}
  a.example.com: {limits: {issuers: [le_web]}}
approvals:
  - {name: a.example.com, issuer: le-webb}
)~",
R"~(policy.yaml:5:25: error: unknown issuer `le-wbe` [unknown-issuer]
    example.com: {allow: [le-wbe, nobody, lets..encrypt, [x], {issuer: {ca: x}}]}
                          ^~~~~~
  hint: did you mean `le-web`?
policy.yaml:5:33: error: unknown issuer `nobody` [unknown-issuer]
    example.com: {allow: [le-wbe, nobody, lets..encrypt, [x], {issuer: {ca: x}}]}
                                  ^~~~~~
  hint: define it under `issuers`, or write the issuer domain of a CA: `letsencrypt.org`
policy.yaml:5:41: error: `lets..encrypt` is not an issuer domain: it is not a host name [bad-issuer-domain]
    example.com: {allow: [le-wbe, nobody, lets..encrypt, [x], {issuer: {ca: x}}]}
                                          ^~~~~~~~~~~~~
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:5:56: error: an issuer must be text, not a list [wrong-type]
    example.com: {allow: [le-wbe, nobody, lets..encrypt, [x], {issuer: {ca: x}}]}
                                                         ^~~
policy.yaml:5:75: error: `x` is not an issuer domain: it has just one label [bad-issuer-domain]
    example.com: {allow: [le-wbe, nobody, lets..encrypt, [x], {issuer: {ca: x}}]}
                                                                            ^
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
policy.yaml:6:38: error: unknown issuer `le_web` [unknown-issuer]
    a.example.com: {limits: {issuers: [le_web]}}
                                       ^~~~~~
  hint: did you mean `le-web`?
policy.yaml:8:35: error: unknown issuer `le-webb` [unknown-issuer]
    - {name: a.example.com, issuer: le-webb}
                                    ^~~~~~~
  hint: did you mean `le-web`?
)~"},
  {"an issuer with an error counts as defined", FileKind::Root,
R"~(version: 1
issuers: {a: {ca: x}}
subtrees: {example.com: {allow: [a, {issuer: a, wildcard: true}]}}
approvals: [{name: b.example.com, issuer: a}]
)~",
R"~(policy.yaml:2:19: error: `x` is not an issuer domain: it has just one label [bad-issuer-domain]
    issuers: {a: {ca: x}}
                      ^
  hint: write the domain that the CA documents for CAA, such as `letsencrypt.org`
)~"},
  {"items of allow", FileKind::Root,
R"~(version: 1
issuers:
  le-web: {ca: letsencrypt.org}
subtrees:
  example.com:
    allow:
      - {wildcard: true}
      - {issuer: le-web, ca: ca.example.net}
      - {issuer: le-web, methods: [dns-01]}
      - {ca: ca.example.net, accounts: []}
)~",
R"~(policy.yaml:7:9: error: an item of `allow` needs the key `issuer` or `ca` [missing-key]
    - {wildcard: true}
      ^~~~~~~~~~~~~~~~
  hint: for example `issuer: letsencrypt.org`
policy.yaml:8:26: error: an item of `allow` has either `issuer` or `ca`, not both [issuer-and-ca]
    - {issuer: le-web, ca: ca.example.net}
                       ^~
  hint: remove one of the two
policy.yaml:9:26: error: `methods` goes with `ca`, not with `issuer` [issuer-and-ca]
    - {issuer: le-web, methods: [dns-01]}
                       ^~~~~~~
  hint: write it where the issuer is defined, or name the CA with `ca`
policy.yaml:10:40: error: `accounts` must not be empty [empty-list]
    - {ca: ca.example.net, accounts: []}
                                     ^~
  hint: an empty list would mean any account: remove the key if that is meant
)~"},
  {"limits", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    limits: {issuers: x, require: account, wildcard: only, lifetime: 3 months}
  a.example.com: {limits: {require: [accounts]}}
)~",
R"~(policy.yaml:4:23: error: `issuers` must be a list, not text [wrong-type]
    limits: {issuers: x, require: account, wildcard: only, lifetime: 3 months}
                      ^
  hint: write `issuers: [x]`
policy.yaml:4:35: error: `require` must be a list, not text [wrong-type]
    limits: {issuers: x, require: account, wildcard: only, lifetime: 3 months}
                                  ^~~~~~~
  hint: write `require: [account]`
policy.yaml:4:54: error: `wildcard` must be `true` or `false`, not `only` [bad-value]
    limits: {issuers: x, require: account, wildcard: only, lifetime: 3 months}
                                                     ^~~~
policy.yaml:4:70: error: `lifetime` must be a span of time, not `3 months` [bad-span]
    limits: {issuers: x, require: account, wildcard: only, lifetime: 3 months}
                                                                     ^~~~~~~~
  hint: write a whole number and one of `s`, `m`, `h`, `d` and `w`: `90d`
policy.yaml:5:38: error: an item of `require` must be `account` or `method`, not `accounts` [bad-value]
    a.example.com: {limits: {require: [accounts]}}
                                       ^~~~~~~~
  hint: write `account`
)~"},
  {"delegate with a pattern", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    delegate: teams/*.yaml
)~",
R"~(policy.yaml:4:15: error: `teams/*.yaml` is a pattern, and a subtree is delegated to one file [bad-delegate]
    delegate: teams/*.yaml
              ^~~~~~~~~~~~
  hint: write the path of the file
)~"},
  {"cname", FileKind::Root,
R"~(version: 1
subtrees:
  example.com:
    cname: flat
  a.example.com: {cname: flattn}
)~",
R"~(policy.yaml:4:12: error: `cname` must be `keep` or `flatten`, not `flat` [bad-value]
    cname: flat
           ^~~~
policy.yaml:5:26: error: `cname` must be `keep` or `flatten`, not `flattn` [bad-value]
    a.example.com: {cname: flattn}
                           ^~~~~~
  hint: write `flatten`
)~"},
  {"includes", FileKind::Root,
R"~(version: 1
include: [conf.d/*, a.json, [b.yaml], .yaml]
)~",
R"~(policy.yaml:2:11: error: `conf.d/*` does not end in `.yaml`, `.yml` or `.jsonl` [bad-include]
    include: [conf.d/*, a.json, [b.yaml], .yaml]
              ^~~~~~~~
  hint: the end of the name says how a file is read
policy.yaml:2:21: error: `a.json` does not end in `.yaml`, `.yml` or `.jsonl` [bad-include]
    include: [conf.d/*, a.json, [b.yaml], .yaml]
                        ^~~~~~
  hint: the end of the name says how a file is read
policy.yaml:2:29: error: a path must be text, not a list [wrong-type]
    include: [conf.d/*, a.json, [b.yaml], .yaml]
                                ^~~~~~~~
policy.yaml:2:39: error: `.yaml` does not end in `.yaml`, `.yml` or `.jsonl` [bad-include]
    include: [conf.d/*, a.json, [b.yaml], .yaml]
                                          ^~~~~
  hint: the end of the name says how a file is read
)~"},
  {"approvals that lack something", FileKind::Root,
R"~(version: 1
approvals:
  - {}
  - a.example.com
  - {name: a.example.com}
  - {issuer: ca.example.net}
)~",
R"~(policy.yaml:3:5: error: an approval needs the key `name` [missing-key]
    - {}
      ^~
  hint: for example `name: shop.example.com`
policy.yaml:3:5: error: an approval needs the key `issuer` or `issuers` [missing-key]
    - {}
      ^~
  hint: for example `issuer: letsencrypt.org`
policy.yaml:4:5: error: an approval must be a map, not text [wrong-type]
    - a.example.com
      ^~~~~~~~~~~~~
policy.yaml:5:5: error: an approval needs the key `issuer` or `issuers` [missing-key]
    - {name: a.example.com}
      ^~~~~~~~~~~~~~~~~~~~~
  hint: for example `issuer: letsencrypt.org`
policy.yaml:6:5: error: an approval needs the key `name` [missing-key]
    - {issuer: ca.example.net}
      ^~~~~~~~~~~~~~~~~~~~~~~~
  hint: for example `name: shop.example.com`
)~"},
  {"issuer and issuers", FileKind::Root,
R"~(version: 1
approvals:
  - {name: a.example.com, issuer: ca.example.net, issuers: [ca.example.org]}
  - {name: a.example.com, issuers: []}
  - {name: a.example.com, issuers: ca.example.net}
)~",
R"~(policy.yaml:3:51: error: an approval has either `issuer` or `issuers`, not both [issuer-and-issuers]
    - {name: a.example.com, issuer: ca.example.net, issuers: [ca.example.org]}
                                                    ^~~~~~~
  hint: put all of them under `issuers`
policy.yaml:4:36: error: `issuers` must not be empty [empty-list]
    - {name: a.example.com, issuers: []}
                                     ^~
  hint: an approval without an issuer approves nothing: remove the approval
policy.yaml:5:36: error: `issuers` must be a list, not text [wrong-type]
    - {name: a.example.com, issuers: ca.example.net}
                                     ^~~~~~~~~~~~~~
  hint: write `issuers: [ca.example.net]`
)~"},
  {"times", FileKind::Root,
R"~(version: 1
approvals:
  - {name: a.example.com, issuer: ca.example.net, from: 2026-11-22, until: 2026-11-22T09:00:00}
  - {name: a.example.com, issuer: ca.example.net, from: 2026-11-22T09:00:00Z, until: 2026-11-22T09:00:00Z}
  - name: b.example.com
    issuer: ca.example.net
    until: tomorrow
)~",
R"~(policy.yaml:3:57: error: `from` must be a date with a time and a zone, not `2026-11-22` [bad-time]
    - {name: a.example.com, issuer: ca.example.net, from: 2026-11-22, until: 2026-11-22T09:00:00}
                                                          ^~~~~~~~~~
  hint: write it as in RFC 3339: `2026-11-22T09:00:00Z` or `2026-11-22T10:00:00+01:00`
policy.yaml:3:76: error: `until` must be a date with a time and a zone, not `2026-11-22T09:00:00` [bad-time]
    - {name: a.example.com, issuer: ca.example.net, from: 2026-11-22, until: 2026-11-22T09:00:00}
                                                                             ^~~~~~~~~~~~~~~~~~~
  hint: write it as in RFC 3339: `2026-11-22T09:00:00Z` or `2026-11-22T10:00:00+01:00`
policy.yaml:4:86: error: `until` is not after `from`, so that the approval is never live [ends-before-it-begins]
    - {name: a.example.com, issuer: ca.example.net, from: 2026-11-22T09:00:00Z, until: 2026-11-22T09:00:00Z}
                                                                                       ^~~~~~~~~~~~~~~~~~~~
policy.yaml:4:57: note: it begins here
    - {name: a.example.com, issuer: ca.example.net, from: 2026-11-22T09:00:00Z, until: 2026-11-22T09:00:00Z}
                                                          ^~~~~~~~~~~~~~~~~~~~
policy.yaml:7:12: error: `until` must be a date with a time and a zone, not `tomorrow` [bad-time]
    until: tomorrow
           ^~~~~~~~
  hint: write it as in RFC 3339: `2026-11-22T09:00:00Z` or `2026-11-22T10:00:00+01:00`
)~"},
};

} // namespace

TEST_CASE("what a policy file cannot mean is reported")
{
  for (const Case& test : kCases) {
    INFO(test.name);
    CHECK(problemsOf(test.kind, test.text) == test.problems);
  }
}

namespace {

Document readGood(FileKind kind, const std::string& text)
{
  std::vector<Diagnostic> problems;
  IssuerTable issuers;
  const auto tree = parseYaml(text, 0, problems);
  REQUIRE(tree);
  readHead(*tree, kind, issuers, problems);
  Document document = readBody(*tree, kind, issuers, problems);
  CHECK(renderAll(problems, {{"policy.yaml", text, {}}}).empty());
  return document;
}

} // namespace

TEST_CASE("everything that a policy file can say is read")
{
  const std::string text = R"~(version: 1
issuers:
  le-web:
    ca: LetsEncrypt.org.
    accounts: [https://acme-v02.api.letsencrypt.org/acme/acct/12345]
    methods: [dns-01]
defaults:
  ttl: 60
  iodef: mailto:pki@example.com
  contactemail: [pki@example.com]
  contactphone: "+442079460000"
  mail: deny
  vmc: [digicert.com]
subtrees:
  Example.COM.: {}
  empty.example.com:
  dev.example.com:
    allow: [le-web, ca.example.net]
    inherit: true
    cname: flatten
  blog.example.com:
    allow:
      - {issuer: le-web, wildcard: true}
      - {ca: ca.example.net, methods: [http-01, ca-tbr-7], wildcard: only}
      - issuer: {ca: ca.example.net}
    iodef: []
  closed.example.com: {allow: []}
  shops.example.com:
    limits:
      issuers: [le-web]
      require: [account, method]
      wildcard: false
      lifetime: 90d
    delegate: teams/shops.yaml
  none.example.com: {limits: {issuers: []}}
approvals:
  - name: bücher.example.com
    issuer: le-web
    from: 2026-11-22T09:00:00Z
    ticket: 1234
zones:
  example.com: {primary: ns1.example.com, hostmaster: hostmaster.example.com, nameservers: [ns1.example.com, ns2.example.com]}
)~";
  const Document document = readGood(FileKind::Root, text);

  const Issuer web{"letsencrypt.org", {"https://acme-v02.api.letsencrypt.org/acme/acct/12345"}, {"dns-01"}};
  CHECK(document.defaults.ttl == 60U);
  CHECK(document.defaults.iodef == std::vector<std::string>{"mailto:pki@example.com"});
  CHECK(document.defaults.contactemail == std::vector<std::string>{"pki@example.com"});
  CHECK(document.defaults.contactphone == std::vector<std::string>{"+442079460000"});
  CHECK(document.defaults.mail == OtherIssuers{});
  CHECK(document.defaults.vmc == OtherIssuers{Issuer{"digicert.com", {}, {}}});

  REQUIRE(document.subtrees.size() == 7);
  CHECK(document.subtrees[0].subtree.name.toText() == "example.com");
  CHECK(document.subtrees[0].keys.empty());
  CHECK_FALSE(document.subtrees[0].subtree.settings.ttl);
  CHECK(document.subtrees[1].subtree.name.toText() == "empty.example.com");

  const Subtree& dev = document.subtrees[2].subtree;
  REQUIRE(dev.allow.size() == 2);
  CHECK(dev.allow[0].issuer == web);
  CHECK(dev.allow[0].writtenAs == "le-web");
  CHECK(dev.allow[0].where == Location{0, 18, 13, 6});
  CHECK(dev.allow[1].issuer == Issuer{"ca.example.net", {}, {}});
  CHECK(dev.inherit);
  CHECK(dev.cname == CnameMode::Flatten);

  const Subtree& blog = document.subtrees[3].subtree;
  REQUIRE(blog.allow.size() == 3);
  CHECK(blog.allow[0].issuer == web);
  CHECK(blog.allow[0].wildcard == Wildcard::Also);
  CHECK(blog.allow[1].issuer == Issuer{"ca.example.net", {}, {"http-01", "ca-tbr-7"}});
  CHECK(blog.allow[1].wildcard == Wildcard::Only);
  CHECK(blog.allow[2].wildcard == Wildcard::No);
  CHECK(blog.settings.iodef == std::vector<std::string>{});

  const WrittenSubtree& shops = document.subtrees[5];
  REQUIRE(shops.delegate);
  CHECK(shops.delegate->path == "teams/shops.yaml");
  REQUIRE(shops.subtree.limits);
  CHECK(shops.subtree.limits->issuers == std::vector<Issuer>{web});
  CHECK(shops.subtree.limits->requireAccount);
  CHECK(shops.subtree.limits->requireMethod);
  CHECK_FALSE(shops.subtree.limits->wildcard);
  CHECK(shops.subtree.limits->lifetime == 90 * 86400);
  CHECK(shops.subtree.limits->where == Location{0, 29, 5, 6});
  CHECK(shops.subtree.limits->lifetimeWhere == Location{0, 33, 7, 8});
  REQUIRE(document.subtrees[6].subtree.limits);
  CHECK(document.subtrees[6].subtree.limits->issuers == std::vector<Issuer>{});

  std::vector<Diagnostic> problems;
  IssuerTable issuers;
  readHead(*parseYaml(text, 0, problems), FileKind::Root, issuers, problems);
  const auto approvals = approvalsOf(FileKind::Root, text, false, issuers, problems);
  CHECK(problems.empty());
  REQUIRE(approvals.size() == 1);
  CHECK(approvals[0].name.toText() == "xn--bcher-kva.example.com");
  CHECK(approvals[0].where == Location{0, 37, 11, 19});
  CHECK(approvals[0].grants[0].where == Location{0, 38, 13, 6});
  CHECK(approvals[0].from == 1795338000);
  CHECK(approvals[0].until == kEndOfTime);
  CHECK(approvals[0].ticket == "1234");

  REQUIRE(document.zones.size() == 1);
  CHECK(document.zones[0].nameservers.size() == 2);
}

TEST_CASE("an included and a delegated file need no version")
{
  CHECK(problemsOf(FileKind::Included, "").empty());
  CHECK(problemsOf(FileKind::Delegated, "subtrees: {a.example.com: {limits: {wildcard: false}}}\n").empty());
}

TEST_CASE("the reference has a row for each key")
{
  const std::string reference = policyReference();
  for (const KeyRow& row : keyTable()) {
    INFO(row.name);
    CHECK(reference.find("| `" + std::string(row.name) + "` | ") != std::string::npos);
    CHECK(findKey(row.context, row.name) == &row);
  }
  CHECK(reference.find("## Approvals\n\nThe items of `approvals`") != std::string::npos);
  CHECK(reference.find("| `delegate` | path |  | root, included | Another team's file; it can grant only here, within the limits. Relative to the folder of this file. | `delegate: teams/shops.yaml` |\n")
        != std::string::npos);
}

TEST_CASE("the example of each key can be read")
{
  const std::string issuers = "version: 1\nissuers: {le-web: {ca: letsencrypt.org}}\n";
  for (const KeyRow& row : keyTable()) {
    const std::string example = std::string(row.name) + ": " + std::string(row.example);
    INFO(example);
    std::string text = issuers;
    switch (row.context) {
    case KeyContext::Root:
      text = (row.name == "version" ? "" : row.name == "issuers" ? "version: 1\n" : issuers) + example + "\n";
      break;
    case KeyContext::Defaults:
      text += "defaults: {" + example + "}\n";
      break;
    case KeyContext::Issuer:
      text = "version: 1\nissuers: {a: {" + std::string(row.name == "ca" ? "" : "ca: ca.example.net, ") + example + "}}\n";
      break;
    case KeyContext::AllowItem:
      text += "subtrees: {example.com: {allow: [{" + std::string(row.name == "issuer" || row.name == "ca" ? "" : "ca: ca.example.net, ") + example + "}]}}\n";
      break;
    case KeyContext::Subtree:
      text += "subtrees: {example.com: {" + example + "}}\n";
      break;
    case KeyContext::Limits:
      text += "subtrees: {example.com: {limits: {" + example + "}}}\n";
      break;
    case KeyContext::Approval:
      text += "approvals: [{" + std::string(row.name == "name" ? "" : "name: a.example.com, ")
        + (row.name == "issuer" || row.name == "issuers" ? "" : "issuer: le-web, ") + example + "}]\n";
      break;
    case KeyContext::Zone:
      text += "zones: {example.com: {";
      for (const char* key : {"primary: a.example.com", "hostmaster: a.example.com", "nameservers: [a.example.com]"}) {
        text += std::string(key).substr(0, row.name.size()) == row.name ? example : key;
        text += ", ";
      }
      text += "}}\n";
      break;
    }
    CHECK(problemsOf(FileKind::Root, text).empty());
  }
}
