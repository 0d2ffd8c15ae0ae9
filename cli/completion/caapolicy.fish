# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of caapolicy for fish: caapolicy completion fish > ~/.config/fish/completions/caapolicy.fish
function __caapolicy_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l candidates (printf '%s\n' $words[2..-1] "$current" | $words[1] complete 2> /dev/null)
    if test "$candidates[1]" = :files
        __fish_complete_path "$current"
    else
        string join \n -- $candidates
    end
end
complete -c caapolicy -f -a '(__caapolicy_complete)'
