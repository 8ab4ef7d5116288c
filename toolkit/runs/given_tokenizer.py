"""What a tokenizer.json of the library ``tokenizers`` may not hold: what ends the process, or never ends."""

import json
import math
from pathlib import Path
from reprlib import repr as shortly
from typing import Any

from toolkit.errors import InputError

LONGEST = 64  # how many times as long as a text it may make it before it is cut


def check_given(path: Path) -> None:
    """Raise InputError for a file that must not be loaded. What cannot be read at all is for its tokenizer to say."""
    try:
        refuse_hostile(path.read_text("utf-8"))
    except OSError:
        return
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path} cannot be used: it is not a tokenizer.json ({error}); give a tokenizer.json of the library "
            f"tokenizers."
        ) from error


def refuse_hostile(text: str) -> None:
    """Raises ValueError or another error of a reader's unless the library may be given this text.

    Where a merged pair lacks the prefix that the library takes from its second part, it ends the process.
    """
    library = json.loads(text)
    model = library["model"]
    if prefix := model.get("continuing_subword_prefix"):
        for merge in model.get("merges", []):
            first, second = merge.split(" ") if isinstance(merge, str) else merge
            if not second.startswith(prefix):
                raise ValueError(f"it merges {shortly(first)} with {shortly(second)}, which lacks its prefix")
    if growth(library.get("normalizer")) > LONGEST:
        raise ValueError(f"it may make a text more than {LONGEST} times as long before it is cut")


def growth(normalizer: Any) -> float:
    """How many times as long, at most, a normalizer makes a text.

    >>> double = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
    >>> growth({"type": "Sequence", "normalizers": [double, double]})
    4.0
    """
    match normalizer:
        case {"type": "Sequence", "normalizers": list(parts)}:
            return math.prod(map(growth, parts))
        case {"type": "Replace", "content": str(content)}:
            return float(max(1, len(content)))
        case {"type": "Prepend", "prepend": str(content)}:
            return 1.0 + len(content)
    return 1.0
