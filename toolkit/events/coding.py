"""The events of a document as a coder codes them, and checks that a decoder can follow.

Nothing here depends on the kind of model: its stepper gives the distribution of each next event.
"""

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from toolkit.errors import ContractError
from toolkit.events.distribution import SMALLEST, SUM_TOLERANCE, Distribution, Floats, Uniform, bits
from toolkit.events.encoding import DOC, SPELLING, Events, Reserve, Tokenizer, Vocabulary

SHOWN_CHARACTERS = 20  # of a text in a message


class Logits(Protocol):
    """A network that reads one event at a time."""

    def feed(self, id_: int) -> None:
        """Read an id. ``<doc>`` starts a document from the zero state."""

    def logits(self) -> npt.NDArray[np.floating]:
        """Return logits (V,) of the next event. An untrained id has a meaningless logit."""


class Outlook(Protocol):
    """A model's outputs after the text so far. Similar outputs expect similar text."""

    @property
    def outputs(self) -> Floats:
        """The outputs (H,), from −1 to 1. They are the same on every processor."""

    def feed(self, id_: int) -> None:
        """Read any id of the tokenizer. ``<doc>`` starts a document."""


class Stepper(Protocol):
    """A model that passes one event at a time, through one document after another."""

    def distribution(self) -> Floats:
        """Return P (V,) of the next event, given all before it."""

    def feed(self, id_: int) -> None:
        """Pass an event. ``<doc>`` ends a document and starts the next."""


class LogitStepper:
    """A ``Stepper``: a network's logits, with the reserve for untrained ids."""

    def __init__(self, network: Logits, reserve: Reserve) -> None:
        self._network, self._reserve = network, reserve
        self._network.feed(DOC)

    def distribution(self) -> Floats:
        """Return P (V,) of the next event."""
        return self._reserve.distribution(self._network.logits())

    def feed(self, id_: int) -> None:
        """Pass an event. The network does not read ids outside it."""
        if id_ not in self._reserve.outside:
            self._network.feed(id_)


def encode_document(
    stepper: Stepper, tokenizer: Tokenizer, encoding: Events, put: Callable[[Distribution, int], None]
) -> None:
    """Call ``put`` with the distribution and the outcome of each event of a document."""
    spelling, spelled = tokenizer.speller.start(), tokenizer.vocabulary.spelled
    for place, id_ in enumerate(encoding.ids.tolist()):
        put(stepper.distribution(), id_)
        if id_ in spelled:
            for distribution, outcome in spelling.events(spelled[id_], encoding.surfaces[place]):
                put(distribution, outcome)
            spelling.observe(spelled[id_], encoding.surfaces[place])
        stepper.feed(id_)


def decode_document(stepper: Stepper, tokenizer: Tokenizer, pick: Callable[[Distribution], int]) -> str:
    """Return the text of a document whose events have the outcomes that ``pick`` returns."""
    spelling, spelled = tokenizer.speller.start(), tokenizer.vocabulary.spelled
    ids: list[int] = []
    surfaces: dict[int, str] = {}
    while (id_ := pick(stepper.distribution())) != DOC:
        if id_ in spelled:
            surfaces[len(ids)] = spelling.read(spelled[id_], pick)
            spelling.observe(spelled[id_], surfaces[len(ids)])
        ids.append(id_)
        stepper.feed(id_)
    stepper.feed(DOC)
    return tokenizer.decode(ids, surfaces)


def spelling_events(tokenizer: Tokenizer, encoding: Events) -> Iterator[tuple[int, Distribution, int]]:
    """Yield the place of a network event, the distribution and the outcome for each event of spelling behind it."""
    spelling = tokenizer.speller.start()
    for place, surface in sorted(encoding.surfaces.items()):
        word_class = tokenizer.vocabulary.spelled[int(encoding.ids[place])]
        for distribution, outcome in spelling.events(word_class, surface):
            yield place, distribution, outcome
        spelling.observe(word_class, surface)


def spelling_bits(tokenizer: Tokenizer, encoding: Events) -> Floats:
    """Return the bits (n,) of the spelling behind each network event of a document."""
    by_event = np.zeros(len(encoding))
    for place, distribution, outcome in spelling_events(tokenizer, encoding):
        by_event[place] += bits(distribution, outcome)
    return by_event


# Checks: each raises ContractError. ``shown`` names the text.


def expect(condition: bool, message: str) -> None:
    """Raise ContractError with the message unless the condition holds."""
    if not condition:
        raise ContractError(message)


def check_distribution(distribution: Distribution, outcome: int, shown: str) -> None:
    """Check that probabilities sum to one, that a coder can represent each, and that the outcome is one of theirs."""
    if isinstance(distribution, Uniform):
        outcomes = distribution.outcomes
    else:
        outcomes, total, least = distribution.size, float(distribution.sum()), float(distribution.min())
        expect(abs(total - 1) <= SUM_TOLERANCE, f"{shown}: probabilities sum to {total:.9g}, not to 1")
        expect(least >= SMALLEST, f"{shown}: a probability of {least:.3g} is smaller than a coder can represent")
    expect(0 <= outcome < outcomes, f"{shown}: outcome {outcome} of {outcomes}")


