"""Check a strategy's list of classes, after fitting and in the contract."""

from collections.abc import Sequence
from reprlib import repr as shortly

from toolkit.events.coding import expect
from toolkit.rare_words.base import OTHER


def check_classes(classes: object) -> None:
    """Raise ContractError unless classes are a list of different names without ``OTHER``."""
    names = classes if isinstance(classes, Sequence) and not isinstance(classes, str) else [None]
    different = len({*names, OTHER}) == len(names) + 1
    expect(
        different and all(isinstance(name, str) for name in names),
        f"classes must be a list of different names without {OTHER}, not {shortly(classes)}",
    )
