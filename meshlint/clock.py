"""What time it is: the one place that asks, so that runs can be repeated."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def now() -> datetime:
    """The current time in UTC; that of SOURCE_DATE_EPOCH (seconds), where the variable is set."""
    from datetime import UTC, datetime  # 2 ms, and hardly any run asks for the time

    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdecimal() and len(given) < 12:
        return datetime.fromtimestamp(int(given), UTC)
    return datetime.now(UTC)
