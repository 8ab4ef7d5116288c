"""What all experiments share: the text, restricted like the article's, and what it is measured with."""

from collections import Counter
from functools import cached_property

from toolkit.article.alphabet import SPACE, Alphabet, Ids, restricted
from toolkit.article.chance import chance
from toolkit.article.counting import Yardstick, hapaxes
from toolkit.article.experiments import LEAST_CHARACTERS
from toolkit.article.results import SAMPLE, Text
from toolkit.article.windows import LEAD, SPAN, Passages
from toolkit.errors import InputError
from toolkit.text.corpus import Corpus, Document, Split
from toolkit.text.splits import split


class ArticleText:
    """The training and held-out text of a corpus, and its alphabet.

    Raises InputError if the training or held-out documents are too short once restricted.
    """

    def __init__(self, corpus: Corpus, split_seed: int) -> None:
        self.corpus = corpus
        self.split: Split = split(corpus, split_seed)
        self.training = self._part("training", self.split.train, LEAST_CHARACTERS)
        self.held_out = self._part("held-out", self.split.test, LEAD + SPAN)
        self.alphabet = Alphabet.of(self.training)
        self.yardstick = Yardstick(self.training)

    def _part(self, which: str, documents: tuple[Document, ...], least: int) -> str:
        text = SPACE.join(restricted(document.text).strip() for document in documents)
        if len(text) < least:
            raise InputError(
                f"The {which} documents of {self.corpus.name} have only {len(text)} characters once restricted to "
                f"letters, digits and a few marks; to reproduce the article, give a corpus with at least {least} there."
            )
        return text

    @cached_property
    def training_ids(self) -> Ids:
        """The training text (n,)."""
        return self.alphabet.encode(self.training)

    @cached_property
    def passages(self) -> Passages:
        """The held-out rows that every network is measured on."""
        return Passages.of(self.alphabet.encode(self.held_out))

    def facts(self) -> Text:
        """The text, described."""
        return Text(
            name=self.corpus.name,
            sha256=self.corpus.sha256,
            documents=len(self.corpus.documents),
            characters=self.corpus.characters,
            frequencies=self.frequencies(),
            training_characters=len(self.training),
            held_out_characters=len(self.held_out),
            targets=self.passages.targets.size,
            prompt=self.alphabet.decode(self.passages.prompts[0]),
            beginning=self.alphabet.decode(self.passages.targets[0, :SAMPLE]),
            notes=list(self.split.notes),
            counts=self.yardstick.counts(self.decoded(self.passages.targets)),
            hapaxes=hapaxes(self.corpus.documents),
            chance=chance(self.alphabet, self.training_ids, self.passages),
        )

    def frequencies(self) -> dict[str, float]:
        """The share of each character of the alphabet in the training text, most common first."""
        counts = Counter(self.training)
        ranked = sorted(self.alphabet.characters, key=lambda character: -counts[character])
        return {character: counts[character] / len(self.training) for character in ranked}

    def decoded(self, rows: Ids) -> list[str]:
        """The text of each row."""
        return [self.alphabet.decode(row) for row in rows]
