"""What the classes of someone else's strategy must keep: checked once it is fitted, and by the contract."""

from collections import Counter
from collections.abc import Sequence
from reprlib import repr as shortly

from toolkit.errors import ContractError
from toolkit.events.checks import expect
from toolkit.rare_words.base import OTHER, RareWords
from toolkit.text.segmentation import Word

ENOUGH = 100  # rare words, of which one at least must have a class that is listed
SHOWN = 5  # names that a sentence has


def check_classes(classes: object) -> None:
    """Raise ContractError unless classes are names in a fixed order, none of them twice and none ``OTHER``."""
    if isinstance(classes, str) or not isinstance(classes, Sequence):
        what = f"the {type(classes).__name__} {shortly(classes)}"
        raise ContractError(f"classes must be a list of texts in a fixed order, not {what}")
    expect(all(isinstance(name, str) and name for name in classes), f"classes must be names, not {shortly(classes)}")
    twice = [name for name, count in Counter(classes).items() if count > 1]
    expect(not twice, f"a class is listed twice: {some(twice)}")
    expect(OTHER not in classes, f"{OTHER} is the class for what is not listed, so it cannot be listed")


def check_use(strategy: RareWords, words: Sequence[Word]) -> None:
    """Raise ContractError if a strategy has names for many rare words, and lists none of these names.

    It would be word:unk and not know it. One that says ``OTHER`` itself, of every word, may do so, and so may one that
    writes rare words in a way of its own.
    """
    if len(words) < ENOUGH or writes_differently(strategy):
        return
    if any(name != OTHER for word in words for name in strategy.classes_of([word])):
        return
    listed = frozenset(strategy.classes)
    returned = Counter(map(strategy.class_of, words)).most_common()
    if names := [name for name, _ in returned if name != OTHER and name not in listed]:
        cure = "list what class_of returns, in fit or in the class"
        if "" in names and not strategy.needs_tags:
            cure = "pos, tag and morph are empty unless needs_tags = True"
        raise ContractError(
            f"class_of returned {some(names)} for rare words, and none of these is in classes, which "
            f"{f'has {some(strategy.classes)}' if listed else 'is empty'}: every rare word would be {OTHER}, as with "
            f"word:unk; {cure}"
        )


def writes_differently(strategy: RareWords) -> bool:
    """Whether a strategy has its own symbols, or its own way to write with them: it may need no classes."""
    kind = type(strategy)
    return kind.symbols is not RareWords.symbols or kind.write is not RareWords.write


def some(names: Sequence[str]) -> str:
    """The first few names, as part of a sentence.

    >>> some("abcdefg")
    "'a', 'b', 'c', 'd', 'e', …"
    """
    return ", ".join(map(repr, names[:SHOWN])) + ", …" * (len(names) > SHOWN)
