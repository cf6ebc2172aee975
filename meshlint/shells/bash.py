"""The completion script for bash, of version 3.2 and later."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.shells.surface import Command, Surface, Takes, Word

SCRIPT = """\
# Completion of meshlint for bash: put it where bash-completion looks for it, or source it.

_meshlint_words() {
    local word
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -W "$1" -- "$2")
}

_meshlint_files() {
    local word
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -f -- "$1")
}

_meshlint_rules="@RULES@"

_meshlint() {
    local cur="${COMP_WORDS[COMP_CWORD]}" prev="" joined="" command=@DEFAULT@
    COMPREPLY=()
    (( COMP_CWORD > 0 )) && prev="${COMP_WORDS[COMP_CWORD-1]}"
    if [[ $cur == = ]]; then
        cur="" joined=1
    elif [[ $prev == = ]] && (( COMP_CWORD > 1 )); then
        prev="${COMP_WORDS[COMP_CWORD-2]}" joined=1
    fi
    if (( COMP_CWORD > 1 )); then
        case "${COMP_WORDS[1]}" in
            @COMMANDS@) command="${COMP_WORDS[1]}" ;;
        esac
    fi
    case "$command $prev" in
@VALUES@
    esac
    if [[ $cur == -* ]]; then
        case "$command" in
@OPTIONS@
        esac
        return
    fi
    if (( COMP_CWORD == 1 )); then
        _meshlint_words "@NAMES@" "$cur"
    fi
    case "$command" in
@OPERANDS@
    esac
}

complete -F _meshlint meshlint
"""


def script(surface: Surface) -> str:
    """The whole script."""
    names = [command.name for command in surface.commands]
    parts = {
        "@RULES@": " ".join(surface.rules),
        "@DEFAULT@": surface.default,
        "@COMMANDS@": "|".join(names),
        "@NAMES@": " ".join(names),
        "@VALUES@": "\n".join(line for c in surface.commands for line in _values(c)),
        "@OPTIONS@": "\n".join(map(_options, surface.commands)),
        "@OPERANDS@": "\n".join(line for c in surface.commands for line in _operands(c)),
    }
    text = SCRIPT
    for mark, part in parts.items():
        text = text.replace(mark, part)
    return text


def _values(command: Command) -> Iterator[str]:
    """What may follow an option that takes a value."""
    for word in command.options:
        if word.takes is not Takes.NOTHING:
            pattern = "|".join(f'"{command.name} {name}"' for name in word.names)
            body = f"{_offer(word)}return"
            shown = f"if [[ $joined ]]; then {body}; fi" if word.optional else body
            yield f"        {pattern}) {shown} ;;"


def _offer(word: Word) -> str:
    if word.takes is Takes.CHOICE:
        return f'_meshlint_words "{" ".join(word.choices)}" "$cur"; '
    if word.takes is Takes.FILE:
        return '_meshlint_files "$cur"; '
    return '_meshlint_words "$_meshlint_rules" "$cur"; ' if word.takes is Takes.RULE else ""


def _options(command: Command) -> str:
    names = " ".join(name for word in command.options for name in word.names)
    return f'            {command.name}) _meshlint_words "{names}" "$cur" ;;'


def _operands(command: Command) -> Iterator[str]:
    offers = "".join(dict.fromkeys(_offer(word) for word in command.operands))
    if offers:
        yield f"        {command.name}) {offers.rstrip('; ')} ;;"
