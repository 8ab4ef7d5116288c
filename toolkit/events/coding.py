"""The events of a document as a coder codes them, and checks of tokenizers."""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from toolkit.errors import ContractError
from toolkit.events.distribution import SMALLEST, SUM_TOLERANCE, Distribution, Fine, Floats, Uniform, bits
from toolkit.events.encoding import DOC, Events, Reserve, Tokenizer, Vocabulary


class Stepper(Protocol):
    """A model that passes one event at a time, through one document after another."""

    def distribution(self) -> Floats:
        """Return P (V,) of the next event, given all before it."""

    def feed(self, id_: int) -> None:
        """Pass an event. ``<doc>`` ends a document and starts the next."""


class Outlook(Stepper, Protocol):
    """A stepper with outputs after the text so far. Similar outputs expect similar text."""

    @property
    def outputs(self) -> Floats:
        """The outputs (H,), from −1 to 1."""


def document_events(
    tokenizer: Tokenizer, encoding: Events, stepper: Stepper | None = None
) -> Iterator[tuple[int, Distribution, int]]:
    """Yield place, distribution and outcome of each event of a document; without a stepper, of spelling alone."""
    spelling, spelled = tokenizer.speller.start(), tokenizer.vocabulary.spelled
    ids = encoding.ids.tolist()
    for place in range(len(ids)) if stepper else sorted(encoding.surfaces):
        id_ = ids[place]
        if stepper:
            yield place, stepper.distribution(), id_
        if id_ in spelled:
            for distribution, outcome in spelling.events(spelled[id_], encoding.surfaces[place]):
                yield place, distribution, outcome
            spelling.observe(spelled[id_], encoding.surfaces[place])
        if stepper:
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


def spelling_bits(tokenizer: Tokenizer, encoding: Events) -> Floats:
    """Return the bits (n,) of the spelling behind each network event of a document."""
    by_event = np.zeros(len(encoding))
    for place, distribution, outcome in document_events(tokenizer, encoding):
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
        codable = least > 0 if isinstance(distribution, Fine) else least >= SMALLEST
        if not (abs(total - 1) <= SUM_TOLERANCE and codable):  # also true for NaN
            raise ContractError(f"{shown}: probabilities sum to {total:.9g}, and the least is {least:.3g}")
    if not 0 <= outcome < outcomes:
        raise ContractError(f"{shown}: outcome {outcome} of {outcomes}")


def check_vocabulary(vocabulary: Vocabulary) -> None:
    """Check that the reserve is a ``Reserve``, and that its probabilities sum to one."""
    reserve = vocabulary.reserve
    expect(type(reserve) is Reserve, f"the reserve is a {type(reserve).__name__}, not a Reserve")
    surprises, events = reserve.surprises, reserve.events
    expect(0 <= surprises <= events, f"{surprises} of {events} events cannot be surprises")
    uniform = np.full(reserve.trained_count, 1 / reserve.trained_count)
    check_distribution(reserve.spread(uniform), DOC, "the vocabulary")


def check_encoding(vocabulary: Vocabulary, encoding: Events, length: int, shown: str) -> None:
    """Check that events cover a text of this length, end with ``<doc>`` and have the surfaces of spelled ids."""
    ids, widths = encoding.ids, encoding.widths
    expect(bool((ids >= 0).all() and (ids < len(vocabulary)).all()), f"{shown}: an id is not in the vocabulary")
    only_end = np.flatnonzero(ids == DOC).tolist() == [len(ids) - 1]
    expect(only_end, f"{shown}: <doc> must be the last event, and only that")
    covers = encoding.characters == length and widths[-1] == 0 and bool((widths >= 0).all())
    expect(covers, f"{shown}: the events before <doc> do not cover the text of {length} characters")
    spelled = set(np.flatnonzero(np.isin(ids, list(vocabulary.spelled))).tolist())
    expect(
        spelled == set(encoding.surfaces), f"{shown}: surfaces must be given for the spelled ids and no others"
    )
