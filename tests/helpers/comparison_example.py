"""A comparison as the evaluator would make it, from the invented numbers and texts of example.toml."""

import math
import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

from toolkit.evaluation.metrics import measures
from toolkit.evaluation.passages import cuts
from toolkit.evaluation.warnings import answer
from toolkit.results.bits import PARTS, Reading
from toolkit.results.cell import Baseline, Cell, FailedCell, Row, RowKind
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Answer, Contrast, Difference, FoldFacts, Folds, Sweep, SweptValue
from toolkit.results.generated import MeasureValue
from toolkit.results.record import say

Facts = dict[str, Any]  # the keys of a record

EXAMPLE = tomllib.loads(Path(__file__).with_name("example.toml").read_text("utf-8"))
PASSAGE, SECOND, NOISE = EXAMPLE["passage"], EXAMPLE["second"], EXAMPLE["noise"]
TEST = EXAMPLE["corpus"]["test_characters"]
BITS = {"bits", "bits_per_byte", "total", *PARTS}  # keys of records
DEFAULT = {"char": (2.431, 2.447), "word:unk": (2.402, 2.395), "word:pos": (2.388, 2.379)}
TWO = {"char": (2.5, 2.52), "word:pos": (2.3, 2.31)}
NINE = {name: (total,) for name, total in EXAMPLE["nine"].items()}
FAILED = FailedCell.model_validate(EXAMPLE["failed"])


def kind(column: str) -> str:
    """Return the table of example.toml that a column's facts are from."""
    return "word" if column.startswith("word") else "char"


def events(text: str, column: str) -> Iterator[tuple[str, float, bool]]:
    """Yield text, bits and rarity of the events of a column: words, of which long ones are rare; or characters."""
    rng = random.Random(column)
    for token in list(text) if column == "char" else re.findall(r"\s*[\w'’-]+|\s*[^\w\s]|\s+", text):
        is_rare = kind(column) == "word" and len(token) > 8
        yield token, rng.uniform(0.5, 5) if column == "char" else rng.uniform(1.5, 13) + 18 * is_rare, is_rare


def passage_bits(text: str, column: str) -> list[float]:
    """Return the bits of each character: those of an event are spread over it."""
    return [bits / len(token) for token, bits, _ in events(text, column) for _ in token]


def reading(text: str, column: str) -> Reading:
    """Return the events behind ``passage_bits``."""
    tokens, bits, rare = zip(*events(text, column), strict=True)
    names = ["<NOUN>" if is_rare else token.strip() or token for token, is_rare in zip(tokens, rare, strict=True)]
    known, number = list(dict.fromkeys(["the", "of", *names])), len(tokens)
    facts = {"tokens": known, "ids": map(known.index, names), "widths": map(len, tokens), "bits": bits}
    expected = {"ranks": [3], "likeliest": [[0, 1]], "probabilities": [[0.25, 0.125]]}
    return Reading.model_validate(facts | {key: value * number for key, value in expected.items()})


def scaled(value: Any, factor: float) -> Any:
    """Return nested values with all bits multiplied by a factor."""
    if isinstance(value, dict):
        return {key: entry * factor if key in BITS else scaled(entry, factor) for key, entry in value.items()}
    return [scaled(entry, factor) for entry in value] if isinstance(value, list) else value


def cell(column: str, total: float, seed: int = 1, rows: int = 60) -> Cell:
    """Return one column trained with one seed, whose training has this many checks."""
    facts = EXAMPLE["cell"][kind(column)]
    tokenizer, _, strategy = column.partition(":")
    run = f"runs/{column.replace(':', '-')}-{seed}"
    record: Facts = {"verified": None} | facts["record"] | scaled(facts["scaled"], total)
    record |= {"column": column, "tokenizer": tokenizer, "strategy": strategy or None, "seed": seed, "run": run}
    record |= {"word_perplexity": 2 ** (total * 5.31), "train_seconds": 118.2 + seed}
    record |= {"characters_seen": rows * 64_000, "updates": rows * 25}
    record["history"] = [
        {"updates": i * 25, "characters_seen": i * 64_000, "seconds": i * 1.9}
        | {f"{part}_bits_per_character": total + 2.6 * math.exp(-9 * i / rows) for part in ("train", "valid")}
        for i in range(1, rows + 1)
    ]
    record["noise"] = [
        {"name": name, "letters": 68_000, "changed": 3_400, "characters": TEST, "documents": []}
        | {"clean_bits": TEST * total, "bits": TEST * (total + bits[kind(column)])}
        for name, bits in NOISE.items()
    ]
    made = Cell.model_validate(record | ({"generated": None} if seed > 1 else {}))
    if made.generated:
        made.generated.measures = {
            name: MeasureValue(value=0.12 + i / 20, low=0.09, high=2.0, author=0.1 + i / 25)
            for i, name in enumerate(measures())
        }
    return made


