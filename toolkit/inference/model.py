"""A model: the distribution of each event of a document, and from it the bits of a text, its code, and new text."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from toolkit.config import typed
from toolkit.errors import InputError, whole_number
from toolkit.events.coding import Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Events, Ids, Tokenizer
from toolkit.inference import coding
from toolkit.inference.generation import ALL, CHUNK, Likeliest, Source, generate, restricted
from toolkit.inference.scores import DocumentScores, WordCost, step_through, word_costs
from toolkit.results.generated import Filled
from toolkit.results.record import Shown
from toolkit.results.text import count
from toolkit.text.corpus import Document, canonical, encode_utf8


class Model(Shown, ABC):
    """A tokenizer and a predictor of its events.

    ``toolkit.load`` returns the model of a run. Texts are taken in canonical form (NFC, line ends as ``\\n``).
    """

    title = "without a name"  # its run and its size, if it was loaded from a run
    headline = "bits(text) scores a text, and generate(prompt) continues it."
    tokenizer: Tokenizer
    parameters: int  # learned numbers
    embedding_parameters: int  # those in the matrix whose rows are the inputs of the ids
    multiply_adds: int  # multiplications with an addition for the distribution of one event, without spelling
    run_fingerprint: bytes | None = None  # of the run that it was loaded from, if any
    rate: float = 0.0  # at which it learns from the text that it has read, 0 if it does not
    counts: bool = False  # it learns by counting, which every rate above 0 allows alike
    sampled_events = 2_000  # at which ``check_sample`` compares its steps with its scores

    @abstractmethod
    def at_rate(self, rate: float) -> Stepper:
        """Return the model at the beginning of a first document; it learns while it reads, unless the rate is 0.

        The model itself is unchanged.
        """

    def start(self) -> Stepper:
        """Return the model at the beginning of a first document, learning at its own rate."""
        return self.at_rate(self.rate)

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """Return the scores of each document, in this order: the bits of each event under the steps of ``start``."""
        stepper = self.start()
        return [step_through(stepper, self.tokenizer, encoding) for encoding in encodings]

    def score_documents(self, documents: Iterable[Document]) -> list[DocumentScores]:
        """Encode and score documents."""
        return self.score([self.tokenizer.encode(document) for document in documents])

    def distributions(
        self, encodings: Sequence[Events], places: Sequence[Collection[int]]
    ) -> Iterator[tuple[int, int, Floats]]:
        """Yield document number, place and distribution (V,) for some ``places`` of each document, in any order."""
        stepper = self.start()
        for number, (encoding, of_document) in enumerate(zip(encodings, places, strict=True)):
            for place, id_ in enumerate(encoding.ids.tolist()):
                if place in of_document:
                    yield number, place, stepper.distribution()
                stepper.feed(id_)

    def sample(
        self, prompt: Ids, seeds: Sequence[int], temperature: float, likeliest: Likeliest = ALL
    ) -> Iterator[Ids]:
        """Yield ids drawn after a prompt, in endless chunks (streams, n), with one stream per seed.

        The prompt (n,) begins with ``<doc>``. Neither ``<doc>`` nor an id that training never showed is drawn. A
        stream depends on no seed but its own.
        """
        streams = [(self.start(), np.random.default_rng([seed, 2])) for seed in seeds]
        allowed = self.tokenizer.vocabulary.reserve.trained.copy()
        allowed[DOC] = False
        for stepper, _ in streams:
            for id_ in prompt[1:].tolist():
                stepper.feed(id_)
        while True:
            chunk = np.empty((len(streams), CHUNK), np.int32)
            for row, (stepper, rng) in zip(chunk, streams, strict=True):
                for place in range(CHUNK):
                    drawable = np.where(allowed, stepper.distribution(), 0.0)
                    sums = restricted(drawable, temperature, likeliest).cumsum()
                    row[place] = id_ = int((sums / sums[-1]).searchsorted(rng.random(), "right"))
                    stepper.feed(id_)
            yield chunk

    def table(self) -> list[list[str]]:
        """Return a heading and a line with its sizes."""
        sizes = (len(self.tokenizer.vocabulary), self.parameters, self.multiply_adds)
        return [["vocabulary", "parameters", "multiply–adds per event"], [*map(count, sizes)]]

    def export(self, file: str | Path) -> None:  # noqa: ARG002 - for networks
        """Write the network as a ``.keras`` file of Keras' own layers, which opens without this toolkit.

        It maps ids (rows, steps), each row a document that begins with ``<doc>``, to the probabilities of the id after
        each. ``tokens.json`` in the archive has the token of each id. The speller is not included.
        Raises InputError if the model is not a network.
        """
        raise InputError("The model of this run is not a network. Export a run of a network.")

    @typed
    def bits(self, text: str) -> float:
        """Return all bits of a text, scored as a document with its end.

        Raises InputError if the text cannot be written as UTF-8, or the tokenizer rejects it.
        """
        (scores,) = self.score_documents([_document(text)])
        return scores.total

    @typed
    def bits_per_word(self, text: str) -> list[WordCost]:
        """Return the cost of each neutral word of a text, scored as a document.

        A word pays the bits of its characters, of the single space before it, and of the decision that it has ended
        (scores.py), so words are comparable between models. Punctuation, other white space and the end of the document
        are left out. Positions count characters of the canonical text. Raises InputError as ``bits`` does.
        """
        document = _document(text)
        (scores,) = self.score_documents([document])
        return word_costs(document.text, scores)

    @typed
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
        report: Callable[[list[str]], None] | None = None,
    ) -> list[str]:
        """Return continuations of a prompt, each exactly ``length`` characters long, without the prompt.

        Args:
            prompt: The text before the continuations. Without it, they begin as documents do.
            length: Characters of each text.
            seed: The seed of the first text. The next texts have the next seeds; a text depends on its own seed only.
            number: How many texts.
            temperature: Divides the logits: texts are likelier below 1.
            top_k: Draw from this number of likeliest tokens.
            top_p: Draw from the likeliest tokens that together have this probability.
            fill: The words that replace placeholders: "seen" in training, or new ones "spelled" by the speller.
            report: Gets the texts as they grow; the last time they are complete.

        Raises:
            InputError: A value has another type or is outside its range.
        """
        whole_number("The seed", seed, 0)
        whole_number("The number of texts", number, 1)

        def grown(texts: list[Filled]) -> None:
            if report:
                report([filled.text for filled in texts])

        texts = generate(
            self.tokenizer,
            self.sample,
            _document(prompt).text,
            range(seed, seed + number),
            length,
            temperature,
            Likeliest(top_k, top_p),
            fill,
            grown,
        )
        return [filled.text for filled in texts]

    @typed
    def compress(self, text: str, *, name: str = "the text") -> bytes:
        """Return a text coded with the model's probabilities, in about ``bits(text) / 8 + 32`` bytes.

        Only ``decompress`` of the same run or of a copy of it restores the text. The text is decoded once to make
        sure. ``name`` is for messages. Raises InputError if the text is not canonical or is not decoded again, or if
        the model was not loaded from a run.
        """
        return coding.compress(text, name, self.tokenizer, self.start, self.fingerprint(), self.rate)

    @typed
    def decompress(self, data: bytes, *, name: str = "the data") -> str:
        """Return the text that ``compress`` or ``toolkit compress`` coded. ``name`` is for messages.

        The data name the rate at which an ``Adapting`` model learned. Any processor decodes the data of a network that
        does not learn and of counted models; a network that learns needs the same processor and packages.
        Raises InputError for truncated or altered data, for data from another run, version or arithmetic, and for a
        model that was not loaded from a run.
        """
        return coding.decompress(data, name, self.tokenizer, self.at_rate, self.fingerprint())

    def fingerprint(self) -> bytes:
        """Return the eight bytes that identify the model's run. Raises InputError if it was not loaded from one."""
        if self.run_fingerprint is None:
            raise InputError("This model was not loaded from a run. Load one with toolkit.load.")
        return self.run_fingerprint


def _document(text: str) -> Document:
    encode_utf8(text, "the text")
    return Document("the text", canonical(text))
