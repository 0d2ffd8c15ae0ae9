#compdef caapolicy
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of caapolicy for zsh: eval "$(caapolicy completion zsh)", or as a file _caapolicy in a folder of $fpath
_caapolicy() {
  local -a lines words_ about
  local line
  lines=("${(@f)$(printf '%s\n' "${(@)words[2,CURRENT]}" | "${words[1]}" complete 2> /dev/null)}")
  if [[ $lines[1] == :files ]]; then
    _files
    return
  fi
  for line in $lines; do
    words_+=("${line%%$'\t'*}")
    about+=("${line/$'\t'/  -- }")
  done
  (( $#words_ )) && compadd -l -d about -a words_
}
if [ "$funcstack[1]" = _caapolicy ]; then
  _caapolicy "$@"
else
  compdef _caapolicy caapolicy
fi
