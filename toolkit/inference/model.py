"""A model: gives the distribution of each event of a document, and so the bits of a text, its code, and new text."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import InputError, whole_number
from toolkit.events.coding import Outlook, Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Events, Ids, Tokenizer
from toolkit.inference import compression
from toolkit.inference.continuation import generate
from toolkit.inference.drawing import Likeliest, draw
from toolkit.inference.filling import SOURCES, Source
from toolkit.inference.scores import DocumentScores
from toolkit.inference.stepped import stepped_scores
from toolkit.inference.word_costs import WordCost, word_costs
from toolkit.text.corpus import Document, canonical, encode_utf8

MOST_TEXTS = 10_000  # at once: all are drawn together


@dataclass(frozen=True)
class Origin:
    """The run that a model was loaded from: its column, the name of its kind of model, its seed and its fingerprint."""

    column: str
    model: str
    seed: int
    fingerprint: bytes  # identifies the run: what it compressed can be decompressed only by it or a copy of it


class Model(ABC):
    """A tokenizer and a predictor of its events: all that scoring, coding, sampling and the report need of either.

    ``toolkit.load`` gives the model of a run. Texts are taken in canonical form (NFC, line ends as ``\\n``).
    """

    tokenizer: Tokenizer  # from text to events and back
    origin: Origin | None = None  # None for a model that was not loaded from a run
    rate: float = 0.0  # at which it learns from what it has read; 0 if it does not
    counts: bool = False  # whether its ``learner`` counts what it has read, which takes no rate

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers were learned."""

    @property
    @abstractmethod
    def embedding_parameters(self) -> int:
        """How many of them are in the matrix whose rows are the inputs of the ids."""

    @property
    @abstractmethod
    def multiply_adds(self) -> int:
        """Multiplications with an addition that the distribution of one event takes; spelling is not counted."""

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """What each document pays, in this order: what ``start`` gives event by event, however a model finds it."""
        scores: list[DocumentScores] = stepped_scores(self.start(), self.tokenizer, encodings)
        return scores

    def score_documents(self, documents: Iterable[Document]) -> list[DocumentScores]:
        """What documents pay that are not encoded yet."""
        return self.score([self.tokenizer.encode(document) for document in documents])

    def distributions(
        self, encodings: Sequence[Events], places: Sequence[Collection[int]]
    ) -> Iterator[tuple[int, int, Floats]]:
        """P (V,) of the events at some ``places`` of each document: its number, the place and P, in any order.

        They are what ``score`` charges for, each given all events before it.
        """
        stepper = self.start()
        for number, (encoding, wanted) in enumerate(zip(encodings, places, strict=True)):
            for place, id_ in enumerate(encoding.ids.tolist()):
                if place in wanted:
                    yield number, place, stepper.distribution()
                stepper.feed(id_)

    @abstractmethod
    def start(self) -> Stepper:
        """The model at the beginning of a first document."""

    @abstractmethod
    def learner(self, rate: float) -> Stepper:
        """Like ``start``, but it keeps learning from what it has read, at a rate. The model itself is unchanged."""

    def at_rate(self, rate: float) -> Stepper:
        """Like ``start``, as it was where its ``rate`` was this one."""
        return self.learner(rate) if rate else self.start()

    def outlook(self) -> Outlook | None:
        """What can be compared to find places where it expected like things to come; None if it has no such outputs."""
        return None

    def sample(
        self, prompt: Ids, seeds: Sequence[int], temperature: float, top_k: int | None, top_p: float | None
    ) -> Iterator[Ids]:
        """Ids drawn after a prompt, in endless chunks (streams, n), with one stream per seed.

        The prompt (n,) begins with ``<doc>``. Ids are drawn from the distribution at the temperature, from the k
        likeliest (``top_k``), or from the likeliest that together reach a probability (``top_p``); neither ``<doc>``
        nor an id that training never showed is drawn. A stream depends on no seed but its own.
        """
        return draw(self, prompt, seeds, temperature, Likeliest(top_k, top_p))

    def export(self, file: str | Path) -> None:  # noqa: ARG002 - for models that can
        """Write the model as a ``.keras`` file of Keras' own layers, which opens where toolkit is not installed.

        It maps ids (rows, steps), each row a document that begins with ``<doc>``, to the probabilities of the id after
        each; ``tokens.json`` in the same archive has the token of each id. What rare words are spelled with is not a
        part of the network. Raises InputError if the model is not a network, or if the file cannot be written.
        """
        raise InputError(
            "The model of this run is not a network, so Keras has no layers for it; export a run that has one."
        )

    def layers(self) -> list[str]:
        """Its layers in words, a line each, for ``summary``; none for a model without layers."""
        return []

    def bits(self, text: str) -> float:
        """All bits of a text, scored as one document from its beginning to its end.

        Spaces, spelling and the end of the document are paid for; divide by ``len`` of the canonical text for bits per
        character. Raises InputError if the text cannot be written as UTF-8, or the tokenizer refuses it.
        """
        return self._scores(_document(text)).total

    def bits_per_word(self, text: str) -> list[WordCost]:
        """What each neutral word of a text pays, in the order of the text, scored as one document.

        A word pays the bits of the events that cover its characters and the single space directly before it, and for
        the decision that it has ended, wherever the model takes it (word_costs.py): words can be compared between
        models. Punctuation, other white space and the end of the document are left out, so the sum is not ``bits``.
        An event over several characters is spread evenly over them; one that covers none (a mark, say) is paid by the
        next character. Positions count characters of the canonical text.
        Raises InputError as ``bits`` does.
        """
        document = _document(text)
        return word_costs(document.text, self._scores(document))

    def _scores(self, document: Document) -> DocumentScores:
        """What one document pays."""
        (scores,) = self.score_documents([document])
        return scores

    def generate(
        self,
        prompt: str = "",
        length: int = 500,
        *,
        seed: int = 0,
        number: int = 1,
        temperature: float = 0.8,
        top_k: int | None = None,
        top_p: float | None = None,
        fill: Source = "seen",
    ) -> list[str]:
        """``number`` continuations of the prompt, each exactly ``length`` characters long, without the prompt.

        The first is that of ``seed``, the others those of the seeds that follow; a text depends on its own seed only.
        Without a prompt, a text begins as a document does. Tokens are drawn at the temperature (below 1: likelier
        text), from the ``top_k`` likeliest, or from the likeliest that make up the probability ``top_p``.
        Placeholders are filled with words seen in training ("seen") or new ones from the speller ("spelled").
        Raises InputError if a value is outside its range.
        """
        whole_number("The seed", seed, 0)
        whole_number("The number of texts", number, 1, MOST_TEXTS)
        if fill not in SOURCES:
            raise InputError(f"fill is {fill!r}; give {' or '.join(map(repr, SOURCES))}.")
        texts = generate(
            self,
            _document(prompt).text,
            length,
            seeds=range(seed, seed + number),
            temperature=temperature,
            likeliest=Likeliest(top_k, top_p),
            sources=[fill],
        )
        return [text[fill].text for text in texts]

    def compress(self, text: str, *, name: str = "the text") -> bytes:
        """A text, coded with the model's probabilities, in about ``bits(text) / 8 + 32`` bytes.

        Only ``decompress`` of the same run, or of a copy of it, gives the text back, and it is decoded here to see that
        it does, which takes as long again. ``name`` is for messages.
        Raises InputError if the text is not canonical, saying what canonical would change, if it does not come back, or
        if the model was not loaded from a run.
        """
        data: bytes = compression.compress(self, text, name)
        return data

    def decompress(self, data: bytes, *, name: str = "the data") -> str:
        """The text that ``compress`` coded, or that of a file from ``toolkit compress``. ``name`` is for messages.

        What a learning model (``Adapting``) coded is decoded by it or by the model that it learns from: the rate is in
        the data. A network that does not learn, and any model that counts, gives the text back on any processor; what
        was learnt while coding has other last digits on another.
        Raises InputError for data that another run or another version compressed, that are truncated or altered, or
        that were compressed where the model computes other numbers, or if the model was not loaded from a run.
        """
        text: str = compression.decompress(self, data, name)
        return text

    def fingerprint(self) -> bytes:
        """The eight bytes that identify the model's run. Raises InputError if it was not loaded from one."""
        if self.origin is None:
            raise InputError(
                "This model was not loaded from a run, so nothing would say what can decompress its data; "
                "load one with toolkit.load."
            )
        return self.origin.fingerprint

    def summary(self) -> str:
        """A few lines: column and seed, kind of model, tokenizer, vocabulary, parameters and, if it has any, layers."""
        kind = type(self).__name__
        lines = [f"model       {kind}"]
        if self.origin is not None:
            lines = [
                f"column      {self.origin.column}, seed {self.origin.seed}",
                f"model       {self.origin.model} ({kind})",
            ]
        lines += [
            f"tokenizer   {type(self.tokenizer).__name__}",
            f"vocabulary  {len(self.tokenizer.vocabulary.tokens):,} tokens",
            f"parameters  {self.parameters:,}, of which {self.embedding_parameters:,} are inputs of tokens",
        ]
        return "\n".join([*lines, *self.layers()])


def _document(text: str) -> Document:
    """A caller's text as a document, in canonical form. Raises InputError if it cannot be written as UTF-8."""
    encode_utf8(text, "the text")
    return Document("the text", canonical(text))
