"""What a configuration names by files and folders: documents, of which each is one entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from posixpath import dirname
from typing import TYPE_CHECKING, TypeVar

from meshlint.config.fault import Fault, Faulty
from meshlint.config.form import Form, blank, place
from meshlint.finding import Location, Value, quoted
from meshlint.source.files import Source
from meshlint.source.node import Node
from meshlint.source.parse import Unparsable, parse
from meshlint.source.split import split
from meshlint.source.text import NotText, decode

if TYPE_CHECKING:
    from meshlint.source.stored import Stored

T = TypeVar("T")

MAX_BYTES = 256 * 1024
MOST_FILES = 500
SUFFIXES = (".yaml", ".yml")


def gathered(
    names: Iterable[Value],
    read: Callable[[str, bytes], list[T]],
    faults: list[Fault],
    stored: Stored | None = None,
) -> list[T]:
    """The entries in files and folders, named from the folder of the file that names them.

    `read` makes them of a file's path and bytes, and may raise Faulty. `stored` is the tree that
    the files are read from, where it is one of Git's. What cannot be read is told as `faults`.
    """
    found = (source for name in names for source in _sources(name, stored, faults))
    sources = {source.path: source for source in found}
    return [entry for source in sources.values() for entry in _read(source, read, faults)]


def _sources(name: Value, stored: Stored | None, faults: list[Fault]) -> list[Source]:
    """A file, or those with a YAML suffix that lie in a folder."""
    path = Path(name.where.path).parent / name.text
    found, there = _in_git(path, stored) if stored else _on_disk(path)
    if not found:
        words = "has no YAML file" if there else "is no file and no folder"
        faults.append(Fault(name.where, f"{quoted(name.text)} {words}"))
    if len(found) > MOST_FILES:
        faults.append(Fault(name.where, f"{quoted(name.text)} has more than {MOST_FILES} files"))
    return found[:MOST_FILES]


def _on_disk(path: Path) -> tuple[list[Source], bool]:
    """The files, and whether there is a folder of the name."""
    if path.is_file():
        return [Source(path.as_posix())], False
    inside = (p for p in sorted(path.glob("*")) if p.suffix in SUFFIXES and p.is_file())
    return [Source(p.as_posix()) for p in inside], path.is_dir()


def _in_git(path: Path, stored: Stored) -> tuple[list[Source], bool]:
    inside = stored.path(path.as_posix())
    if inside is None:
        return [], False
    if inside in stored.entries:
        own = stored.source(inside, path.as_posix())
        return ([own] if own else []), False
    below = [name for name in sorted(stored.entries) if dirname(name) == inside]
    files = (name for name in below if name.endswith(SUFFIXES))
    found = (stored.source(name, (path / Path(name).name).as_posix()) for name in files)
    return [source for source in found if source], bool(below)


def _read(source: Source, read: Callable[[str, bytes], list[T]], faults: list[Fault]) -> list[T]:
    where = Location(source.path, 1, 1, 1, 1)
    try:
        size = Path(source.path).stat().st_size if source.blob is None else 0
        data = source.read() if size <= MAX_BYTES else b""
        if max(size, len(data)) <= MAX_BYTES:
            return read(source.path, data)
        faults.append(Fault(where, f"is larger than {MAX_BYTES // 1024} KiB"))
    except OSError as error:
        faults.append(Fault(where, error.strerror or "cannot be read"))
    except Faulty as error:
        faults += error.faults
    return []


def maps(form: Form, path: str, data: bytes, what: str) -> Iterator[Node]:
    """The maps among a file's documents; empty ones are passed over. `what` each is: "a policy".

    Raises:
        Faulty: it is no YAML.
    """
    try:
        roots = [parse(path, piece) for piece in split(decode(data))]
    except (NotText, Unparsable) as error:
        where = Location(path, error.line, error.column, error.line, error.column + 1)
        raise Faulty([Fault(where, str(error))]) from None
    for root in roots:
        if root.is_map:
            yield root
        elif not blank(root):
            form.wrong(place(root), f"{what} must be a map, and is a {root.value().type}")
