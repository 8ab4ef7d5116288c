"""Files that are complete or absent."""

import os
from pathlib import Path


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name and rename it, so that it is never half-written.

    Text is written as UTF-8. Raises OSError if the file cannot be written; a previous file is then kept.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
