"""Models made of other models: one that keeps learning, the mean of models, and a mixture by character."""

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from toolkit.errors import InputError
from toolkit.events.coding import Stepper
from toolkit.events.distribution import Floats, with_floor
from toolkit.events.encoding import DOC, Events, Tokenizer
from toolkit.inference.by_character import RECALL_SETTINGS, Recall, SpelledOut
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores
from toolkit.spelling.speller import UNSEEN, WordSpeller
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import SPACE, Spaced, goes_on_with, is_whole

LEARNING_EVENTS = 40  # between two updates of the weights; 20, at half the rate, are no better and slower
RATE_UNIT = 1 / 150  # of an update at rate 1, so that 0.3, the best of plain gradient descent, suits here as well
# Rows with another rule are not comparable.
RULE = f"root mean square of {LEARNING_EVENTS} events, {RATE_UNIT:.6f}"

LEARNING_RATE = 0.3  # of the networks in a mixture, if no other is set
FIRST_WEIGHTS_SUM = 1.1
WEIGHT_RATE, CONTEXT_RATE = 0.1, 0.005  # of the weights that always count, and of the weights of a context
MAX_GRADIENT_NATS = 5.0
MIN_PROBABILITY = 1e-9  # of a model
MAX_PREFIX_CHARACTERS = 6  # of a token: longer prefixes are one context
WORD = "a"  # stands for any prefix of a word
WEIGHT_SETTINGS = FIRST_WEIGHTS_SUM, WEIGHT_RATE, CONTEXT_RATE, MAX_PREFIX_CHARACTERS
# A mixture that weighs differently is another model.
WEIGHING = " ".join(map(str, WEIGHT_SETTINGS + RECALL_SETTINGS))


class Combined(Model):
    """A model made of other models, as large as all of them together.

    Its fingerprint identifies their runs, their order, and the ``kind`` of combination.
    """

    kind = b""

    def __init__(self, models: Sequence[Model], tokenizer: Tokenizer) -> None:
        self.models, self.tokenizer = models, tokenizer
        self.parameters = sum(model.parameters for model in models)
        self.embedding_parameters = sum(model.embedding_parameters for model in models)
        self.multiply_adds = sum(model.multiply_adds for model in models)

    def fingerprint(self) -> bytes:
        """Return eight bytes. Raises InputError if a model was not loaded from a run."""
        return hashlib.sha256(b"".join([self.kind, *(model.fingerprint() for model in self.models)])).digest()[:8]


def learning_rate(rate: float) -> float:
    """Return the rate. Raises InputError if it is not a finite number above 0."""
    if not 0 < rate < float("inf"):
        raise InputError(f"The rate of --adapt is {rate}; give a number above 0, such as 0.3.")
    return rate


class Adapting(Combined):
    """A model that keeps learning from the text that it has paid for, from one document to the next, as PPMd does.

    A coder makes the same updates after the same events. Raises InputError if the rate is not a number above 0.
    """

    def __init__(self, model: Model, rate: float) -> None:
        super().__init__([model], model.tokenizer)
        self.model, self.rate = model, learning_rate(rate)

    def fingerprint(self) -> bytes:
        """Return the model's own."""
        return self.model.fingerprint()

    def at_rate(self, rate: float) -> Stepper:
        """Return the model, learning at a rate."""
        return self.model.at_rate(rate)


