"""The folder that keeps what can be computed again."""

import os
from pathlib import Path


def cache_root() -> Path:
    """``$TOOLKIT_CACHE``, else ``word-char-toolkit`` in the user's cache folder."""
    if named := os.environ.get("TOOLKIT_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "word-char-toolkit"


def cache_folder(kind: str) -> Path:
    """The folder of one kind of entry, made where it is not there."""
    folder = cache_root() / kind
    folder.mkdir(parents=True, exist_ok=True)
    return folder
