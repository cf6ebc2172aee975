"""The completion script for fish."""

from __future__ import annotations

from collections.abc import Iterator

from meshlint.shells.surface import Command, Surface, Takes, Word

SCRIPT = """\
# Completion of meshlint for fish: put it as meshlint.fish into a folder of $fish_complete_path.

function __meshlint_first
    test (count (commandline -opc)) -eq 1
end

function __meshlint_is
    set -l words (commandline -opc)
    set -l command @DEFAULT@
    if set -q words[2]; and contains -- $words[2] @NAMES@
        set command $words[2]
    end
    test $command = $argv[1]
end

set -l rules @RULES@

"""


def script(surface: Surface) -> str:
    """The whole script."""
    names = " ".join(command.name for command in surface.commands)
    head = SCRIPT.replace("@DEFAULT@", surface.default).replace("@NAMES@", names)
    lines = [line for command in surface.commands for line in _lines(command)]
    return head.replace("@RULES@", " ".join(surface.rules)) + "".join(f"{x}\n" for x in lines)


def _lines(command: Command) -> Iterator[str]:
    about = _quoted(command.about)
    yield f"complete -c meshlint -n __meshlint_first -a {command.name} -d {about}"
    start = f"complete -c meshlint -n '__meshlint_is {command.name}'"
    if not any(word.takes is Takes.FILE for word in command.operands):
        yield f"{start} -f"
    for word in command.operands:
        offered = _offered(word)
        if offered:
            yield f"{start} -a {offered}"
    yield from (f"{start}{_option(word)}" for word in command.options)


def _option(word: Word) -> str:
    names = (f" -l {n[2:]}" if n.startswith("--") else f" -s {n[1:]}" for n in word.names)
    offered = _offered(word)
    values = {Takes.NOTHING: "", Takes.FILE: " -r -F"}.get(word.takes, " -x")
    if word.optional:
        values = " -f"
    return f"{''.join(names)}{values}{f' -a {offered}' if offered else ''} -d {_quoted(word.about)}"


def _offered(word: Word) -> str:
    if word.takes is Takes.RULE:
        return '"$rules"'
    return _quoted(" ".join(word.choices)) if word.takes is Takes.CHOICE else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
