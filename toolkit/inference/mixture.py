"""Models of characters and of words, mixed character by character."""

from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar

import numpy as np

from toolkit.errors import InputError
from toolkit.events.distribution import Floats, with_floor
from toolkit.events.encoding import DOC
from toolkit.events.protocols import Stepper
from toolkit.inference.adapting import learning_rate
from toolkit.inference.gate import CONTEXT_RATE, FIRST_SUM, RATE, Gate
from toolkit.inference.model import Model
from toolkit.inference.recall import RECALLING, Recall
from toolkit.inference.several import Several
from toolkit.inference.spelled_out import Alphabet, ByCharacter, SpelledOut
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import SPACE, Spaced, is_whole

LEARNING_RATE = 0.3  # of the networks in a mixture, unless another is given
LONGEST_TOLD = 6  # characters of a token: longer beginnings are one context
SHARES = 6  # steps into which a share is cut, to be a context
STEPS_A_BIT, MOST_STEPS = 2, 5  # into which the surprise about the likeliest outcome is cut
# How models are weighed: a mixture that weighs otherwise is another model.
WEIGHING = " ".join(
    map(str, (FIRST_SUM, RATE, CONTEXT_RATE, LONGEST_TOLD, SHARES, STEPS_A_BIT, MOST_STEPS, *RECALLING))
)


class Mixture(Several):
    """A ``Model`` of characters: what several models say of the next one, mixed by a ``Gate`` that learns as it reads.

    Models of words with the space before them (``Spaced``) say it through all words that begin as the token has so far.
    Models that count go on counting what has been read; networks go on learning at a ``rate``, or stand still at 0, and
    those of words ``Recall`` what the document has shown.

    A token that has begun either goes on or ends. What it goes on with, or its end, is mixed of all models; what stands
    behind an end, of the models of characters alone. Together that is a distribution over all characters. It is scored
    event by event, as ``Adapting`` is.
    Raises InputError if the models have other tokenizers, if none has characters, or if the rate is not one.
    """

    sign: ClassVar[bytes] = f"mixture, {WEIGHING}".encode()

    def __init__(self, models: Sequence[Model], rate: float = 0.0) -> None:
        self.models, self.rate = models, learning_rate(rate) if rate else 0.0
        of_characters = [model for model in models if isinstance(model.tokenizer, Characters)]
        of_words = [(model, model.tokenizer) for model in models if isinstance(model.tokenizer, Spaced)]
        if not of_characters or len(of_characters) + len(of_words) < len(models):
            raise InputError("A mixture is made of models of char and of spaced; give these, and at least one of char.")
        if any(tokenizer.placeholder is None for _, tokenizer in of_words):
            raise InputError("A mixture needs one placeholder for all rare words; give spaced:unk.")
        first, *others = of_characters
        if any(other.tokenizer.state() != first.tokenizer.state() for other in others):
            raise InputError("The models of characters in a mixture have different alphabets; give runs of one corpus.")
        self.tokenizer, self.of_characters, self.of_words = first.tokenizer, of_characters, of_words
        self.alphabet = Alphabet.of(first.tokenizer.vocabulary.tokens)

    def start(self) -> Stepper:
        """The models before the first document, ready to learn."""
        return self.learner(self.rate)

    def learner(self, rate: float) -> Stepper:
        """The same, with networks that learn at another rate; at 0 they stand still."""
        return MixtureStepper(
            [reading(model, rate) for model in self.of_characters],
            [self._by_character(model, tokenizer, rate) for model, tokenizer in self.of_words],
            self.alphabet,
        )

    def at_rate(self, rate: float) -> Stepper:
        """What learns at that rate: other parts of a mixture learn without one."""
        return self.learner(rate)

    def _by_character(self, model: Model, tokenizer: Spaced, rate: float) -> ByCharacter:
        """A model of words as it reads; it recalls, if there is an outlook to compare."""
        spelled_out, outlook = SpelledOut(reading(model, rate), tokenizer, self.alphabet), model.outlook()
        return spelled_out if outlook is None else Recall(spelled_out, outlook)


def reading(model: Model, rate: float) -> Stepper:
    """A model that learns from what it reads: at the rate, or without one only if that is counting."""
    return model.learner(rate) if rate or model.counts else model.start()


class MixtureStepper:
    """A ``Stepper``: the mixture of models of characters and of words."""

    def __init__(self, of_characters: Sequence[Stepper], of_words: Sequence[ByCharacter], alphabet: Alphabet) -> None:
        self._of_characters, self._of_words, self._alphabet = of_characters, of_words, alphabet
        self._within, self._behind = Gate(len(of_characters) + len(of_words)), Gate(len(of_characters))
        self._begun = ""  # of a token
        self._next: Floats | None = None  # the distribution, once it is known

    def distribution(self) -> Floats:
        """P (V,) of the next character, or of the document's end."""
        if self._next is None:
            self._next = with_floor(self._mixed())
        return self._next

    def _mixed(self) -> Floats:
        letters = np.array([stepper.distribution() for stepper in self._of_characters])  # (models, V)
        words = np.array([model.masses() for model in self._of_words]).reshape(-1, letters.shape[1] + 1)
        goes_on = self._alphabet.going_on(self._begun)
        ends = letters[:, ~goes_on].sum(1, keepdims=True)
        every = np.concatenate([np.hstack([letters, ends]), words])  # (models, V + 1)
        within = normalised(every[:, np.append(goes_on, bool(self._begun))])
        inside = self._within.mixed(within, [*self._place(), *sureness(within)])
        mixed = np.zeros(letters.shape[1])
        mixed[goes_on] = inside[: goes_on.sum()]
        if self._begun:
            behind = normalised(letters[:, ~goes_on])
            mixed[~goes_on] = inside[-1] * self._behind.mixed(behind, sureness(behind))
        return mixed

    def _place(self) -> Iterator[Hashable]:
        """Contexts: how much of which kind of token has begun, and how likely each model of words has it spelled."""
        yield self._begun == SPACE, min(len(self._begun), LONGEST_TOLD)
        for number, model in enumerate(self._of_words):
            yield "spelled", number, min(int(model.spelled_share * SHARES), SHARES - 1)

    def feed(self, id_: int) -> None:
        """Pass a character, or the document's end, and learn from it."""
        self.distribution()
        goes_on = self._alphabet.going_on(self._begun)
        if goes_on[id_]:
            self._within.learn(int(goes_on[:id_].sum()))
        else:
            self._within.learn(int(goes_on.sum()))
            self._behind.learn(int((~goes_on)[:id_].sum()))
            self._end_token()
        self._next = None
        for stepper in self._of_characters:
            stepper.feed(id_)
        if id_ == DOC:
            for model in self._of_words:
                model.document()
            return
        self._begun += self._alphabet.characters[id_]
        for model in self._of_words:
            model.feed(self._begun[-1])
        if is_whole(self._begun):
            self._end_token()

    def _end_token(self) -> None:
        for model in self._of_words:
            model.token()
        self._begun = ""


def normalised(probabilities: Floats) -> Floats:
    """Rows (models, n) that sum to 1; equal shares for a row of zeros."""
    sums = probabilities.sum(1, keepdims=True)
    return np.where(sums > 0, probabilities / np.where(sums > 0, sums, 1.0), 1 / probabilities.shape[1])


def sureness(probabilities: Floats) -> Iterator[Hashable]:
    """A context for each model (models, n): how many bits its likeliest outcome needs."""
    for number, bits in enumerate(-np.log2(probabilities.max(1))):
        yield "sure", number, min(int(bits * STEPS_A_BIT), MOST_STEPS)
