"""The entries that meshlint brings, and those that a user adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from meshlint.config.fault import Fault, Faulty
from meshlint.data import directory
from meshlint.finding import Location, Value, quoted
from meshlint.policy import SYMPTOMS, policies
from meshlint.source.files import Source
from meshlint.symptom.model import Symptom
from meshlint.symptom.read import read

MAX_BYTES = 256 * 1024
MOST_FILES = 500


@cache
def shipped() -> tuple[Symptom, ...]:
    """All that meshlint brings, by name; tests hold them to schemas/symptom.schema.json."""
    files = sorted(directory("policies").glob(f"{SYMPTOMS}/*.yaml"))
    found = (entry for path in files for entry in read(str(path), path.read_bytes()))
    return tuple(sorted(found, key=lambda entry: entry.name))


def leading_to(rule: str) -> list[Symptom]:
    """The shipped ones of which a finding of a rule is a cause."""
    return [symptom for symptom in shipped() if symptom.cause_of(rule) is not None]


def added(names: Iterable[Value]) -> tuple[Symptom, ...]:
    """The entries in files and folders, named from the folder of the file that names them.

    Raises:
        Faulty: one cannot be read, or says what it cannot say; all faults are told.
    """
    faults: list[Fault] = []
    paths = dict.fromkeys(path for name in names for path in _files(name, faults))
    found = [symptom for path in paths for symptom in _read(path, faults)]
    faults += _again(found)
    if faults:
        raise Faulty(faults)
    return tuple(found)


def _files(name: Value, faults: list[Fault]) -> list[Path]:
    """A file, or those with a YAML suffix that lie in a folder."""
    path = Path(name.where.path).parent / name.text
    if path.is_file():
        return [path]
    inside = [p for p in sorted(path.glob("*")) if p.suffix in (".yaml", ".yml") and p.is_file()]
    if not inside:
        words = "has no YAML file" if path.is_dir() else "is no file and no folder"
        faults.append(Fault(name.where, f"{quoted(name.text)} {words}"))
    if len(inside) > MOST_FILES:
        faults.append(Fault(name.where, f"{quoted(name.text)} has more than {MOST_FILES} files"))
    return inside[:MOST_FILES]


def _read(path: Path, faults: list[Fault]) -> list[Symptom]:
    where = Location(path.as_posix(), 1, 1, 1, 1)
    try:
        if path.stat().st_size <= MAX_BYTES:
            return read(path.as_posix(), Source(path.as_posix()).read(), _rule)
        faults.append(Fault(where, f"is larger than {MAX_BYTES // 1024} KiB"))
    except OSError as error:
        faults.append(Fault(where, error.strerror or "cannot be read"))
    except Faulty as error:
        faults += error.faults
    return []


def _again(found: Iterable[Symptom]) -> Iterator[Fault]:
    """Names that are taken."""
    taken = {symptom.name: "is one of meshlint's own" for symptom in shipped()}
    for symptom in found:
        name, where = symptom.name, symptom.where
        if name in taken:
            yield Fault(where, f"the name {quoted(name)} {taken[name]}: choose another")
        taken.setdefault(name, f"stands in {where.path}:{where.line} already")


def _rule(name: str) -> str | None:
    """What is wrong with the name of a rule, or with a glob of such names."""
    if any(fnmatchcase(policy.name, name) for policy in policies()):
        return None
    import difflib

    near = difflib.get_close_matches(name, [policy.name for policy in policies()], 1)
    return f"is no rule{f', did you mean {quoted(near[0])}?' if near else ''}"
