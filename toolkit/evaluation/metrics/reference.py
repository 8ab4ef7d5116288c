"""What generated text is compared with: the training documents, counted once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from toolkit.evaluation.metrics import distributions, realness
from toolkit.evaluation.metrics.novelty import Ngrams
from toolkit.evaluation.metrics.parts_of_speech import tagged_spans
from toolkit.text import neutral
from toolkit.text.tagging import Tagger

TAGGED_CHARACTERS = 300_000  # of training: about 60,000 words, which take seconds to tag


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


@dataclass(frozen=True)
class Reference:
    """The training documents, their language and its tagger, if one is installed.

    What measures need is computed once, on first use.
    """

    documents: tuple[str, ...]
    language: str = "en"
    tagger: Tagger | None = None

    @cached_property
    def training(self) -> str:
        """All training documents in one text."""
        return "\n\n".join(self.documents)

    @cached_property
    def letters(self) -> Counter[str]:
        """Counts of the training text's letters."""
        return distributions.letters([self.training])

    @cached_property
    def word_lengths(self) -> Counter[int]:
        """Counts of the lengths of the training text's neutral words."""
        return distributions.word_lengths([self.training])

    @cached_property
    def sentence_lengths(self) -> Counter[int]:
        """Counts of the lengths of the training documents' sentences."""
        return distributions.sentence_lengths(self.documents)

    @cached_property
    def training_parts_of_speech(self) -> Counter[str]:
        """Counts of the coarse tags of the words of the first training documents."""
        return self.parts_of_speech(first_documents(self.documents, TAGGED_CHARACTERS))

    @cached_property
    def five_grams(self) -> Ngrams:
        """The training documents' 5-grams of neutral words."""
        return Ngrams(self.documents, 5)

    def parts_of_speech(self, texts: Iterable[str]) -> Counter[str]:
        """Counts of the coarse tags of the texts' neutral words; empty without a tagger."""
        if self.tagger is None:
            return Counter()
        return Counter(pos for text in texts for _, _, pos in tagged_spans(text, self.tagger.tag(text)))

    @cached_property
    def real_words(self) -> frozenset[str]:
        """The words of training and of the language that count as real, folded."""
        vocabulary = {realness.folded(match[0]) for match in neutral.WORD_PATTERN.finditer(self.training)}
        return frozenset(vocabulary | realness.words_of_language(self.language))
