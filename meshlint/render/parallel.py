"""Many things rendered some at a time; an interrupt stops the programs that run for them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from meshlint.progress import steps
from meshlint.source import program

Asked = TypeVar("Asked")
Given = TypeVar("Given")


def parallel(one: Callable[[Asked], Given], asked: Iterable[Asked], what: str) -> list[Given]:
    """The answers, in the order of what was asked; `what` that is, for who waits."""
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        waiting = [pool.submit(one, item) for item in asked]
        try:
            return [future.result() for future in steps(f"rendering {{}} {what}", waiting)]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in waiting):  # one may be about to start
                program.stop()
                time.sleep(0.02)
            raise
