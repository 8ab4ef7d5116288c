"""The surprises of events, counted one by one: what tokenizers that count them at once are held against."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def surprises(parts: Iterable[Sequence[Hashable]]) -> int:
    """c: how many events would not be seen in training if their document (or part of a single one) were left out.

    >>> surprises(["abba", "bc", "c"])
    2
    """
    counts = Counter[Hashable]()
    parts_with = Counter[Hashable]()
    for part in parts:
        counts.update(part)
        parts_with.update(set(part))
    return sum(count for event, count in counts.items() if parts_with[event] == 1)