def interval(a: str, b: str | None, difference: float, half_width: float, **keys: Any) -> Difference:
    """Return a difference with an interval of this half width."""
    ends = {"low": difference - half_width, "high": difference + half_width}
    return Difference.model_validate({"a": a, "b": b, "difference": difference, "family": 1} | ends | keys)


def contrast(a: str, b: str, difference: float, half_width: float = 0.034, **keys: Any) -> Contrast:
    """Return a contrast over nine documents whose outcome follows from its interval."""
    decided = abs(difference) > half_width
    base = interval(a, b, difference, half_width, over="text", p=0.0078 if decided else 0.41).model_dump()
    outcome = ("a" if difference < 0 else "b") if decided else "undecided"
    limit = {"limit": None if decided else "units", "needed": None if decided else 14}
    record = Contrast(**base | EXAMPLE["contrast"] | {"outcome": outcome} | limit | keys)
    return record.model_copy(update={"verdict": say("verdict", record)})


def leads(cells: Sequence[Cell]) -> Iterator[Difference]:
    """Yield leads by part of speech, each of 0.05 with an interval of ± 0.03, or of ± 0.09 for verbs."""
    for parts in zip(*(cell.by_part_of_speech for cell in cells), strict=True):
        (a, part), (b, _) = sorted(zip(cells, parts, strict=True), key=lambda pair: pair[1].bits)[:2]
        half_width = 0.09 if part.pos == "VERB" else 0.03
        yield interval(a.column, b.column, -0.05, half_width, over="part of speech", at=part.pos)


def noise_differences(columns: Sequence[str]) -> Iterator[Difference]:
    """Yield extra bits by kind of noise, and the differences of pairs, with intervals of ± 0.01."""
    for name, bits in NOISE.items():
        for a, b in combinations([*columns, None], 2):
            difference = bits[kind(str(a))] - (0.0 if b is None else bits[kind(b)])
            yield interval(str(a), b, difference, 0.01, over="noise", at=name, p=0.0005)


def baseline_of(name: str, variant: str, bits: float) -> Baseline:
    """Return a compressor of the example's text, from its bits per character."""
    facts = {"name": name, "variant": variant, "bits_per_character": bits, "bits_per_byte": 0.983 * bits}
    return Baseline.model_validate(facts)


def made_row(column: str, seed: int, kind: str = "adapting", per_token: float = 5.1) -> Row:
    """Return a row made of one cell."""
    facts = {"column": column, "kind": kind, "seeds": [seed], "perplexity_per_token": per_token}
    return Row.model_validate(EXAMPLE["row"] | facts | {"rule": None, "verified": None})