class Ensemble(Combined):
    """The mean of the probabilities of models with one tokenizer, event by event.

    Raises InputError if there is no model, or their tokenizers have learned different things.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        states = [model.tokenizer.state() for model in models]
        if not models or any(state != states[0] for state in states):
            raise InputError("An ensemble needs models with one tokenizer. Give runs of one column and corpus.")
        super().__init__(models, models[0].tokenizer)
        self.counts = all(model.counts for model in models)

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """Return the scores; spelling costs the same in all models."""
        means = []
        for of_document in zip(*(model.score(encodings) for model in self.models), strict=True):
            bits = [(scores.network_bits, scores.ending_bits) for scores in of_document]  # (models, 2, n)
            network_bits, ending_bits = -np.log2(np.mean(2.0 ** -np.array(bits), 0))
            means.append(replace(of_document[0], network_bits=network_bits, ending_bits=ending_bits))
        return means

    def at_rate(self, rate: float) -> Stepper:
        """Return all models, each learning separately."""
        return EnsembleStepper([model.at_rate(rate) for model in self.models])


@dataclass
class EnsembleStepper:
    """A ``Stepper``: the mean of several steppers' distributions."""

    steppers: Sequence[Stepper]

    def distribution(self) -> Floats:
        """Return the mean distribution (V,)."""
        first, *further = (stepper.distribution() for stepper in self.steppers)
        return sum(further, first) / len(self.steppers)  # one after another: the same on every processor

    @property
    def outputs(self) -> Floats:
        """The first one's outputs (H,)."""
        return self.steppers[0].outputs  # type: ignore[attr-defined, no-any-return]  # in a mixture

    def feed(self, id_: int) -> None:
        """Pass an event to all of them."""
        for stepper in self.steppers:
            stepper.feed(id_)


class Mixture(Combined):
    """A model of characters: the next character of several models, mixed by a ``Gate``.

    Models of words with the space before them (``Spaced``) give it through all words with the token's prefix. Counted
    models continue to count, networks continue to learn at a ``rate``, and networks of words recall the document.

    A token either continues or ends. Its next character, or its end, is mixed of all models; the character after an
    end, of the models of characters alone. Together that is a distribution over all characters.
    Raises InputError if the models do not fit together, or the rate is invalid.
    """

    kind = f"mixture, {WEIGHING}".encode()

    def __init__(self, models: Sequence[Model], rate: float = LEARNING_RATE) -> None:
        letters = [model for model in models if isinstance(model.tokenizer, Characters)]
        self._words = [
            (model, model.tokenizer, model.tokenizer.speller)
            for model in models
            if isinstance(model.tokenizer, Spaced)
            and model.tokenizer.placeholder is not None
            and isinstance(model.tokenizer.speller, WordSpeller)
        ]
        alphabets = [model.tokenizer.state() for model in letters]
        fits = letters and len(letters) + len(self._words) == len(models)
        if not fits or any(alphabet != alphabets[0] for alphabet in alphabets):
            raise InputError("A mixture needs char, and models of char and spaced:unk. Give runs of one corpus.")
        super().__init__(models, letters[0].tokenizer)
        self.rate, self._letters = learning_rate(rate), letters
        self._characters = [token if len(token) == 1 else UNSEEN for token in self.tokenizer.vocabulary.tokens]

    def at_rate(self, rate: float) -> Stepper:
        """Return the models, learning at a rate."""
        words = []
        for model, tokenizer, speller in self._words:
            parts: Any = model.at_rate(rate), tokenizer, speller, self._characters
            words.append(SpelledOut(*parts) if model.counts else Recall(*parts))
        letters = [model.at_rate(rate) for model in self._letters]
        return MixtureStepper(letters, words, self._characters)


