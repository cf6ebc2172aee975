"""The objects of a Git repository: the bytes of files as they were committed or staged."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from meshlint.source import git
from meshlint.source.files import Source

if TYPE_CHECKING:
    from meshlint.source.program import Answers


class Objects:
    """The objects of a repository, given by one `git cat-file` that runs as long as this lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: Answers | None = None

    def sizes(self, oids: Iterable[str]) -> dict[str, int]:
        """The sizes in bytes of those objects that are in this clone."""
        asked = "".join(f"{oid}\n" for oid in dict.fromkeys(oids)).encode()
        answer = git.run(self._folder, "cat-file", "--batch-check", given=asked) or b""
        lines = (line.decode().split(" ") for line in answer.splitlines())
        return {line[0]: int(line[2]) for line in lines if len(line) == 3}

    def read(self, oid: str) -> bytes:
        """The bytes of an object.

        Raises:
            OSError: it is not in this clone.
        """
        answers = self._running()
        answers.ask(f"{oid}\n".encode())
        head = answers.line().decode().split(" ")
        if len(head) != 3:
            raise OSError(0, "its content is not in this clone")
        data = answers.take(int(head[2]))
        answers.take(1)
        return data

    def _running(self) -> Answers:
        if self._answers is None:
            self._answers = git.start(self._folder, "cat-file", "--batch")
            weakref.finalize(self, self._answers.end)
        return self._answers


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one stored file."""

    oid: str
    objects: Objects = field(compare=False, repr=False)

    def read(self) -> bytes:
        """See `Objects.read`."""
        return self.objects.read(self.oid)


def same(source: Source, blob: Blob) -> bool:
    """Whether a file of the work tree has the very bytes of a stored one."""
    import hashlib

    if isinstance(source.blob, Blob):
        return source.blob.oid == blob.oid
    try:
        data = source.read()
    except OSError:
        return False
    name = hashlib.sha1 if len(blob.oid) == 40 else hashlib.sha256
    return name(b"blob %d\0" % len(data) + data).hexdigest() == blob.oid
