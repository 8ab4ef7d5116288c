"""Contrasts between columns, and differences over some of the words or under noise, from what comparison.json has.

Two networks that stopped early differ in their speed of learning, not in their final quality. So a contrast names a
loser as undertrained that was still improving by more than the difference, or that needs more bits than PPMd.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import Any

import numpy as np

from toolkit.evaluation.estimate import (
    SAFE_SMALLEST_P,
    Estimate,
    documents_needed,
    permutations_needed,
    seeds_needed,
    smallest_p,
    t_quantile,
)
from toolkit.evaluation.statistics import EQUALLY_LARGE, FEW_THOUSANDS, Columns, Places, pair_places, pair_table
from toolkit.evaluation.units import columns_over_units, in_units
from toolkit.events.distribution import Floats
from toolkit.results.cell import ALONE, LEARNING, Cell, HistoryRow, Row, RowKind, mean_total, ppmd
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Contrast, Difference, Limit, Over
from toolkit.results.corpus import DOCUMENT, SEGMENT, Unit
from toolkit.results.record import grouped, say
from toolkit.results.text import ALPHA

CHECKS = 3  # the last validations, over which improvement is measured
MOST_DOCUMENTS = 1_000  # the largest number that is recommended
OVERFITTING = 0.8  # share of training: an earlier best check means overfitting
RISE = 0.01  # bits per character of the validation text above the best check


@dataclass(frozen=True)
class Training:
    """The training of a column, or of a row made of its cells.

    ``improving`` is the fall of the last checks in bits per character of the validation text. It is per pass over the
    training text, and the largest of all seeds, or None with too few checks. ``above_ppmd``: it needs more bits of the
    held-out text than the PPMd that reads it in the most similar way. ``overfit`` is the share of training after which
    validation became worse, if it did.
    """

    improving: float | None
    above_ppmd: bool
    overfit: float | None = None

    def undertrained(self, margin: float) -> bool:
        """Whether longer training may change a difference of ``margin`` bits per character."""
        return self.overfit is None and (self.above_ppmd or (self.improving or 0.0) > margin)


def training(comparison: Comparison) -> dict[str, Training]:
    """Return the training of each trained column, and of each row of one under its title."""
    states = dict[str, Training]()
    paying: dict[str, Sequence[Cell | Row]] = {**comparison.by_column, **comparison.rows_by_title}
    for title, of_title in paying.items():
        first = of_title[0]
        cells = comparison.by_column.get(first.column, [])  # none of a mixture
        if cells and not cells[0].counted:
            falls = (fall(cell.history, comparison.corpus.train_characters) for cell in cells)
            improving = max((fallen for fallen in falls if fallen is not None), default=None)
            peer = ppmd(
                comparison.baselines, LEARNING if isinstance(first, Row) and first.rate is not None else ALONE
            )
            above = peer is not None and mean_total(of_title) > peer.bits_per_character
            states[title] = Training(improving, above, overfitting(cells))
    return states


def overfitting(cells: Sequence[Cell]) -> float | None:
    """Return the share of training at the best check of the seed that overfits first; None if no seed does."""
    checks = [(cell.best_check, cell.history[-1]) for cell in cells]
    shares = [
        best.updates / last.updates
        for best, last in checks
        if last.valid_bits_per_character - best.valid_bits_per_character > RISE
    ]
    return next((share for share in sorted(shares) if share < OVERFITTING), None)


def fall(history: Sequence[HistoryRow], characters: int) -> float | None:
    """Return by how many bits per character and pass over ``characters`` the last checks fell; 0 if they rose.

    None with fewer than two checks.
    """
    last = history[-CHECKS:]
    if len(last) < 2:
        return None
    fallen = last[0].valid_bits_per_character - last[-1].valid_bits_per_character
    return max(0.0, fallen * characters / (last[-1].characters_seen - last[0].characters_seen))


def contrasts_of(comparison: Comparison) -> list[Contrast]:
    """Return all pairs of columns, over units and seeds; then all pairs of rows of the same kind."""
    families: dict[str, Mapping[str, Sequence[Cell | Row]]] = {"columns": comparison.by_column}
    for row_kind, rows in grouped(comparison.rows_by_title.items(), lambda titled: titled[1][0].kind).items():
        families[row_kind] = dict(rows)
    states, unit, contrasts = training(comparison), comparison.unit, list[Contrast]()
    for kind, family in families.items():
        if len(family) > 1:
            estimates = columns_over_units(comparison, list(family.values())).contrasts()
            pairs = zip(combinations(family, 2), estimates, strict=True)
            contrasts += [contrast(a, b, estimate, [states], unit, kind) for (a, b), estimate in pairs]
    return contrasts


def contrast(
    a: str,
    b: str,
    estimate: Estimate,
    training: Sequence[Mapping[str, Training]],
    unit: Unit = DOCUMENT,
    kind: str | RowKind = "columns",
    over: Over = "text",
) -> Contrast:
    """Return the record of an estimate, with its outcome.

    ``training`` has an entry per fold, or one for the only split.
    """
    difference = _difference(a, b, estimate, over)
    significant, equal = difference.significant, not estimate.estimate
    margin = abs(difference.difference) if significant else difference.half_width
    doubtful = [difference.ranked[1]] if significant else [] if equal else [a, b]
    facts: dict[str, Any] = {"limit": None, "needed": None}
    facts["undertrained"] = [  # a counted column has no training
        name for name in doubtful if any(fold[name].undertrained(margin) for fold in training if name in fold)
    ]
    if significant:
        facts["outcome"] = "a" if difference.difference < 0 else "b"
    elif equal:
        facts["outcome"] = "equal"
    else:
        few = smallest_p(estimate.documents, estimate.columns) > ALPHA
        limit, needed = _shortage(estimate, unit, few=few) if over == "text" else ("units", None)
        facts |= {"outcome": "too few units" if few else "undecided", "limit": limit, "needed": needed}
    facts |= {"kind": kind, "unit": unit, "units": estimate.documents, "seeds": estimate.seeds}
    facts |= {"fewer_in": estimate.fewer, "smallest_detectable": estimate.smallest_detectable}
    record = Contrast(**difference.model_dump(), **facts)
    return record.model_copy(update={"verdict": say("verdict", record)})


def _difference(a: str, b: str | None, estimate: Estimate, over: Over, at: str | None = None) -> Difference:
    low = estimate.estimate - estimate.half_width
    high = estimate.estimate + estimate.half_width
    family = {"p": estimate.p, "family": estimate.contrasts}
    return Difference(a=a, b=b, over=over, at=at, difference=estimate.estimate, low=low, high=high, **family)


def _shortage(estimate: Estimate, unit: Unit, *, few: bool) -> tuple[Limit, float | None]:
    """What limits an undecided contrast, and how many more would do if the estimate is the true difference.

    Of segments it is how many times the text. ``few``: no p of so few units can be 0.05.
    """
    if estimate.excludes_zero and not few:  # p limits it, and says nothing about how much more it needs
        return "units", None
    if estimate.seed_variance > estimate.document_variance and not few:
        if min(estimate.seeds) == 1:
            return "seeds", None
        seeds = seeds_needed(estimate)
        return ("both", None) if seeds is None else ("seeds", seeds - min(estimate.seeds))
    documents = documents_needed(estimate)
    if documents is None or documents > MOST_DOCUMENTS:
        return "both" if estimate.seed_variance else "units", None
    level = ALPHA if unit == SEGMENT else SAFE_SMALLEST_P
    documents = max(documents, permutations_needed(estimate.columns, level))
    return "units", documents / estimate.documents if unit == SEGMENT else documents - estimate.documents


def leads(comparison: Comparison) -> list[Difference]:
    """Return the best column minus the next one, for each frequency band and part of speech.

    Their intervals hold for all pairs of columns together, and for all bands together or all parts of speech. Words in
    too few documents for any significant p have no lead. One column alone, and segments, have no leads at all.
    """
    columns = comparison.by_column
    if len(columns) < 2 or comparison.unit == SEGMENT:
        return []
    differences = []
    kinds: tuple[Over, ...] = ("band", "part of speech")
    for over in kinds:
        bits = {name: [_bits_by_label(cell, over) for cell in cells] for name, cells in columns.items()}
        first, *later = (by_label for cells in bits.values() for by_label in cells)
        common = [label for label in first if all(label in by_label for by_label in later)]
        for label, characters in common:
            of_columns = {name: [cell[label, characters] for cell in cells] for name, cells in bits.items()}
            differences.append(lead(over, label, characters, of_columns, len(common)))
    return [difference for difference in differences if difference is not None]


def _bits_by_label(cell: Cell, over: Over) -> dict[tuple[str, tuple[int, ...]], list[float]]:
    """The bits of each document's words, by their label and characters: two versions of a tagger may label others."""
    bands = [(band.band, band.documents) for band in cell.by_frequency]
    labelled = bands if over == "band" else [(part.pos, part.documents) for part in cell.by_part_of_speech]
    return {
        (label, tuple(share.characters for share in shares)): [share.bits for share in shares]
        for label, shares in labelled
    }