class MixtureStepper:
    """A ``Stepper``: the mixture of models of characters and of words."""

    def __init__(
        self, letters: Sequence[Stepper], words: Sequence[SpelledOut], characters: Sequence[str]
    ) -> None:
        self._letters, self._words, self._characters = letters, words, characters
        self._within, self._behind = Gate(len(letters) + len(words)), Gate(len(letters))
        self._distribution: Floats | None = None
        self._prefix = ""  # of the token
        self._continuing_by_prefix = {  # the ids (V,) that continue a token
            prefix: np.array(
                [not prefix or (id_ != DOC and goes_on_with(prefix, c)) for id_, c in enumerate(characters)]
            )
            for prefix in ("", SPACE, WORD)
        }

    def distribution(self) -> Floats:
        """Return P (V,) of the next character, or of the document's end."""
        if self._distribution is None:
            self._distribution = self._mixed()
        return self._distribution

    def _mixed(self) -> Floats:
        letters = np.array([stepper.distribution() for stepper in self._letters])  # (models, V)
        words = np.array([model.masses() for model in self._words]).reshape(-1, letters.shape[1] + 1)
        continuing = self._continuing_by_prefix.get(self._prefix, self._continuing_by_prefix[WORD])
        self._continuing = continuing
        ends = letters[:, ~continuing].sum(1, keepdims=True)
        all_models = np.concatenate([np.hstack([letters, ends]), words])  # (models, V + 1)
        within = _normalised(all_models[:, np.append(continuing, bool(self._prefix))])
        inside = self._within.mixed(
            within, (self._prefix == SPACE, min(len(self._prefix), MAX_PREFIX_CHARACTERS))
        )
        mixed = np.zeros(letters.shape[1])
        mixed[continuing] = inside[: continuing.sum()]
        if self._prefix:
            behind = _normalised(letters[:, ~continuing])
            mixed[~continuing] = inside[-1] * self._behind.mixed(behind)
        return with_floor(mixed, mixed.size)

    def feed(self, id_: int) -> None:
        """Pass a character, or the document's end, and learn from it."""
        self.distribution()
        continuing = self._continuing
        if continuing[id_]:
            self._within.learn(int(continuing[:id_].sum()))
        else:
            self._within.learn(int(continuing.sum()))
            self._behind.learn(int((~continuing)[:id_].sum()))
            self._end_token()
        self._distribution = None
        for stepper in self._letters:
            stepper.feed(id_)
        if id_ == DOC:
            for model in self._words:
                model.end_document()
            return
        self._prefix += self._characters[id_]
        for model in self._words:
            model.feed(self._prefix[-1])
        if is_whole(self._prefix):
            self._end_token()

    def _end_token(self) -> None:
        for model in self._words:
            model.end_token()
        self._prefix = ""


def _normalised(probabilities: Floats) -> Floats:
    """Return rows (models, n) that sum to 1; equal shares for a row of zeros."""
    sums = probabilities.sum(1, keepdims=True)
    return np.where(sums > 0, probabilities / np.where(sums > 0, sums, 1.0), 1 / probabilities.shape[1])


class Gate:
    """The geometric mixture of K distributions: P(x) is proportional to Π_k P_k(x)^w_k.

    A weight is the sum of one that always counts and of one for the event's context. After an event they go down
    the gradient of its bits, by Adagrad. w_k += rate · g_k / sqrt(1 + Σ g_k²), with
    g_k = log P_k(event) − Σ_x P(x)·log P_k(x). The weight that always counts learns faster.

    Mixing logarithms: Mahoney 2005 (single bits), Mattern 2012 (several symbols). Adagrad: Duchi, Hazan & Singer 2011.
    """

    def __init__(self, models: int) -> None:
        self._weights = defaultdict[Hashable, Floats](lambda: np.zeros(models))
        self._squares = defaultdict[Hashable, Floats](lambda: np.zeros(models))
        self._weights[None] += FIRST_WEIGHTS_SUM / models

    def mixed(self, distributions: Floats, *contexts: Hashable) -> Floats:
        """Return the mixture (n,) of distributions (K, n) of an event in its contexts."""
        self._contexts = (None, *contexts)
        self._logs = np.log(np.maximum(distributions, MIN_PROBABILITY))
        weighted: Floats = np.sum([self._weights[context] for context in self._contexts], 0) @ self._logs
        mixed: Floats = np.exp(weighted - weighted.max())
        mixed /= mixed.sum()
        self._mixed = mixed
        return mixed

    def learn(self, outcome: int) -> None:
        """Learn from the outcome of the event that was mixed last."""
        gradient = self._logs[:, outcome] - self._logs @ self._mixed
        gradient = np.clip(gradient, -MAX_GRADIENT_NATS, MAX_GRADIENT_NATS)
        for context in self._contexts:
            self._squares[context] += gradient**2
            rate = WEIGHT_RATE if context is None else CONTEXT_RATE
            self._weights[context] += rate * gradient / np.sqrt(1 + self._squares[context])
