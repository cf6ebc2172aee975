"""The console script and `python -m meshlint`."""

import sys


def main() -> int:
    from meshlint.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
