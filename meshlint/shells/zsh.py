"""The completion script for zsh: a file `_meshlint` in a folder of $fpath."""

from __future__ import annotations

from meshlint.shells.surface import Command, Surface, Takes, Word

SCRIPT = """\
#compdef meshlint
# Completion of meshlint for zsh: put it as _meshlint into a folder of $fpath.

@FUNCTIONS@
_meshlint_rules() {
    local -a rules
    rules=(@RULES@)
    compadd -a rules
}

_meshlint() {
    local -a commands
    commands=(
@COMMANDS@
    )
    if (( CURRENT == 2 )); then
        [[ $words[2] == -* ]] || _describe -t commands command commands
        _meshlint_command_@DEFAULT@
        return
    fi
    case $words[2] in
        @NAMES@)
            local command=$words[2]
            shift words
            (( CURRENT-- ))
            _meshlint_command_$command
            ;;
        *) _meshlint_command_@DEFAULT@ ;;
    esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _meshlint "$@"
else
    compdef _meshlint meshlint
fi
"""


def script(surface: Surface) -> str:
    """The whole script."""
    every = surface.commands
    parts = {
        "@FUNCTIONS@": "\n".join(map(_function, every)),
        "@COMMANDS@": "\n".join(f"        {_quoted(f'{c.name}:{c.about}')}" for c in every),
        "@NAMES@": "|".join(command.name for command in every),
        "@DEFAULT@": surface.default,
        "@RULES@": " ".join(surface.rules),
    }
    text = SCRIPT
    for mark, part in parts.items():
        text = text.replace(mark, part)
    return text


def _function(command: Command) -> str:
    lines = [spec for word in command.words for spec in _specs(word)]
    joined = " \\\n".join(f"        {line}" for line in lines)
    return f"_meshlint_command_{command.name}() {{\n    _arguments -s -S \\\n{joined}\n}}\n"


def _specs(word: Word) -> list[str]:
    """What _arguments is told of an option, by each of its names; or of operands."""
    if not word.names:
        return [_quoted(f"*:{_plain(word.metavar) or 'choice'}:{_action(word)}")]
    others = f"({' '.join(word.names)})" if len(word.names) > 1 else "*"
    if word.takes is Takes.NOTHING:
        return [_quoted(f"{others}{name}[{_plain(word.about)}]") for name in word.names]
    colons = "::" if word.optional else ":"
    value = f"{colons}{_plain(word.metavar) or 'choice'}:{_action(word)}"
    return [
        _quoted(f"{others}{_taking(name, word)}[{_plain(word.about)}]{value}")
        for name in word.names
    ]


def _taking(name: str, word: Word) -> str:
    """`--name=` also takes its value as the next word, `--name=-` does not; `-n+` takes both."""
    if not name.startswith("--"):
        return f"{name}+"
    return f"{name}=-" if word.optional else f"{name}="


def _action(word: Word) -> str:
    if word.takes is Takes.CHOICE:
        return f"({' '.join(word.choices)})"
    actions = {Takes.FILE: "_files", Takes.RULE: "_meshlint_rules"}
    return actions.get(word.takes, " ")


def _plain(text: str) -> str:
    """Text in which no mark of _arguments counts."""
    for mark in "\\[]:":
        text = text.replace(mark, f"\\{mark}")
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