def lead(
    over: Over,
    label: str,
    characters: Sequence[int],
    columns: Mapping[str, Sequence[Sequence[float]]],
    labels: int = 1,
) -> Difference | None:
    """Return the best column minus the next one, from bits (seeds, documents) that each pays for some of the words.

    The critical value grows with the number of ``labels`` that are read together as Bonferroni's t does.
    """
    names, lengths = list(columns), np.array(characters, float)
    having = lengths > 0
    if smallest_p(int(having.sum()), len(names)) > ALPHA:
        return None
    bits = [np.array(seeds)[:, having] for seeds in columns.values()]
    measured = Columns(bits, lengths[having], thousands=FEW_THOUSANDS)
    best, following, *_ = order = measured.fewest_first()
    ordered = measured.ordered(order)  # the first pair is the best and the next one
    error = math.sqrt(ordered.pairs.variances[0] + ordered.seed_variances[0])
    free, level = int(having.sum()) - 1, ALPHA / 2 / len(ordered.t)
    wider = t_quantile(1 - level / labels, free) / t_quantile(1 - level, free)
    half = float(ordered.critical_values(np.random.default_rng(0))[0]) * wider * error
    difference = float(ordered.pairs.differences[0])
    interval = {"difference": difference, "low": difference - half, "high": difference + half}
    return Difference(
        a=names[best], b=names[following], over=over, at=label, **interval, family=len(ordered.t) * labels
    )


