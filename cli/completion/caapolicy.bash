# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of caapolicy for bash: eval "$(caapolicy completion bash)"
_caapolicy() {
  local line=${COMP_LINE:0:COMP_POINT} words candidate candidates
  # The words as they were written: bash would split them at `=` and `:`.
  read -ra words <<< "$line"
  case $line in *[[:space:]]) words+=("") ;; esac
  local current=${words[-1]}
  mapfile -t candidates < <(printf '%s\n' "${words[@]:1}" | "${words[0]}" complete 2> /dev/null)
  COMPREPLY=()
  if [ "${candidates[0]}" = :files ]; then
    compopt -o default
    return
  fi
  # Bash replaces only what is behind the last of its separators.
  local prefix=
  case $current in *[=:]*) prefix=${current%"${current##*[=:]}"} ;; esac
  for candidate in "${candidates[@]}"; do
    candidate=${candidate%%$'\t'*}
    COMPREPLY+=("${candidate#"$prefix"}")
  done
}
complete -F _caapolicy caapolicy
