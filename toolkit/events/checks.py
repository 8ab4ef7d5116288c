"""What an encoding and its spelling must keep so that a coder can follow them; always checked of held-out documents.

Whoever reads back has ids and outcomes only, as a decoder has, and adds up what it pays. Nothing here needs a model.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from toolkit.errors import ContractError
from toolkit.events.distribution import SMALLEST, SUM_TOLERANCE, Distribution, Uniform, bits
from toolkit.events.encoding import DOC, SPELLING, Events
from toolkit.events.protocols import Tokenizer
from toolkit.events.vocabulary import Reserve, Vocabulary


def expect(condition: bool, message: str) -> None:
    """Raise ContractError with the message unless the condition holds."""
    if not condition:
        raise ContractError(message)


def check_distribution(distribution: Distribution, outcome: int, shown: str) -> None:
    """Raise ContractError unless these are probabilities that a coder can use, and the outcome is one of theirs.

    They sum to one, and none is smaller than the coder's fixed point can hold. ``shown`` names the text.
    """
    if isinstance(distribution, Uniform):
        outcomes = distribution.outcomes
    else:
        outcomes, total = distribution.size, float(distribution.sum())
        expect(abs(total - 1) <= SUM_TOLERANCE, f"{shown}: probabilities sum to {total:.9g}, not to 1")
        least = float(distribution.min())
        expect(least >= SMALLEST, f"{shown}: a probability of {least:.3g} is smaller than a coder can represent")
    expect(0 <= outcome < outcomes, f"{shown}: outcome {outcome} of {outcomes}")


def check_vocabulary(vocabulary: Vocabulary) -> None:
    """Raise ContractError unless the reserve is ours and leaves probabilities that sum to one."""
    reserve = vocabulary.reserve
    expect(type(reserve) is Reserve, f"the reserve is a {type(reserve).__name__}, not a Reserve")
    expect(0 <= reserve.surprises <= reserve.events, f"{reserve.surprises} of {reserve.events} events are no surprises")
    uniform = np.full(reserve.trained_count, 1 / reserve.trained_count)
    check_distribution(reserve.spread(uniform), DOC, "the vocabulary")


def check_encoding(vocabulary: Vocabulary, encoding: Events, length: int, shown: str) -> None:
    """Raise ContractError if the encoding of a text of this length is malformed."""
    ids, ends = encoding.ids, encoding.ends
    expect(len(ids) > 0, f"{shown}: there are no events")
    expect(bool((ids >= 0).all() and (ids < len(vocabulary)).all()), f"{shown}: an id is not in the vocabulary")
    expect(ids[-1] == DOC and not (ids[:-1] == DOC).any(), f"{shown}: <doc> must be the last event, and only that")
    covers = ends[-1] == length and encoding.widths[-1] == 0 and bool((encoding.widths >= 0).all())
    expect(
        covers,
        f"{shown}: the events do not cover the text from beginning to end, with nothing left for <doc>: "
        f"they end at {ends[-1]}, and the text has {length} characters",
    )
    hidden = set(np.flatnonzero(np.isin(ids, list(vocabulary.spelled))).tolist())
    expect(hidden == set(encoding.surfaces), f"{shown}: surfaces must be given for the spelled ids and no others")


def spelled_outcomes(tokenizer: Tokenizer, encoding: Events, shown: str) -> list[list[int]]:
    """The outcomes of every surface of a document, in reading order.

    Raises ContractError if one is no outcome of its distribution.
    """
    spelling = tokenizer.speller.start()
    by_surface = []
    for place, surface in sorted(encoding.surfaces.items()):
        word_class = tokenizer.vocabulary.spelled[int(encoding.ids[place])]
        outcomes = []
        for distribution, outcome in spelling.events(word_class, surface):
            check_distribution(distribution, outcome, shown)
            outcomes.append(int(outcome))
        spelling.observe(word_class, surface)
        by_surface.append(outcomes)
    return by_surface


@dataclass(frozen=True)
class Written:
    """What an encoder writes of a document: the network's events, and the outcomes of each surface behind them."""

    name: str
    ids: list[int]  # (n,), the last of them <doc>
    outcomes: list[list[int]]  # by spelled id