def check_vocabulary(vocabulary: Vocabulary) -> None:
    """Check that the reserve is a ``Reserve``, and that its probabilities sum to one."""
    reserve = vocabulary.reserve
    expect(type(reserve) is Reserve, f"the reserve is a {type(reserve).__name__}, not a Reserve")
    expect(0 <= reserve.surprises <= reserve.events, f"{reserve.surprises} of {reserve.events} events are no surprises")
    uniform = np.full(reserve.trained_count, 1 / reserve.trained_count)
    check_distribution(reserve.spread(uniform), DOC, "the vocabulary")


def check_encoding(vocabulary: Vocabulary, encoding: Events, length: int, shown: str) -> None:
    """Check that events cover a text of this length, end with ``<doc>`` and have the surfaces of spelled ids."""
    ids, widths = encoding.ids, encoding.widths
    expect(bool((ids >= 0).all() and (ids < len(vocabulary)).all()), f"{shown}: an id is not in the vocabulary")
    expect(
        np.flatnonzero(ids == DOC).tolist() == [len(ids) - 1], f"{shown}: <doc> must be the last event, and only that"
    )
    covers = encoding.characters == length and widths[-1] == 0 and bool((widths >= 0).all())
    expect(covers, f"{shown}: the events before <doc> do not cover the text of {length} characters")
    hidden = set(np.flatnonzero(np.isin(ids, list(vocabulary.spelled))).tolist())
    expect(hidden == set(encoding.surfaces), f"{shown}: surfaces must be given for the spelled ids and no others")


def check_text(text: object, expected: str, shown: str) -> None:
    """Check that a decoded text is the expected one."""
    expect(isinstance(text, str), f"{shown}: the decoder returns a {type(text).__name__}, not a text")
    if text != expected:
        begin = len(os.path.commonprefix([str(text), expected]))  # noqa: RUF071 - of characters
        before, after = (whole[begin : begin + SHOWN_CHARACTERS] for whole in (expected, str(text)))
        raise ContractError(f"{shown}: the decoded text differs at character {begin}: {before!r} became {after!r}")


class Written(NamedTuple):
    """A document as an encoder writes it."""

    name: str
    ids: list[int]  # (n,), the last of them <doc>
    outcomes: list[list[int]]  # of the spelling behind each spelled id


class ReadBack(NamedTuple):
    """A document as a decoder reads it."""

    text: str
    bits: list[float]  # of the spelling behind each spelled id


def spelled_outcomes(tokenizer: Tokenizer, encoding: Events, shown: str) -> list[list[int]]:
    """Return the checked outcomes of each surface of a document, in reading order."""
    outcomes: dict[int, list[int]] = {place: [] for place in sorted(encoding.surfaces)}
    for place, distribution, outcome in spelling_events(tokenizer, encoding):
        check_distribution(distribution, outcome, shown)
        outcomes[place].append(int(outcome))
    return list(outcomes.values())


def read_back(tokenizer: Tokenizer, written: Written) -> ReadBack:
    """Decode a written document, with a tokenizer that has not seen it. Check each outcome of its spelling."""
    spelling, spelled = tokenizer.speller.start(), tokenizer.vocabulary.spelled
    surfaces: dict[int, str] = {}
    paid: list[float] = []
    by_surface, left = iter(written.outcomes), iter(list[int]())

    def pick(distribution: Distribution) -> int:
        outcome = next(left, -1)
        expect(outcome >= 0, f"{written.name}: the decoder of a spelling reads more than was written")
        check_distribution(distribution, outcome, written.name)
        paid[-1] += bits(distribution, outcome)
        return outcome

    for place, id_ in enumerate(written.ids[:-1]):
        if id_ in spelled:
            left = iter(next(by_surface, list[int]()))
            paid.append(0.0)
            surfaces[place] = spelling.read(spelled[id_], pick)
            spelling.observe(spelled[id_], surfaces[place])
            expect(next(left, -1) < 0, f"{written.name}: the decoder of a spelling reads less than was written")
    return ReadBack(tokenizer.decode(written.ids[:-1], surfaces), paid)


def without_pending_space(text: str, encoding: Events, place: int) -> str:
    """Return the text before an event, without the space before a word that is being spelled there.

    A decoder learns whether a space precedes such a word only when the word is whole.
    """
    if encoding.parts[place] != SPELLING:
        return text
    unspelled = np.flatnonzero(encoding.parts[:place] != SPELLING)
    begin = int(encoding.starts[unspelled[-1]]) if len(unspelled) else 0
    return text[:begin] + text[begin:].removeprefix(" ")


def described(vocabulary: Vocabulary) -> dict[str, object]:
    """Return everything in a vocabulary, as values that can be compared and sent to another process."""
    reserve = vocabulary.reserve
    return {
        "tokens": list(vocabulary.tokens),
        "spelled": dict(vocabulary.spelled),
        "spelling_part": vocabulary.spelling_part,
        "ending": np.flatnonzero(vocabulary.ends_words).tolist(),
        "trained": np.flatnonzero(reserve.trained).tolist(),
        "reserve": (reserve.surprises, reserve.events, dict(reserve.outside)),
    }
