"""The text of the experiments, restricted like the article's, with its alphabet, its counts and its passages."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from toolkit.article.experiments import LEAST_CHARACTERS, Chance, Counts, Text
from toolkit.errors import InputError
from toolkit.evaluation.metrics import Reference, counts, measures
from toolkit.text import neutral
from toolkit.text.corpus import Corpus, Document
from toolkit.text.splits import split

Ids = npt.NDArray[np.int32]

MARKS = ".,;:!?'\"()-"
TYPEWRITER = str.maketrans("‘’‚“”„–—―‐‑", "'''\"\"\"-----")
REPLACED = re.compile(rf"(?:[^\w{re.escape(MARKS)}]|_)+")
SAMPLE_CHARACTERS = 240  # of each text that is saved
LEAD = 50  # characters before the first target: the largest shift
SPAN = math.lcm(50, 30, 10)  # a row has whole windows of every length
MAX_ROWS = 64
MAX_SPANS = 6  # per row: 64 rows of 6 spans are 57,600 targets, about 10,000 words


def restricted(text: str) -> str:
    r"""Return the text in letters, digits, ``MARKS`` and single spaces, with the quotes and dashes of a typewriter.

    >>> restricted("“Don’t—”\n\nhe said: £5 …")
    '"Don\'t-" he said: 5 '
    """
    return REPLACED.sub(" ", text.translate(TYPEWRITER))


class Alphabet:
    """The characters of a restricted text and the space; a character's id is its place among them."""

    def __init__(self, text: str) -> None:
        self.characters = "".join(sorted({" ", *text}))
        self._ids = {character: id_ for id_, character in enumerate(self.characters)}

    def encode(self, text: str) -> Ids:
        """Return the ids (n,) of a text; a character that is not in the alphabet becomes a space."""
        return np.array([self._ids.get(character, self._ids[" "]) for character in text], np.int32)

    def decode(self, rows: Ids) -> list[str]:
        """Return the text of each row of ids (rows, n)."""
        return ["".join(self.characters[id_] for id_ in row) for row in rows.tolist()]


class Passages:
    """Neighbouring rows of a text (n,) whose targets are the same for every shift and window.

    ``targets`` (rows, n · SPAN) are the characters to predict; ``prompts`` (rows, LEAD) stand before them.
    """

    def __init__(self, text: Ids) -> None:
        spans = (len(text) - LEAD) // SPAN
        rows = min(MAX_ROWS, spans)
        length = min(MAX_SPANS, spans // rows) * SPAN
        self.rows = np.stack([text[row * length : (row + 1) * length + LEAD] for row in range(rows)])
        self.prompts, self.targets = self.rows[:, :LEAD], self.rows[:, LEAD:]

    def inputs(self, shift: int) -> Ids:
        """Return the characters (rows, n · SPAN) that stand ``shift`` before the targets."""
        return self.rows[:, LEAD - shift : self.rows.shape[1] - shift]


class ArticleText:
    """The training and held-out text that all experiments share. Raises InputError if one of them is too short."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.split = split(corpus, 0)
        self.training = self._part("training", self.split.train, LEAST_CHARACTERS)
        self.held_out = self._part("held-out", self.split.test, LEAD + SPAN)
        self.alphabet = Alphabet(self.training)
        self.training_ids = self.alphabet.encode(self.training)
        self.passages = Passages(self.alphabet.encode(self.held_out))
        self._vocabulary = frozenset(word.lower() for word in neutral.words(self.training))
        self._reference = Reference((self.training,))

    def _part(self, name: str, documents: tuple[Document, ...], least: int) -> str:
        text = " ".join(restricted(document.text).strip() for document in documents)
        if len(text) < least:
            raise InputError(
                f"The {name} documents of {self.corpus.name} have only {len(text)} characters in letters, digits and a "
                f"few marks. Choose a corpus with at least {least} there."
            )
        return text

    def counts(self, texts: Sequence[str]) -> Counts:
        """Count several stretches of text together."""
        words = [word for text in texts for word in neutral.words(text)]
        characters = sum(map(len, texts))
        capitals = sum(character.isupper() for text in texts for character in text)
        capitals_within = sum(a.isalpha() and b.isupper() for text in texts for a, b in pairwise(text))
        shared = measures().keys() & Counts.model_fields.keys()
        return Counts(
            characters=characters,
            words=len(words),
            word_length=sum(map(len, words)) / max(len(words), 1),
            spaces_share=sum(text.count(" ") for text in texts) / max(characters, 1),
            capitals_within=capitals_within / max(capitals, 1),
            known_words=counts.share_of_words(texts, self._vocabulary.__contains__),
            repetition=counts.repetition(texts, 4),
            **{name: measures()[name](texts, self._reference) for name in shared},
        )

    def record(self) -> Text:
        """Describe the text for reproduction.json."""
        targets = self.alphabet.decode(self.passages.targets)
        return Text(
            name=self.corpus.name,
            sha256=self.corpus.sha256,
            documents=len(self.corpus.documents),
            characters=self.corpus.characters,
            alphabet=self.alphabet.characters,
            training_characters=len(self.training),
            held_out_characters=len(self.held_out),
            targets=self.passages.targets.size,
            prompt=self.alphabet.decode(self.passages.prompts)[0],
            beginning=targets[0][:SAMPLE_CHARACTERS],
            counts=self.counts(targets),
            chance=self._chance(),
        )

    def _chance(self) -> Chance:
        """Score answers that are the same at every place: the frequencies in the training text."""
        size, targets = len(self.alphabet.characters), self.passages.targets
        frequencies = np.bincount(self.training_ids, minlength=size)  # (V,)
        answers = np.clip(frequencies / frequencies.sum(), 1e-7, 1 - 1e-7)  # as Keras does
        shares = np.bincount(targets.ravel(), minlength=size) / targets.size  # (V,)
        return Chance(
            most_common=self.alphabet.characters[int(frequencies.argmax())],
            accuracy=float(shares[frequencies.argmax()]),
            binary_cross_entropy=float(-(shares * np.log(answers) + (1 - shares) * np.log(1 - answers)).mean()),
        )