def comparison(
    totals: Mapping[str, tuple[float, ...]] = DEFAULT,
    *,
    failed: tuple[FailedCell, ...] = (),
    baselines: Sequence[Baseline] | None = None,
    passages: tuple[str, ...] = (PASSAGE, SECOND),
    rows: int = 60,
    facts: Facts | None = None,
    made: Sequence[Row] = (),
) -> Comparison:
    """Return a comparison of these columns: a total in bits per character for each of their seeds.

    Args:
        rows: The number of checks in each training.
        facts: Facts about the corpus that differ from example.toml.
        made: Rows made of cells.
    """
    cells = [
        cell(name, total, seed, rows) for name, seeds in totals.items() for seed, total in enumerate(seeds, 1)
    ]
    means = {name: sum(seeds) / len(seeds) for name, seeds in totals.items()}
    best, other, *_ = [*sorted(means, key=means.__getitem__), "", ""]
    record: Facts = EXAMPLE["comparison"] | {
        "command": f"toolkit compare --tokenizers {','.join(totals)} --corpus weird-tales --seeds 2",
        "settings": EXAMPLE["settings"] | {"columns": {name: {} for name in totals}},
        "corpus": EXAMPLE["corpus"] | (facts or {}),
        "cells": [*cells, *failed],
        "rows": list(made),
        "baselines": [baseline_of(*b) for b in EXAMPLE["baselines"]] if baselines is None else list(baselines),
        "contrasts": [contrast(a, b, means[a] - means[b]) for a, b in combinations(totals, 2)],
        "leads": list(leads(cells)) if len(totals) > 1 else [],
        "noise": list(noise_differences(list(totals))),
        "measures": {name: measure.facts() for name, measure in measures().items()},
        "passages": [
            {"document": f"tale_{40 + i}", "start": 1_204, "text": text, "why": "ahead" if i else "middle"}
            | {"best": best, "other": other, "starts": cuts(text)[:-1].tolist()}
            | {"bits": {name: passage_bits(text, name) for name in totals}}
            | {"readings": {name: reading(text, name) for name in totals}}
            for i, text in enumerate(passages if totals else ())
        ],
    }
    whole = Comparison.model_validate(record)
    return whole.model_copy(update={"answer": answer(whole)})


def swept(column: str, key: str, totals: Mapping[Any, float]) -> Comparison:
    """Return a comparison of a column for each value of a setting, with a total each."""
    names = {value: f"{column}-{key}-{value}" for value in totals}
    values = [SweptValue(value=value, column=name) for value, name in names.items()]
    whole = comparison({name: (totals[value],) for value, name in names.items()})
    return whole.model_copy(update={"sweeps": [Sweep(column=column, key=key, values=values)]})


def in_folds(whole: Comparison, failed: Sequence[str] = ()) -> Comparison:
    """Return the comparison with two folds, in which a column needs its total, or 0.1 more; some failed in one."""
    facts = {"folder": "", "documents": 9, "characters": 9_000}
    totals = {name: total for name, total in whole.totals.items() if name not in failed}
    bits = [{name: total + i / 10 for name, total in totals.items()} for i in (0, 1)]
    folds = [FoldFacts.model_validate(facts | {"number": i + 1, "bits_per_character": bits[i]}) for i in (0, 1)]
    contrasts = [pair for pair in whole.contrasts if {pair.a, pair.b} <= totals.keys()]
    made = whole.model_copy(update={"folds": Folds(folds=folds, totals=totals, contrasts=contrasts)})
    return made.model_copy(update={"answer": answer(made) if totals else Answer()})


def blind_comparison() -> Comparison:
    """Return a comparison with texts that are long enough for the blind test."""
    whole = comparison({name: seeds[:1] for name, seeds in TWO.items()})
    whole.author_passages = [" ".join(f"told{i}{word}" for word in range(400)) for i in range(12)]
    for column, generated in whole.generated.items():
        texts = [" ".join(f"{column[:4]}{i}{word}" for word in range(400)) for i in range(5)]
        sample = generated.samples[0].model_copy(update={"fills": []})
        generated.samples = [sample.model_copy(update={"text": text}) for text in texts]
    return whole


COMPARISONS = {  # of all kinds, by name
    "two models": lambda: comparison(TWO),
    "nine models": lambda: comparison(NINE, failed=(FAILED,)),
    "one model": lambda: comparison({"char": (2.5,)}),
    "no model": lambda: comparison({}, failed=(FAILED,)),
    "a tie": lambda: comparison({"word:pos": (2.3,), "char": (2.301,)}),
    "rows made of models": lambda: comparison(
        TWO, made=[made_row("char", 1, kind) for kind in get_args(RowKind)]
    ),
    "folds": lambda: in_folds(comparison(TWO)),
    "folds of which one failed": lambda: in_folds(comparison(DEFAULT), failed=["word:pos"]),
    "folds with one model": lambda: in_folds(comparison(DEFAULT), failed=["word:pos", "char"]),
    "folds without a model": lambda: in_folds(comparison(TWO), failed=list(TWO)),
    "fractions": lambda: comparison(TWO, facts={"fractions": EXAMPLE["fractions"]}),
    "a sweep": lambda: swept("bpe", "k", {256: 2.09, 512: 2.03, 1024: 2.01, 2048: 2.04}),
    "the blind test": blind_comparison,
}
