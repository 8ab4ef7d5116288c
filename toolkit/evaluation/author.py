"""The author's own text, in lanes beside what models write."""

from collections.abc import Sequence
from functools import cached_property

from toolkit.config import SampleSettings
from toolkit.evaluation.metrics.diversity import PAIRS, repetition
from toolkit.evaluation.metrics.generated import Measurements, measurements
from toolkit.evaluation.metrics.marks import longest_copies, marks
from toolkit.evaluation.metrics.novelty import Span
from toolkit.evaluation.metrics.realness import new_words
from toolkit.evaluation.metrics.reference import LONGEST_NGRAMS, Reference, by_document, passages
from toolkit.inference.ngram import NGramModel
from toolkit.results.generated import Copy, Lane, Mark, NewWords, TemperatureSweep
from toolkit.text.corpus import Document, Split, characters
from toolkit.tokenizers.characters import Characters

MOST_SWEPT = 1000  # characters of a text of the sweep: enough word pairs to repeat, half the time
MOST_PASSAGES = 100  # by the author, whose repetition temperatures are matched to
MOST_WORDS = 24  # new words of each kind that are kept
MOST_COPIES = 3


class Author:
    """What the samples of a comparison are held against, computed once: passages as many and as long as the samples.

    Three parts of the author's text have three uses: the training documents are what lanes are compared with, passages
    of the held-out ones are the author's lane, and those of the validation documents another real lane.
    """

    def __init__(self, split: Split, settings: SampleSettings, reference: Reference) -> None:
        self.split, self.settings, self.reference = split, settings, reference

    @property
    def measured_characters(self) -> int:
        """The length at which all lanes are measured: that of the samples, if the held-out text has so much."""
        return max(1, min(self.settings.characters, characters(self.split.test) // self.settings.count))

    @property
    def swept_characters(self) -> int:
        """The length of the texts of a sweep."""
        return min(self.settings.characters, MOST_SWEPT)

    @cached_property
    def judge(self) -> "Judge":
        """The judge of generated texts."""
        return Judge(self.split.test, self.split.valid)

    @cached_property
    def repetition(self) -> float:
        """The share of word pairs repeated in passages of training and validation documents, as long as a sweep's."""
        return repetition(self._as_swept((*self.split.train, *self.split.valid)), PAIRS)

    @cached_property
    def bits(self) -> float:
        """The judge's bits per character of the validation documents, in passages as long as a sweep's texts."""
        return self.judge.bits(self._as_swept(self.split.valid))

    def _as_swept(self, documents: Sequence[Document]) -> list[str]:
        """Passages of documents, as long as the texts of a sweep."""
        text = "\n\n".join(document.text for document in documents)
        number = min(MOST_PASSAGES, max(1, len(text) // self.swept_characters))
        return passages(text, [self.swept_characters] * number)

    @cached_property
    def held_out(self) -> list[str]:
        """Passages of the held-out documents."""
        documents = [document.text for document in self.split.test]
        return by_document(documents, self.settings.count, self.measured_characters)

    @cached_property
    def measurements(self) -> Measurements:
        """The measures of the held-out passages."""
        return measurements(self.held_out, self.reference)

    @cached_property
    def lane(self) -> Lane:
        """The author's lane."""
        return self.lane_of(self.held_out, self.measurements)

    @cached_property
    def another(self) -> Lane | None:
        """The lane of passages of the validation documents; None if these are too short for as many."""
        documents = [document.text for document in self.split.valid]
        texts = by_document(documents, self.settings.count, self.measured_characters)
        return self.lane_of(texts, measurements(texts, self.reference)) if len(texts) == self.settings.count else None

    def lane_of(
        self,
        texts: list[str],
        measured: Measurements,
        temperature: float | None = None,
        sweep: TemperatureSweep | None = None,
    ) -> Lane:
        """Texts as a lane."""
        return Lane(
            temperature=temperature,
            sweep=sweep,
            characters=sum(map(len, texts)),
            measures={name: one.measured(self.measurements.measures[name]) for name, one in measured.measures.items()},
            novelty=self.novelty(texts),
            told_apart=measured.told_apart,
            new_words=self.new_words(texts),
        )

    def novelty(self, texts: list[str]) -> list[float]:
        """The share of the texts' sequences of 1, 2, … words that training lacks."""
        return [self.reference.ngrams.novel_share(texts, n) for n in range(1, LONGEST_NGRAMS + 1)]

    def new_words(self, texts: list[str]) -> NewWords:
        """The texts' words that training lacks, by kind."""
        by_kind = new_words(texts, self.reference, MOST_WORDS)
        return NewWords(real=by_kind["real"], plausible=by_kind["plausible"], broken=by_kind["broken"])

    def copies(self, texts: list[str], spans: Sequence[Span]) -> list[Copy]:
        """The longest copies from the training documents; ``spans`` has the longest one of each text."""
        return longest_copies(texts, spans, self.reference, MOST_COPIES)

    def marks(self, text: str) -> list[Mark]:
        """What is marked in a text."""
        return marks(text, self.reference)


class Judge:
    """Judges generated text by a character n-gram of the held-out documents, which no model has read.

    The order of the n-gram is the one that suits the validation documents best. A text in the author's
    phrases needs few bits, even if it copied them. A dull text needs fewer bits than the author, so read the bits
    together with the repetition.
    """

    def __init__(self, held_out: Sequence[Document], valid: Sequence[Document]) -> None:
        tokenizer = Characters().fit(held_out)
        self._model = NGramModel.fitted(tokenizer, *([tokenizer.encode(d) for d in part] for part in (held_out, valid)))

    def bits(self, texts: Sequence[str]) -> float:
        """Bits per character of the texts; that a text ends costs nothing."""
        encodings = [self._model.tokenizer.encode(Document("text", text)) for text in texts]
        paid = sum(float(scores.by_character()[0].sum()) for scores in self._model.score(encodings))
        return paid / max(1, sum(map(len, texts)))
