"""A comparison as the page shows it: models over their seeds in one order, their names and colours, and the table."""

import math
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from statistics import fmean, stdev
from typing import Any

from toolkit.report.charts import TEMPLATES
from toolkit.results import text
from toolkit.results.bits import PARTS
from toolkit.results.cell import Baseline, Cell
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Generated
from toolkit.results.text import ABSENT, count, decimals, perplexity

NAMES: dict[str, dict[str, Any]] = tomllib.loads((TEMPLATES / "names.toml").read_text("utf-8"))
OTHER_COLOURS = ["#5f8a8a", "#9c6f8a", "#7f8a5f", "#7d7896"]  # of tokenizers that names.toml lacks
MIXTURE_COLOUR = "#7a7a7a"
PART_NAMES: dict[str, str] = NAMES["parts"]
PART_COLOURS: dict[str, str] = NAMES["part_colours"]
BAND_NAMES: dict[str, str] = NAMES["bands"]
MAIN_COMPRESSORS = ("ppmd", "xz")  # after the training text, in charts and the main table
VARIANTS = {"cold": "nothing seen before", "primed": "after the training text, adapting"}
PPMD_BY_DOCUMENT = "after the training text, each held-out document by itself"


def colours(models: Mapping[str, tuple[str, str | None, str]]) -> dict[str, str]:
    """Return the colour of each model, given its tokenizer, strategy and kind of model.

    A tokenizer has its colours in all reports, and the first of them for its usual strategy and model. Two models of a
    report share a colour only if there are more of them than colours.
    """
    by_name: dict[str, str] = {}
    for name, (tokenizer, strategy, model) in sorted(models.items()):
        shades: list[str] = NAMES["tokenizers"].get(tokenizer, {}).get("colours", OTHER_COLOURS)
        usual = [
            list(NAMES[kind]).index(part)
            for kind, part in (("strategies", strategy), ("models", model))
            if part in NAMES[kind]
        ]
        ordered = [shades[(sum(usual) + i) % len(shades)] for i in range(len(shades))]
        by_name[name] = next((shade for shade in ordered if shade not in by_name.values()), ordered[0])
    return by_name


def meaning(baseline: Baseline) -> str:
    """Return the text that a compressor has seen."""
    return PPMD_BY_DOCUMENT if baseline.name == "ppmd_documents" else VARIANTS[baseline.variant]


@dataclass(frozen=True)
class ColumnResult:
    """The cells of one column, one per seed. Quantities are means over seeds."""

    name: str
    colour: str
    cells: list[Cell]

    @property
    def first(self) -> Cell:
        """The cell of the first seed."""
        return self.cells[0]

    @property
    def level(self) -> str:
        """The level of its tokens, such as "words"; empty for a tokenizer that names.toml lacks."""
        return str(NAMES["tokenizers"].get(self.first.tokenizer, {}).get("level", ""))

    @property
    def reads(self) -> str:
        """A gloss of its tokens, such as "words, with rare ones replaced by their part of speech"."""
        tokenizer, strategy = self.first.tokenizer, self.first.strategy
        tokens: str = NAMES["tokenizers"].get(tokenizer, {}).get("reads", f"the tokens of {tokenizer}")
        if strategy is None:
            return tokens
        return f"{tokens}, with {NAMES['strategies'].get(strategy, f'rare ones replaced by {strategy}')}"

    @property
    def kind(self) -> str:
        """A gloss of its model, such as "a network"."""
        return str(NAMES["models"].get(self.first.model, f"a model of the kind {self.first.model}"))

    def mean(self, quantity: Callable[[Cell], float]) -> float:
        """Return the mean over seeds."""
        return fmean(map(quantity, self.cells))

    def part(self, name: str) -> float:
        """Return bits per character of one part of the ledger, or the "total"."""
        return self.mean(lambda cell: getattr(cell.bits_per_character, name))

    @property
    def total(self) -> float:
        """Bits per character."""
        return self.part("total")

    @property
    def best_check(self) -> float | None:
        """Bits per character of the validation text at the best check; None for a counted column."""
        return None if self.first.counted else self.mean(lambda cell: cell.best_check.valid_bits_per_character)

    @property
    def bands(self) -> list[tuple[int, float]]:
        """Characters and bits of each frequency band."""
        by_band = zip(*(cell.by_frequency for cell in self.cells), strict=True)
        return [(bands[0].characters, fmean(band.bits for band in bands)) for bands in by_band]

    @property
    def parts_of_speech(self) -> dict[str, tuple[int, float]]:
        """Characters and bits of each part of speech; empty without a tagger."""
        bits = [{part.pos: part.bits for part in cell.by_part_of_speech} for cell in self.cells]
        parts = self.first.by_part_of_speech
        return {p.pos: (p.characters, fmean(pos[p.pos] for pos in bits if p.pos in pos)) for p in parts}


