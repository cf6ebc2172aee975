"""Times meshlint on a tree against `cat` of the same files, in pairs, and on one small file."""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SMALL = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {istio.io/rev: x}\n"
SUFFIXES = {".yaml", ".yml", ".json"}


def files(paths: list[str]) -> list[str]:
    """What meshlint reads in these folders, outside of Git."""
    found = (path for top in paths for path in Path(top).rglob("*"))
    return sorted(str(path) for path in found if path.is_file() and path.suffix in SUFFIXES)


def drop_caches() -> None:
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3\n")


def timed(command: list[str], names: str = "") -> float:
    start = time.perf_counter()
    subprocess.run(command, input=names, text=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)  # fmt: skip
    return time.perf_counter() - start


def pairs(
    first: Callable[[], float], second: Callable[[], float], runs: int, before: Callable[[], None]
) -> list[tuple[float, float]]:
    """The two in turn, after one round that does not count."""
    rounds = []
    for _ in range(runs + 1):
        before()
        one = first()
        before()
        rounds.append((one, second()))
    return rounds[1:]


def show(name: str, values: list[float], unit: str = "s") -> None:
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{name:<28} median {middle:.3f}{unit}   min {low:.3f}{unit}   max {high:.3f}{unit}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--cold", action="store_true", help="empty the page cache before each run")
    arguments = parser.parse_args()
    before = drop_caches if arguments.cold else lambda: None
    listed = files(arguments.paths)
    lint = [sys.executable, "-I", "-m", "meshlint", "--quiet", *arguments.paths]
    names = "\0".join(listed)
    size = sum(Path(name).stat().st_size for name in listed) / 1e6
    print(f"{len(listed)} files, {size:.1f} MB")
    rounds = pairs(
        lambda: timed(lint), lambda: timed(["xargs", "-0", "cat"], names), arguments.runs, before
    )
    show("meshlint", [one for one, _ in rounds])
    show("cat", [two for _, two in rounds])
    show("ratio", [one / two for one, two in rounds], "x")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{'peak memory':<28} {peak:.0f} MiB")
    with tempfile.NamedTemporaryFile(suffix=".yaml") as small:
        small.write(SMALL.encode())
        small.flush()
        one = [sys.executable, "-I", "-m", "meshlint", "--quiet", small.name]
        show("one small file", [timed(one) * 1000 for _ in range(21)], "ms")
        bare = [sys.executable, "-I", "-c", "pass"]
        show("python -c pass", [timed(bare) * 1000 for _ in range(21)], "ms")


if __name__ == "__main__":
    main()
