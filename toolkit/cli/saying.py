"""What a command prints."""

import sys

from toolkit.errors import printable


def say(text: str = "", *, to_error: bool = False) -> None:
    """Print a line: in a terminal control characters are spelled out; elsewhere, for programs, it stays as it is."""
    stream = sys.stderr if to_error else sys.stdout
    print(printable(text) if stream.isatty() else text, file=stream, flush=True)
