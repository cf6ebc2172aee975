"""The console script and `python -m meshlint`."""

import gc
import sys


def main() -> int:
    """The exit code of the command line."""
    gc.disable()  # nodes and facts form no cycles; looking for some takes an eighth of the time
    from meshlint.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