class Results:
    """A comparison, and its columns that have a result, the fewest bits per character first.

    With folds these are the bits over all folds, and columns that lack a fold come last.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        by_column = comparison.by_column
        first = {name: cells[0] for name, cells in by_column.items()}
        parts = {name: (cell.tokenizer, cell.strategy, cell.model) for name, cell in first.items()}
        by_name = colours(parts)
        totals, answered = comparison.totals, comparison.answering[0]
        ranked = sorted(by_column, key=lambda name: (name not in answered, answered.get(name, totals[name])))
        self.columns = [ColumnResult(name, by_name[name], by_column[name]) for name in ranked]
        self.by_name = {column.name: column for column in self.columns}
        self.colours = {name: by_name[name] for name in ranked}

    @property
    def best(self) -> ColumnResult:
        """The column, of one or more, with the fewest bits per character."""
        return self.columns[0]

    @property
    def has_level_of_its_own(self) -> bool:
        """Whether the answer is a level, such as words: that of all tied models, and not of the runner-up.

        It is not if the two are models of different kinds.
        """
        answer = self.comparison.answer
        runner_up = self.by_name.get(answer.runner_up or "")
        if runner_up is None or not self.best.level:
            return False
        tied = {self.by_name[name].level for name in answer.tied if name in self.by_name}
        return (
            tied <= {self.best.level} and runner_up.level != self.best.level and runner_up.kind == self.best.kind
        )

    @cached_property
    def pair(self) -> list[ColumnResult]:
        """The columns to show side by side: the best one, and the one that it is compared with.

        That is the runner-up that differs significantly or, without one, the best of another level, or the next.
        """
        answer = self.comparison.answer
        rivals = self.columns[1:]
        if answer.column and answer.runner_up in self.by_name:
            return [self.by_name[answer.column], self.by_name[answer.runner_up]]
        levels = [column for column in rivals if column.level != self.best.level]
        return [*self.columns[:1], *(levels or rivals)[:1]]

    @cached_property
    def written(self) -> list[tuple[ColumnResult, Generated]]:
        """The columns that have samples, with these."""
        generated = self.comparison.generated
        return [(column, generated[column.name]) for column in self.columns if column.name in generated]

    @cached_property
    def compressors(self) -> list[Baseline]:
        """The compressors, the fewest bits first."""
        return sorted(self.comparison.baselines, key=lambda baseline: baseline.bits_per_character)


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A column of the table; templates/quantities.toml explains the fields."""

    label: str
    place: str
    form: str
    unit: str
    meaning: str
    places: int | None = None
    main: bool = False
    spread: bool = False
    power: bool = False
    bracket: str = ""

    def show(self, value: float) -> str:
        """Return the value as text."""
        form: Callable[..., str] = getattr(text, self.form)
        return form(value) if self.places is None else form(value, self.places)

    def mean(self, column: ColumnResult) -> float:
        """Return the mean over the column's seeds."""
        read = attrgetter(self.place)
        if not self.power:
            return column.mean(read)
        return _power_of_two(column.mean(lambda cell: math.log2(read(cell))))

    def note(self, column: ColumnResult) -> str:
        """Return the spread over seeds or the bracket, if there is one."""
        if self.bracket:
            return f"({count(column.mean(attrgetter(self.bracket)))})"
        if not self.spread or len(column.cells) == 1:
            return ""
        return f"± {self.show(stdev(map(attrgetter(self.place), column.cells)))}"


QUANTITIES = {
    label: Quantity(label=label, **facts)
    for label, facts in tomllib.loads((TEMPLATES / "quantities.toml").read_text("utf-8")).items()
}


def made_rows(results: Results) -> list[dict[str, Any]]:
    """Return a line per title of rows made of cells: the mean over their seeds, or over several ensembles.

    They stand in the order of their columns, and mixtures of several columns are the last.
    """
    lines = []
    for rows in results.comparison.rows_by_title.values():
        paid = {name: fmean(getattr(row.bits_per_character, name) for row in rows) for name in ("total", *PARTS)}
        amounts = {PART_NAMES.get(name, "bits per character"): decimals(bits) for name, bits in paid.items()}
        amounts["bits per byte"] = decimals(fmean(row.bits_per_byte for row in rows))
        amounts["perplexity per word"] = _per_word(results, paid["total"])
        per_token = fmean(math.log2(row.perplexity_per_token) for row in rows)
        amounts["perplexity per token"] = perplexity(2**per_token)
        lines.append({"rows": rows, "first": rows[0], "bits": paid["total"], "amounts": amounts})
    names = list(results.by_name)

    def rank(line: dict[str, Any]) -> int:
        column = line["first"].column
        return names.index(column) if column in names else len(names)

    return sorted(lines, key=rank)


def compressor_rows(results: Results) -> list[dict[str, Any]]:
    """Return a line per compressor, the main ones first, then the best first."""
    lines = []
    for baseline in sorted(results.compressors, key=is_main, reverse=True):
        amounts = {
            "bits per character": decimals(baseline.bits_per_character),
            "bits per byte": decimals(baseline.bits_per_byte),
            "perplexity per word": _per_word(results, baseline.bits_per_character),
        }
        facts = {"name": baseline.title, "meaning": meaning(baseline), "main": is_main(baseline)}
        lines.append(facts | {"amounts": amounts})
    return lines


def is_main(baseline: Baseline) -> bool:
    """Return whether charts and the main table show a compressor."""
    return baseline.name in MAIN_COMPRESSORS and baseline.variant == "primed"


def _per_word(results: Results, total: float) -> str:
    """Return perplexity per word for a total, 2^(bits · characters / words), if a column's own is a float."""
    for cell in (column.first for column in results.columns):
        bits = cell.bits_per_character.total
        if 1 < cell.word_perplexity < sys.float_info.max and bits > 0:
            return perplexity(_power_of_two(total * (math.log2(cell.word_perplexity) / bits)))
    return ABSENT


def _power_of_two(exponent: float) -> float:
    return 2**exponent if exponent < sys.float_info.max_exp else math.inf
