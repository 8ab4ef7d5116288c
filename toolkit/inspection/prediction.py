"""What training will come to: each column's bits per character before anything is trained.

A network of the default recipe needs nearly what an n-gram of the same events needs, which is counted in seconds. By
how much more or less is a linear function of what can be counted, fitted by ridge regression to comparisons of many
corpora (tests/benchmarks/prediction.py), whose result is the file beside this one. How far off it is was measured on
corpora that share no text with those it was fitted to.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import numpy as np

from toolkit.results.inspection import InspectedColumn, Inspection
from toolkit.results.prediction import PredictedColumn, Prediction
from toolkit.results.record import Record
from toolkit.training.recipes import recipe_name

FEATURES = (
    "log10 of the training characters",
    "log2 of the characters per token",
    "share of one-hot tokens",
    "unseen share of the held-out tokens",
    "bits per character of the n-gram",
)


@dataclass(frozen=True)
class ColumnCounts:
    """What the prediction takes of a column: all of it can be counted.

    ``characters`` and ``tokens`` of the training text, the share of held-out tokens that are ``unseen``, and the bits
    per held-out character of the column's n-gram.
    """

    characters: int
    tokens: int
    one_hot: bool
    unseen: float
    ngram_bits: float

    @classmethod
    def of(cls, inspection: Inspection, column: InspectedColumn) -> Self:
        """The counts of a column of an inspection."""
        return cls(
            characters=inspection.text["train"].characters,
            tokens=column.train_tokens,
            one_hot=column.one_hot,
            unseen=inspection.forecasts.unseen,
            ngram_bits=column.ngram.bits_per_character.total,
        )

    @property
    def features(self) -> list[float]:
        """What is fitted to, in the order of ``FEATURES``."""
        return [
            math.log10(self.characters),
            math.log2(self.characters / self.tokens),
            float(self.one_hot),
            self.unseen,
            self.ngram_bits,
        ]


class Corpus(Record):
    """A corpus that the prediction was fitted on."""

    name: str
    characters: int


class Fit(Record):
    """The network's bits above the n-gram's: intercept + Σ coefficient · (feature − mean) / scale.

    ``columns`` are those it was fitted to, with the default options, and ``recipes`` those of their networks;
    ``lowest`` and ``highest`` are the least and the largest of each feature. ``off`` is the root of the mean squared
    error on corpora not fitted on, ``off_between`` that of differences between columns, ``right`` the share of those
    corpora whose best of these columns it named, and ``constant`` the share that naming the same column always,
    ``best``, would have got right. ``quantile`` is how many times either an interval has on each side; since errors go
    together within a text, it has the degrees of freedom of the ``texts``, not of the corpora.
    """

    columns: list[str]
    recipes: list[str]
    lowest: list[float]
    highest: list[float]

    intercept: float
    coefficients: list[float]
    means: list[float]
    scales: list[float]
    off: float
    off_between: float
    right: float
    best: str
    constant: float
    texts: int
    quantile: float
    corpora: list[Corpus]

    def gap(self, features: Sequence[float]) -> float:
        """The network's bits above the n-gram's."""
        standard = (np.asarray(features) - self.means) / self.scales
        return float(self.intercept + standard @ np.asarray(self.coefficients))


@cache
def saved_fit() -> Fit:
    """The fit that comes with the toolkit."""
    return Fit(**json.loads(files(__package__).joinpath("prediction.json").read_text("utf-8")))


def predicted(inspection: Inspection, columns: Sequence[InspectedColumn], fit: Fit) -> Prediction | None:
    """The prediction for these columns, which are networks of the default recipe; None if there are none."""
    if not columns:
        return None
    half = fit.quantile * fit.off
    counts = {column.column: ColumnCounts.of(inspection, column) for column in columns}
    bits = {name: of_column.ngram_bits + fit.gap(of_column.features) for name, of_column in counts.items()}
    as_tried = set(counts) == set(fit.columns)
    return Prediction(
        columns=[
            PredictedColumn(column=name, bits_per_character=value, low=value - half, high=value + half)
            for name, value in bits.items()
        ],
        verdict=verdict(bits, fit),
        beyond=beyond(counts, fit, recipe_name(inspection.text["train"].characters)),
        corpora=len(fit.corpora),
        texts=fit.texts,
        off=fit.off,
        right=fit.right if as_tried else None,
        best=fit.best if as_tried else "",
        constant=fit.constant if as_tried else None,
        seen=seen(inspection.name, inspection.text["train"].characters, fit),
    )


def seen(name: str, characters: int, fit: Fit) -> str:
    """The corpus fitted to that has this name, or as many training characters; nothing if there is none."""
    return next((c.name for c in fit.corpora if c.name == name or c.characters == characters), "")


def beyond(counts: Mapping[str, ColumnCounts], fit: Fit, recipe: str) -> list[str]:
    """What of the columns and their recipe lies outside all that was fitted to: a prediction may be further off."""
    found = [] if recipe in fit.recipes else [f"the recipe is {recipe}, where it was {' or '.join(fit.recipes)}"]
    for place, name in enumerate(FEATURES):
        values = [of_column.features[place] for of_column in counts.values()]
        low, high = fit.lowest[place], fit.highest[place]
        if min(values) < low or max(values) > high:
            found.append(f"the {name}: {between(min(values), max(values))}, where it was {between(low, high)}")
    return found


def between(low: float, high: float) -> str:
    """A range of a feature.

    >>> between(0.1, 0.5), between(6.3, 6.3), between(-0.001, 0.0)
    ('0.10 to 0.50', '6.30', '0.00')
    """
    least, most = f"{low:z.2f}", f"{high:z.2f}"
    return least if least == most else f"{least} to {most}"


def verdict(bits: dict[str, float], fit: Fit) -> str:
    """Which column will win, or that it cannot be said, with how sure that is."""
    best, *others = sorted(bits, key=lambda name: bits[name])
    if not others:
        return f"{best} will need {bits[best]:.2f} ± {fit.quantile * fit.off:.2f} bits per character"
    gap, half = bits[others[0]] - bits[best], fit.quantile * fit.off_between
    if gap > half:
        return f"{best} will win: {gap:.2f} ± {half:.2f} bits per character less than {others[0]}"
    return f"{best} is ahead of {others[0]}, but by too little to be sure: {gap:.2f} ± {half:.2f} bits per character"
