"""Files that are whole or not there."""

import os
from pathlib import Path


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and rename it, so that a half-written one never stands there.

    Text is written as UTF-8. Raises OSError where the file cannot be written; what stood there then stays.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
