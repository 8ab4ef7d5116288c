"""Ids drawn from any model, one event at a time."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Ids

if TYPE_CHECKING:
    from toolkit.inference.model import Model

CHUNK = 16  # ids drawn per stream between yields: what a text does not need any more is drawn in vain


class Likeliest(NamedTuple):
    """Which ids are drawn: the ``top_k`` likeliest, those that together reach a probability (``top_p``), or all."""

    top_k: int | None = None
    top_p: float | None = None


ALL = Likeliest()


def draw(model: "Model", prompt: Ids, seeds: Sequence[int], temperature: float, likeliest: Likeliest) -> Iterator[Ids]:
    """``Model.sample``, event by event: for models without a faster way."""
    streams = [(model.start(), np.random.default_rng([seed, 2])) for seed in seeds]
    may_be_drawn = model.tokenizer.vocabulary.reserve.trained.copy()
    may_be_drawn[DOC] = False
    for stepper, _ in streams:
        for id_ in prompt[1:].tolist():
            stepper.feed(id_)
    while True:
        chunk = np.empty((len(streams), CHUNK), np.int32)
        for row, (stepper, rng) in zip(chunk, streams, strict=True):
            for place in range(CHUNK):
                weights = restricted(np.where(may_be_drawn, stepper.distribution(), 0.0), temperature, likeliest)
                row[place] = drawn = draw_one(weights, rng)
                stepper.feed(drawn)
        yield chunk


def draw_one(shares: Floats, rng: np.random.Generator) -> int:
    """What ``rng.choice(len(shares), p=shares)`` draws, in half of its time; shares (V,) are nowhere negative.

    Raises ValueError if they do not sum to 1.

    >>> draw_one(np.array([0.0, 1.0]), np.random.default_rng(0))
    1
    """
    cumulative = shares.cumsum()
    if not abs(cumulative[-1] - 1) < 1e-8:  # also if it is not a number
        raise ValueError(f"what is to be drawn from sums to {cumulative[-1]}, not to 1")
    cumulative /= cumulative[-1]
    return int(cumulative.searchsorted(rng.random(), "right"))


def restricted(probabilities: Floats, temperature: float, likeliest: Likeliest) -> Floats:
    """Probabilities (V,) at a temperature, of the likeliest alone.

    >>> restricted(np.array([0.5, 0.25, 0.25, 0.0]), 0.5, ALL).round(3).tolist()
    [0.667, 0.167, 0.167, 0.0]
    >>> restricted(np.array([0.5, 0.3, 0.2]), 1.0, Likeliest(top_p=0.7)).round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    top_k, top_p = likeliest
    weights = (probabilities / probabilities.max()) ** (1 / temperature)
    if top_k is not None and top_k < len(weights):
        weights[weights < np.partition(weights, -top_k)[-top_k]] = 0.0
    if top_p is not None:
        descending = np.sort(weights)[::-1]
        before = np.cumsum(descending) - descending  # the weight of all likelier ids
        weights[weights < descending[before < top_p * descending.sum()].min()] = 0.0
    shares: Floats = weights / weights.sum()
    return shares
