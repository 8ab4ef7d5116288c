"""The article's own counts of a text, and measures of whether the order of its letters is English."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from toolkit.article.alphabet import SPACE
from toolkit.article.results import Counts, Hapaxes
from toolkit.evaluation.metrics import counts
from toolkit.evaluation.metrics.counts import (
    jensen_shannon_divergence,
    letter_pairs,
    letters,
    repetition,
    word_lengths,
)
from toolkit.evaluation.metrics.coverage import share
from toolkit.text import neutral
from toolkit.text.corpus import Document


@dataclass(frozen=True)
class Yardstick:
    """The training text, which other texts are compared with; what they need is counted once."""

    text: str

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its words, in lower case."""
        return frozenset(word.lower() for word in neutral.words(self.text))

    @cached_property
    def letters(self) -> Counter[str]:
        """Counts of its letters."""
        return letters([self.text])

    @cached_property
    def letter_pairs(self) -> Counter[tuple[str, str]]:
        """Counts of its pairs of neighbouring letters."""
        return letter_pairs([self.text])

    @cached_property
    def word_lengths(self) -> Counter[int]:
        """Counts of the lengths of its words."""
        return word_lengths([self.text])

    def counts(self, texts: Sequence[str]) -> Counts:
        """The counts of several stretches of text together."""
        words = [word for text in texts for word in neutral.words(text)]
        characters = sum(map(len, texts))
        return Counts(
            characters=characters,
            words=len(words),
            the_per_10k=counts.the_per_10k(texts),
            ing_per_10k=counts.ending_per_10k(texts, "ing"),
            tion_per_10k=counts.ending_per_10k(texts, "tion"),
            prepositions_pronouns_share=counts.prepositions_pronouns_share(texts),
            word_length=share(sum(map(len, words)), len(words)),
            spaces_share=share(sum(text.count(SPACE) for text in texts), characters),
            capitals_within=capitals_within(texts),
            known_words=counts.share_of_words(texts, self.vocabulary.__contains__),
            letters_jsd=jensen_shannon_divergence(letters(texts), self.letters),
            letter_pairs_jsd=jensen_shannon_divergence(letter_pairs(texts), self.letter_pairs),
            word_lengths_jsd=jensen_shannon_divergence(word_lengths(texts), self.word_lengths),
            repetition=repetition(texts, 4),
        )


def capitals_within(texts: Sequence[str]) -> float:
    """The share of the texts' capitals that directly follow a letter; 0 if there are no capitals.

    >>> capitals_within(["Ada mcKay", "Bo"])
    0.3333333333333333
    """
    capitals = sum(character.isupper() for text in texts for character in text)
    within = sum(a.isalpha() and b.isupper() for text in texts for a, b in pairwise(text))
    return share(within, capitals)


def hapaxes(documents: Sequence[Document]) -> Hapaxes:
    """How many words of a corpus occur once, ignoring case."""
    words = Counter(word.lower() for document in documents for word in neutral.words(document.text))
    return Hapaxes(words=words.total(), types=len(words), once=sum(n == 1 for n in words.values()))
