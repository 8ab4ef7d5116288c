"""The command line, also as ``python -m toolkit``: it can be interrupted without a traceback while it is imported."""

import sys

from toolkit.environment import search_rarely_for_garbage
from toolkit.errors import INTERRUPTED, INTERRUPTED_CODE


def main() -> None:
    """Run the command line, whose import takes a moment; what it ends with is that of ``toolkit.cli.main``."""
    search_rarely_for_garbage()
    try:
        from toolkit.cli import main as run

        run()
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        sys.exit(INTERRUPTED_CODE)


if __name__ == "__main__":
    main()
