"""The command line, also as ``python -m toolkit``."""

import sys

from toolkit.environment import search_rarely_for_garbage
from toolkit.errors import INTERRUPTED, INTERRUPTED_CODE


def main() -> None:
    """Run ``toolkit.cli.main``. Ctrl-C during its import, which takes a moment, shows no traceback."""
    search_rarely_for_garbage()
    try:
        from toolkit.cli import main as run

        run()
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        sys.exit(INTERRUPTED_CODE)


if __name__ == "__main__":
    main()
