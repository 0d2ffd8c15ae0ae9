#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fetch-pdns-source.sh FOLDER VERSION
#
# Fetches Debian's source package `pdns` of exactly that version and unpacks it at FOLDER/source. The mirror, the
# suites and the keys are those that this machine has configured for Debian's binary packages; apt's lists and
# downloads are kept in FOLDER, so the machine's own are neither read nor changed, and root is not needed.
# Does nothing when that version is there already.
set -eu

folder=$1
version=$2

if [ -f "$folder/source.version" ] && [ "$(cat "$folder/source.version")" = "$version" ]; then
  exit 0
fi

mkdir -p "$folder/apt/sources" "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/download"
folder=$(cd "$folder" && pwd)

codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
etc=$(apt-config shell d Dir::Etc/d | sed "s/^d='\(.*\)'$/\1/")

# Debian's own suites, so that other archives that happen to have a `main` are left alone.
is_debian_suite='
  function is_debian(suite) {
    sub(/\/updates$/, "", suite)
    sub(/-(updates|security|proposed-updates|backports)$/, "", suite)
    return suite == codename || suite ~ /^(oldstable|stable|testing|unstable|sid)$/
  }'

# One-line entries: deb [options] uri suite component…
convert_list() {
  awk -v codename="$codename" "$is_debian_suite"'
    $1 == "deb" {
      sub(/#.*/, "")
      options = ""
      if (match($0, /\[[^]]*\]/)) {
        options = substr($0, RSTART + 1, RLENGTH - 2)
        $0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH)
      }
      main = 0
      for (i = 4; i <= NF; i++) if ($i == "main") main = 1
      if (!main || !is_debian($3)) next
      printf "Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\n", $2, $3
      if (match(options, /signed-by=[^ ]+/))
        printf "Signed-By: %s\n", substr(options, RSTART + 10, RLENGTH - 10)
      print ""
    }' "$1"
}

# Stanzas of fields; all but the types, components and suites are kept as they are.
convert_sources() {
  awk -v codename="$codename" "$is_debian_suite"'
    function flush_stanza(   n, i, list, kept) {
      kept = ""
      n = split(suites, list, /[ \t\n]+/)
      for (i = 1; i <= n; i++) if (list[i] != "" && is_debian(list[i])) kept = kept " " list[i]
      if (binary && main && enabled && kept != "")
        printf "Types: deb-src\nSuites:%s\nComponents: main\n%s\n", kept, rest
      suites = ""; rest = ""; binary = 0; main = 0; enabled = 1; field = ""
    }
    BEGIN { flush_stanza() }
    /^#/ { next }
    /^[ \t]*$/ { flush_stanza(); next }
    {
      value = $0
      if (/^[^ \t]/) { field = tolower(substr($0, 1, index($0, ":") - 1)); value = substr($0, index($0, ":") + 1) }
      if (field == "types") { if (value ~ /(^|[ \t])deb([ \t]|$)/) binary = 1 }
      else if (field == "suites") suites = suites " " value
      else if (field == "components") { if (value ~ /(^|[ \t])main([ \t]|$)/) main = 1 }
      else if (field == "architectures") ;
      else if (field == "enabled") { if (value ~ /no|false/) enabled = 0 }
      else rest = rest $0 "\n"
    }
    END { flush_stanza() }' "$1"
}

: > "$folder/apt/sources/debian.sources"
for file in "$etc/sources.list" "$etc"/sources.list.d/*.list; do
  [ ! -f "$file" ] || convert_list "$file" >> "$folder/apt/sources/debian.sources"
done
for file in "$etc"/sources.list.d/*.sources; do
  [ ! -f "$file" ] || convert_sources "$file" >> "$folder/apt/sources/debian.sources"
done
if [ ! -s "$folder/apt/sources/debian.sources" ]; then
  echo "no Debian archive with a \`main\` for \`$codename\` is configured under $etc" >&2
  exit 1
fi

# A download as root would be tried as the user _apt, who may not enter the folder.
apt_get() {
  apt-get -q \
    -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/apt/sources" \
    -o Dir::State::Lists="$folder/apt/lists" -o Dir::Cache="$folder/apt/cache" \
    -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User= "$@"
}

dsc="pdns_$(printf '%s' "$version" | sed 's/^[0-9]*://').dsc"
if [ ! -f "$folder/download/$dsc" ]; then
  apt_get update
  (cd "$folder/download" && apt_get source --download-only "pdns=$version")
fi
rm -rf "$folder/source"
# apt has checked the signature of the archive and with it these files' hashes.
dpkg-source --no-check --no-copy -x "$folder/download/$dsc" "$folder/source"
rm -rf "$folder/apt"
printf '%s' "$version" > "$folder/source.version"
