"""The author's documents, which generated text is compared with: their passages, and counts of words and letters."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from toolkit.evaluation.metrics import distributions, realness
from toolkit.evaluation.metrics.novelty import Ngrams
from toolkit.evaluation.metrics.parts_of_speech import tagged_spans
from toolkit.evaluation.metrics.realness import Spelt
from toolkit.text import neutral
from toolkit.text.tagging import Tagger

TAGGED_CHARACTERS = 300_000  # of training: about 60,000 words, which take seconds to tag
BETWEEN = "\ud800"  # two documents: half a surrogate pair, which no text has, so nothing is copied across it
LONGEST_NGRAMS = 10  # words, whose novelty is measured


def first_documents(documents: Sequence[str], characters: int) -> Iterator[str]:
    """The first documents, whole, until they hold ``characters``; a longer first document is cut to that length.

    >>> list(first_documents(["ab", "cd", "ef"], 3)), list(first_documents(["abcd"], 3))
    (['ab', 'cd'], ['abc'])
    """
    place = 0
    for document in documents:
        if place < characters:
            yield document[:characters]
        place += len(document)


def passages(text: str, lengths: Sequence[int]) -> list[str]:
    """Passages of these lengths, evenly spaced over the text, without overlap if the text is long enough.

    They begin and end anywhere, as samples do; none exceeds the text.

    >>> passages("abcdefghij", [2, 3])
    ['bc', 'fgh']
    """
    if not lengths:
        return []
    gap = (len(text) - sum(lengths)) / len(lengths)  # half of it before the first passage and after the last
    cut = []
    before = 0
    for i, length in enumerate(lengths):
        start = min(max(int(before + gap * (i + 0.5)), 0), max(len(text) - length, 0))
        cut.append(text[start : start + length])
        before += length
    return cut


def by_document(documents: Sequence[str], number: int, length: int) -> list[str]:
    """Passages of one length, each from the middle of another document, or, if too few are that long, of all in a row.

    So a classifier that has read one of them has not met the names of the next. If all documents together are too
    short, there are fewer.

    >>> by_document(["abcd", "e", "fghi"], 2, 2), by_document(["abcdef"], 2, 2), by_document(["abc"], 2, 2)
    (['bc', 'gh'], ['ab', 'de'], ['ab'])
    """
    long_enough = [text for text in documents if len(text) >= length]
    if len(long_enough) >= number:
        chosen = [long_enough[i * len(long_enough) // number] for i in range(number)]
        return [passage for text in chosen for passage in passages(text, [length])]
    text = "\n\n".join(documents)
    return passages(text, [length] * min(number, len(text) // length))


@dataclass(frozen=True)
class Reference:
    """The training documents, their language and its tagger, if one is installed.

    ``others`` are texts by the author that are neither training nor held out: the validation documents. Where the
    training documents are an excerpt, ``known`` are the neutral words of all. ``names`` are the training documents',
    by which copies say where they are from.
    What measures need is computed once, on first use.
    """

    documents: tuple[str, ...]
    language: str = "en"
    tagger: Tagger | None = None
    others: tuple[str, ...] = ()
    known: frozenset[str] | None = None
    names: tuple[str, ...] = ()

    @cached_property
    def training(self) -> str:
        """All training documents in one text, to be searched; BETWEEN stands between them."""
        return BETWEEN.join(self.documents)

    def document_at(self, place: int) -> tuple[int, int]:
        """Which document a place of ``training`` is in, and the place within it.

        >>> Reference(("ab", "cde")).document_at(4)
        (1, 1)
        """
        document = bisect_right(self.starts, place) - 1
        return document, place - self.starts[document]

    @cached_property
    def starts(self) -> list[int]:
        """Where each document begins in ``training``."""
        return list(accumulate((len(text) + len(BETWEEN) for text in self.documents[:-1]), initial=0))

    @cached_property
    def letters(self) -> Counter[str]:
        """Counts of the training text's letters."""
        return distributions.letters(self.documents)

    @cached_property
    def letter_pairs(self) -> Counter[tuple[str, str]]:
        """Counts of the training text's pairs of neighbouring letters."""
        return distributions.letter_pairs(self.documents)

    @cached_property
    def word_lengths(self) -> Counter[int]:
        """Counts of the lengths of the training text's neutral words."""
        return distributions.word_lengths(self.documents)

    @cached_property
    def sentence_lengths(self) -> Counter[int]:
        """Counts of the lengths of the training documents' sentences."""
        return distributions.sentence_lengths(self.documents)

    @cached_property
    def training_parts_of_speech(self) -> Counter[str]:
        """Counts of the coarse tags of the words of the first training documents."""
        return self.parts_of_speech(first_documents(self.documents, TAGGED_CHARACTERS))

    @cached_property
    def ngrams(self) -> Ngrams:
        """The training documents' n-grams of neutral words."""
        return Ngrams(self.documents, LONGEST_NGRAMS)

    def parts_of_speech(self, texts: Iterable[str]) -> Counter[str]:
        """Counts of the coarse tags of the texts' neutral words; empty without a tagger."""
        if self.tagger is None:
            return Counter()
        return Counter(pos for text in texts for _, _, pos in tagged_spans(text, self.tagger.tag(text)))

    @cached_property
    def types(self) -> frozenset[str]:
        """The neutral words of training, with their case."""
        return (
            frozenset(word for text in self.documents for word in neutral.words(text))
            if self.known is None
            else self.known
        )

    @cached_property
    def training_words(self) -> frozenset[str]:
        """The words of training, folded."""
        return frozenset(realness.folded(word, self.language) for word in self.types)

    @cached_property
    def other_words(self) -> frozenset[str]:
        """The words of the author's other texts, folded."""
        return frozenset(realness.folded(word, self.language) for text in self.others for word in neutral.words(text))

    @cached_property
    def listed_words(self) -> frozenset[str]:
        """The words that a word list of the language has, folded; none if there is no list."""
        return frozenset(realness.words_of_language(self.language))

    @cached_property
    def common_words(self) -> frozenset[str]:
        """The common words of the language, folded; none if there is no list."""
        return frozenset(realness.common_words(self.language))

    @cached_property
    def real_words(self) -> frozenset[str]:
        """The words of training and of the language that count as real, folded."""
        return self.training_words | self.listed_words

    @cached_property
    def spelt(self) -> Spelt:
        """How the author's words are spelt; what is plausible is decided on those words that training lacks."""
        return Spelt(self.training_words, self.other_words - self.training_words)
