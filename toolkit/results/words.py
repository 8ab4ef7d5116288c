"""Held-out passages and words, with what each column paid for them."""

from toolkit.results.record import Record


class Passage(Record):
    """The same held-out characters under every cell: ``bits[column][i]`` is paid for ``text[i]`` (first seed)."""

    document: str
    start: int
    text: str
    bits: dict[str, list[float]]


class WordType(Record):
    """A word of the held-out text: how often it occurs there, and the frequency band of its count in training."""

    text: str
    count: int
    band: str


class WordIntervals(Record):
    """How sure the difference of two columns is for some words, by their places in ``WordBits.words``.

    ``half_widths``: half of the 95 % interval over documents of the difference in bits, each for itself.
    """

    a: str
    b: str
    words: list[int]
    half_widths: list[float]


class WordBits(Record):
    """Held-out words that columns differ over: ``bits[column][i]`` is paid for all of ``words[i]`` (first seed).

    For every two columns it has the ``each_way`` words with the greatest differences, in both directions, and in
    ``intervals`` how sure they are, if there is more than one document.
    """

    each_way: int
    words: list[WordType]
    bits: dict[str, list[float]]
    intervals: list[WordIntervals] = []
