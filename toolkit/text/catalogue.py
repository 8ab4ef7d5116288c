"""Corpora by name or path: the bundled ones, and any other."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import InputError, nearest

if TYPE_CHECKING:
    from toolkit.text.corpus import Corpus

DEFAULT = "weird-tales"


def bundled_folder() -> Path:
    """The folder of the bundled corpora: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "corpora"
    return inside if inside.is_dir() else package.parent / "corpora"


def bundled() -> list[str]:
    """Names of the bundled corpora."""
    return sorted(path.parent.name for path in bundled_folder().glob("*/about.toml"))


def source(name: str) -> str:
    """Where a bundled corpus is from, in a sentence; nothing if it does not say so."""
    return str(tomllib.loads((bundled_folder() / name / "about.toml").read_text("utf-8")).get("source", ""))


def find_corpus(
    name_or_path: str, language: str | None = None, otherwise: str | None = None, text_column: str | None = None
) -> "Corpus":
    """The bundled corpus with this name, or the corpus at this path. Raises InputError if there is neither.

    Its language is ``language``, or the one that it states, or ``otherwise``. Files of rows have their texts in
    ``text_column``, or in the column that it states, or in ``text``.
    """
    from toolkit.text.corpus import read_corpus  # imports numpy, which listing corpora does not need

    if name_or_path in bundled():
        return read_corpus(bundled_folder() / name_or_path, name_or_path, language, otherwise, text_column)
    path = Path(name_or_path)
    if not name_or_path or not path.exists():
        raise InputError(
            f"No corpus {name_or_path!r}: it is neither bundled nor a file or folder; "
            f"{nearest(name_or_path, bundled())}."
        )
    return read_corpus(path, language=language, otherwise=otherwise, text_column=text_column)