@dataclass(frozen=True)
class ReadBack:
    """What a decoder makes of it: the text, and the bits of each surface that it paid for."""

    text: str
    bits: list[float]  # by spelled id


def read_back(tokenizer: Tokenizer, written: Written) -> ReadBack:
    """The text of what was written, by a tokenizer that has not seen it.

    Raises ContractError if that reads more or less than was written, or an outcome that is none of its distribution.
    """
    spelling, spelled = tokenizer.speller.start(), tokenizer.vocabulary.spelled
    surfaces: dict[int, str] = {}
    replay = Replay(written.name)
    outcomes = iter(written.outcomes)
    paid = []
    for place, id_ in enumerate(written.ids[:-1]):
        if id_ in spelled:
            replay.begin(next(outcomes, []))
            surfaces[place] = spelling.read(spelled[id_], replay.pick)
            spelling.observe(spelled[id_], surfaces[place])
            paid.append(replay.end())
    return ReadBack(tokenizer.decode(written.ids[:-1], surfaces), paid)


class Replay:
    """A decoder's ``pick`` that reads a list of outcomes, surface by surface, and adds up their bits."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self._left: Iterator[int] = iter(())
        self._bits = 0.0

    def begin(self, outcomes: Iterable[int]) -> None:
        """Start a surface."""
        self._left, self._bits = iter(outcomes), 0.0

    def pick(self, distribution: Distribution) -> int:
        """The next outcome."""
        outcome = next(self._left, -1)
        expect(outcome >= 0, f"{self.shown}: the decoder of a spelling reads more than was written")
        check_distribution(distribution, outcome, self.shown)
        self._bits += bits(distribution, outcome)
        return outcome

    def end(self) -> float:
        """The surface's bits."""
        expect(next(self._left, -1) < 0, f"{self.shown}: the decoder of a spelling reads less than was written")
        return self._bits


def check_text(text: object, expected: str, shown: str) -> None:
    """Raise ContractError unless the text came back."""
    expect(isinstance(text, str), f"{shown}: what is decoded is a {type(text).__name__}, not a text")
    if text != expected:
        place = common_length(str(text), expected)
        came = str(text)[place : place + 20]
        raise ContractError(
            f"{shown}: the decoded text differs at character {place}: {expected[place : place + 20]!r} "
            f"came back as {came!r}"
        )


def without_pending_space(text: str, encoding: Events, place: int) -> str:
    """The text of the events before a place, without the space before a word that is being spelled there, if one is.

    Nobody knows of such a word, until it is whole, whether a space is before it.
    """
    if encoding.parts[place] != SPELLING:
        return text
    others = np.flatnonzero(encoding.parts[:place] != SPELLING)
    begin = int(encoding.starts[others[-1]]) if len(others) else 0
    return text[:begin] + text[begin:].removeprefix(" ")


def common_length(text: str, other: str) -> int:
    """How many characters two texts begin with in common.

    >>> common_length("moon", "mood"), common_length("moon", "mo")
    (3, 2)
    """
    return next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))


def described(vocabulary: Vocabulary) -> dict[str, object]:
    """All that a vocabulary says, as plain values that can be compared."""
    reserve = vocabulary.reserve
    return {
        "tokens": list(vocabulary.tokens),
        "spelled": dict(vocabulary.spelled),
        "spelling_part": vocabulary.spelling_part,
        "ending": np.flatnonzero(vocabulary.ends_words).tolist(),
        "trained": np.flatnonzero(reserve.trained).tolist(),
        "surprises": reserve.surprises,
        "events": reserve.events,
        "outside": dict(reserve.outside),
    }
