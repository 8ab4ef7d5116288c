"""Words that a pattern cuts, whatever the language: a tagger is asked only for the tags of what it cuts itself."""

from bisect import bisect_left
from collections.abc import Sequence

from toolkit.text.corpus import Document
from toolkit.text.tagged import Tagged
from toolkit.text.tagging import Tagger

NOTHING = Tagged(0, 0, "", "", "")  # where no token gives a word its tags


class PatternWords:
    """What a ``Segmenter`` that cuts by a pattern needs of a tagger."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger

    def check(self) -> None:
        """Raise InputError if tags are needed and the tagger's model is not installed."""
        if self.tagger.tags:
            self.tagger.check()

    def tags(self, document: Document) -> "TagsWithin":
        """The tags of a document's words, if they are needed."""
        return TagsWithin(self.tagger.tag(document.text) if self.tagger.tags else ())


class TagsWithin:
    """Tags of words that are cut in another way than the given tokens."""

    def __init__(self, tagged: Sequence[Tagged]) -> None:
        self._tagged, self._starts = tagged, [token.start for token in tagged]

    def of(self, start: int, end: int) -> Tagged:
        """The word from ``start`` to ``end``, with the tags of the longest token that begins within it."""
        within = self._tagged[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        longest = max(within, key=lambda token: token.end - token.start, default=NOTHING)
        return longest._replace(start=start, end=end)