def noise_differences(comparison: Comparison) -> list[Difference]:
    """Return how columns' extra bits differ from each other's and from none, for each kind of noise.

    The intervals of one kind of noise hold together. A column whose tokenizer refused a text is left out there.
    """
    differences = []
    for kind in dict.fromkeys(noise.name for cell in comparison.done for noise in cell.noise):
        extra = dict[str, list[list[Any]]]()
        for column, cells in comparison.by_column.items():
            seeds = [noise.documents for cell in cells for noise in cell.noise if noise.name == kind]
            if len(seeds) == len(cells):
                extra[column] = seeds
        first = next(chain(*extra.values()), [])
        if len(first) < 2:
            continue
        lengths = np.array([share.characters for share in first], float)
        bits = [
            np.array([[share.bits for share in documents] for documents in seeds]) for seeds in extra.values()
        ]
        none = np.zeros((2, len(lengths)))  # of two seeds, so it is known that chance in training adds nothing
        columns = in_units(Columns([*bits, none], lengths, thousands=FEW_THOUSANDS), comparison.unit)
        pairs = zip(combinations([*extra, None], 2), columns.contrasts(), strict=True)
        differences += [_difference(str(a), b, estimate, "noise", kind) for (a, b), estimate in pairs]
    return differences


def fraction_differences(comparison: Comparison) -> list[Difference]:
    """Return the differences of all pairs of columns at each fraction, if they have a result at every fraction."""
    fractions = [facts.fraction for facts in comparison.corpus.fractions]
    by_column = {
        name: grouped((cell for cell in comparison.done if cell.column == name), lambda cell: cell.fraction)
        for name in comparison.columns
    }
    columns = {name: cells for name, cells in by_column.items() if cells.keys() == set(fractions)}
    if len(columns) < 2:
        return []
    measured = columns_over_units(
        comparison, [cells[fraction] for cells in columns.values() for fraction in fractions]
    )
    rows = np.arange(len(measured.bits)).reshape(len(columns), -1)  # (columns, fractions)
    order = np.argsort(measured.means.reshape(len(columns), -1).sum(axis=1), kind="stable")
    ordered = measured.ordered(rows[order].ravel().tolist())  # so the order of columns changes no draw
    places = pairs_at_each_fraction(*rows.shape)
    positions = pair_places(order.tolist())
    critical = ordered.critical_values(np.random.default_rng(0), places.ravel().tolist())[places][positions]
    p = adjusted_p(ordered, len(columns), np.random.default_rng(1))[positions]
    estimates = measured.pairs.differences[places]
    halves = critical * np.sqrt(measured.pairs.variances + measured.seed_variances)[places]
    numbers = np.stack([estimates, estimates - halves, estimates + halves, p], axis=-1).reshape(-1, 4).tolist()
    return [
        Difference(
            a=a, b=b, over="fraction", at=at, difference=difference, low=low, high=high, p=adjusted, family=p.size
        )
        for ((a, b), at), (difference, low, high, adjusted) in zip(
            product(combinations(columns, 2), fractions), numbers, strict=True
        )
    ]


def pairs_at_each_fraction(columns: int, fractions: int) -> Places:
    """Return the place, among all pairs, of each pair of columns at each fraction (pairs of columns, fractions)."""
    (a, b), at = np.triu_indices(columns, 1), np.arange(fractions)
    places: Places = pair_table(columns * fractions)[a[:, None] * fractions + at, b[:, None] * fractions + at]
    return places


def adjusted_p(measured: Columns, columns: int, rng: np.random.Generator) -> Floats:
    """Return p of each pair of columns at each fraction (pairs of columns, fractions), adjusted for all of them.

    ``measured`` has column by column its fractions. Within each document the columns change places, at all fractions
    alike. p is the share of permutations whose largest |t| of all pairs and fractions reaches the measured one
    (Westfall & Young 1993, the single-step maximum).
    """
    rows = np.arange(len(measured.bits)).reshape(columns, -1)
    places = pairs_at_each_fraction(*rows.shape)
    least = EQUALLY_LARGE * measured.t[places]
    largest = np.concatenate([t[:, places].max(axis=(1, 2)) for t in measured.permuted([rows], rng)])  # (draws,)
    p: Floats = (1 + (largest[:, None, None] >= least).sum(axis=0)) / (1 + len(largest))
    return np.maximum(p, smallest_p(len(measured.characters), columns))
