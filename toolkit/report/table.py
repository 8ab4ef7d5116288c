"""The table of columns: the quantities of a column, and the amounts of rows made of cells and of compressors."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

from toolkit.report.columns import ColumnResult, Results
from toolkit.report.names import PART_NAMES, compressor, is_unfolded, meaning
from toolkit.results.bits import PARTS
from toolkit.results.cell import Cell
from toolkit.results.text import ABSENT, count, decimals, perplexity, seconds


@dataclass(frozen=True)
class Quantity:
    """A column of the table; sections/headings.html.j2 has its unit and meaning.

    ``with_spread`` adds the standard deviation over seeds. The mean of a ``power`` of two has the mean exponent, so it
    goes with the mean of the bits. ``bracket`` reads a count that stands beside the number.
    """

    label: str
    read: Callable[[Cell], float]
    show: Callable[[float | None], str]
    with_spread: bool = False
    power: bool = False
    bracket: Callable[[Cell], float] | None = None

    def mean(self, column: ColumnResult) -> float:
        """Return the mean over the column's seeds."""
        return _power_of_two(column.mean(lambda c: math.log2(self.read(c)))) if self.power else column.mean(self.read)

    def note(self, column: ColumnResult) -> str:
        """Return the spread over seeds or the bracket, if there is one."""
        if self.bracket:
            return f"({count(column.mean(self.bracket))})"
        mean = self.mean(column)
        spread = column.spread(self.read) if self.with_spread and math.isfinite(mean) else None
        return "" if spread is None else f"± {count(spread) if mean >= 1000 else self.show(spread)}"


def _power_of_two(exponent: float) -> float:
    return 2**exponent if exponent < sys.float_info.max_exp else math.inf


def _word_perplexity(cell: Cell) -> float:
    """Return perplexity per word; the cell has the largest float where it is larger than any."""
    return math.inf if cell.word_perplexity >= sys.float_info.max else cell.word_perplexity


def _part(part: str) -> Quantity:
    return Quantity(PART_NAMES[part], lambda c: float(getattr(c.bits_per_character, part)), decimals)


two_decimals = partial(decimals, places=2)
GROUPS = {
    "The bill": (
        Quantity("total", lambda c: c.bits_per_character.total, decimals, with_spread=True),
        *map(_part, PARTS),
        Quantity("per byte", lambda c: c.bits_per_byte, decimals),
    ),
    "The same as perplexity": (
        Quantity("per word", _word_perplexity, perplexity, with_spread=True, power=True),
        Quantity("per token", lambda c: c.perplexity_per_token, perplexity, power=True),
    ),
    "How the text is cut": (
        Quantity("tokens", lambda c: c.tokens, count),
        Quantity("characters per token", lambda c: c.coverage.characters_per_token, two_decimals),
        Quantity("tokens per word", lambda c: c.coverage.tokens_per_word, two_decimals),
        Quantity("vocabulary", lambda c: c.vocabulary_size, count),
    ),
    "The network and its training": (
        Quantity("parameters", lambda c: c.parameters, count, bracket=lambda c: c.embedding_parameters),
        Quantity(
            "multiply–adds", lambda c: c.multiply_adds_per_character.score, count,
            bracket=lambda c: c.multiply_adds_per_character.train,
        ),
        Quantity("characters seen", lambda c: c.characters_seen, count),
        Quantity("updates", lambda c: c.updates, count),
        Quantity("training", lambda c: c.train_seconds, seconds, with_spread=True),
        Quantity("tokenizer", lambda c: c.run_bytes.tokenizer, count),
        Quantity("model", lambda c: c.run_bytes.model, count),
    ),
}  # fmt: skip
QUANTITIES = {quantity.label: quantity for quantities in GROUPS.values() for quantity in quantities}
PRICES = [QUANTITIES[label] for label in ("training", "parameters", "multiply–adds")]  # beside the chart of the bill


def made_rows(results: Results) -> list[dict[str, Any]]:
    """Return a line per title of rows made of cells: the mean over their seeds, or over several ensembles.

    They stand in the order of their columns, and mixtures of several columns are the last.
    """
    lines = []
    for rows in results.comparison.rows_by_title.values():
        paid = {name: fmean(getattr(row.bits_per_character, name) for row in rows) for name in ("total", *PARTS)}
        amounts = {PART_NAMES.get(name, name): decimals(bits) for name, bits in paid.items()}
        amounts["per byte"] = decimals(fmean(row.bits_per_byte for row in rows))
        amounts["per word"] = _per_word(results, paid["total"])
        amounts["per token"] = perplexity(2 ** fmean(math.log2(row.perplexity_per_token) for row in rows))
        lines.append({"rows": rows, "first": rows[0], "bits": paid["total"], "amounts": amounts})
    columns = list(results.colours)
    return sorted(lines, key=lambda line: [*columns, line["first"].column].index(line["first"].column))


def compressor_rows(results: Results) -> list[dict[str, Any]]:
    """Return a line per compressor, the best first."""
    lines = []
    for baseline in sorted(results.comparison.baselines, key=lambda baseline: baseline.bits_per_character):
        amounts = {"total": decimals(baseline.bits_per_character), "per byte": decimals(baseline.bits_per_byte)}
        amounts["per word"] = _per_word(results, baseline.bits_per_character)
        folded = not is_unfolded(baseline)
        lines.append({"name": compressor(baseline), "meaning": meaning(baseline), "folded": folded, "amounts": amounts})
    return lines


def _per_word(results: Results, total: float) -> str:
    """Return perplexity per word for a total, 2^(bits · characters / words), if a column's own is a float."""
    for cell in (column.first for column in results.columns):
        known, bits = _word_perplexity(cell), cell.bits_per_character.total
        if 1 < known < math.inf and bits > 0:
            return perplexity(_power_of_two(total * (math.log2(known) / bits)))
    return ABSENT
