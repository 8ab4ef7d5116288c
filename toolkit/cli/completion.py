"""Completion in a shell: the columns, corpora and runs to choose from. A shell offers files where none of them fits."""

import os
import re
from pathlib import Path

from toolkit.tokenizers import TOKENIZERS

BEFORE = "_TOOLKIT_BEFORE"  # in the environment: the colon before the word


def mend_bash_words() -> None:
    """Complete the text after a colon by itself: bash cuts words at colons, and keeps the text before them."""
    words, colons = re.subn(r"\S+\n:\n?(\S*)\Z", r"\1", os.environ.get("COMP_WORDS", ""))
    if colons:
        os.environ |= {"COMP_WORDS": words, "COMP_CWORD": str(words.count("\n")), BEFORE: ":"}


def columns(incomplete: str) -> list[str]:
    """Return columns that begin like this. The last one ends with a tokenizer or, after a colon, with a strategy."""
    start = re.sub("[^,:]*$", "", incomplete)
    if (os.environ.get(BEFORE, "") + start).endswith(":"):
        from toolkit.rare_words import RARE_WORDS  # imports numpy

        return [start + name for name in RARE_WORDS]
    return [start + name for name in TOKENIZERS]


def comparisons() -> list[str]:
    """Return the folders of finished comparisons in ``reports``."""
    return [str(file.parent) for file in Path().glob("reports/*/comparison.json")]


def runs() -> list[str]:
    """Return the folders of finished runs in ``reports``."""
    return [str(cell.parent) for cell in Path().glob("reports/*/runs/[!.]*/cell.json")]
