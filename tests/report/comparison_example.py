"""A comparison as the evaluator would make it, from invented numbers and an invented text."""

import math
import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import accumulate, combinations, product
from pathlib import Path
from typing import Any

from toolkit.evaluation.metrics import measures
from toolkit.evaluation.warnings import answer
from toolkit.report.columns import POS_NAMES
from toolkit.results.bits import BANDS, Reading
from toolkit.results.cell import Baseline, Cell, FailedCell, Row
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Contrast, Difference, Sweep, SweptValue
from toolkit.results.record import say

Facts = dict[str, Any]  # the keys of a record

EXAMPLE = tomllib.loads(Path(__file__).with_name("example.toml").read_text("utf-8"))
PASSAGE, SECOND, WRITTEN = EXAMPLE["passage"], EXAMPLE["second"], EXAMPLE["written"]
PROMPTS = ("The lamp ", "It was in the winter of ")
CHARACTERS = (4_900, 3_700, 13_800, 16_400, 36_200, 13_123)  # of the six bands
TEST = sum(CHARACTERS)
DOCUMENTS = [f"tale_{i:02}" for i in range(45)]
TOKENS = r"\s*[\w'’-]+|\s*[^\w\s]|\s+"


def passage_bits(text: str, column: str) -> list[float]:
    """Return invented bits of each character: of each by char, and spread over each word by all other columns."""
    rng = random.Random(f"{column}0")
    if column.startswith("char"):
        return [rng.uniform(0.5, 5) for _ in text]
    bits: list[float] = []
    for token in re.findall(TOKENS, text):
        paid = rng.uniform(1.5, 13) + (rng.uniform(10, 26) if len(token) > 8 else 0)
        bits += [paid / len(token)] * len(token)
    return bits


def starts(text: str) -> list[int]:
    """Return the places at which a word, with the space before it, or the text between words begins."""
    places = {place for match in re.finditer(r"(?:(?<!\s) )?\w+(?:['’]\w+)*", text) for place in match.span()}
    return sorted({0, *places} - {len(text)})


def reading(text: str, column: str) -> Reading:
    """Return the events behind ``passage_bits``: characters or words; a long word is a class with a spelled word."""
    bits = passage_bits(text, column)
    tokens = list(text) if column.startswith("char") else re.findall(TOKENS, text)
    ends = list(accumulate(map(len, tokens)))
    rare = [column.startswith("word") and len(token) > 8 for token in tokens]
    names = ["<NOUN>" if is_rare else token.strip() or token for token, is_rare in zip(tokens, rare, strict=True)]
    known = list(dict.fromkeys(["the", "of", *names]))
    paid = [sum(bits[end - len(token) : end]) for token, end in zip(tokens, ends, strict=True)]
    return Reading(
        tokens=known, ids=list(map(known.index, names)), widths=list(map(len, tokens)),
        bits=paid, ranks=[3] * len(tokens),
        likeliest=[[0, 1]] * len(tokens), probabilities=[[0.25, 0.125]] * len(tokens),
    )  # fmt: skip


def _parts(total: float, column: str) -> dict[str, float]:
    shares = (0.53, 0.06, 0.26, 0.149, 0.001) if column.startswith("word") else (0.835, 0, 0.0005, 0.164, 0.0005)
    parts = dict(zip(("words", "classes", "spelling", "spacing", "document_ends"), shares, strict=True))
    return {"total": total} | {name: total * share for name, share in parts.items()}


def _shared_bits(total: float, characters: Mapping[str, int], rates: Sequence[float], key: str) -> list[Facts]:
    """Return bits at these rates per character, scaled to the total of the text."""
    pairs = list(zip(characters.items(), rates, strict=True))
    scale = total * TEST / sum(n * rate for (_, n), rate in pairs)
    return [{key: name, "characters": n, "bits": n * rate * scale, "documents": []} for (name, n), rate in pairs]


def _parts_of_speech(total: float, column: str) -> list[Facts]:
    rng = random.Random(column)
    tags = [pos for pos in POS_NAMES if pos not in ("PUNCT", "SPACE")]
    characters = {pos: 12 if pos == "SYM" else 4_000 + 10 * i for i, pos in enumerate(tags)}
    characters["not a word"] = TEST - sum(characters.values())
    return _shared_bits(total, characters, [rng.uniform(2, 4) for _ in characters], "pos")


def _bands(total: float, column: str) -> list[Facts]:
    rates = (4.9, 4.1, 3.0, 2.3, 1.7, 1.9) if column.startswith("char") else (5.2, 4.6, 2.8, 2.1, 1.6, 2.0)
    return _shared_bits(total, dict(zip(BANDS, CHARACTERS, strict=True)), rates, "band")


def _documents(total: float) -> list[Facts]:
    sizes = [TEST // 9 + (TEST % 9 if i == 0 else 0) for i in range(9)]
    return [{"name": f"tale_{36 + i:02}", "characters": n, "bits": n * total} for i, n in enumerate(sizes)]


def _history(total: float, rows: int, rng: random.Random) -> list[Facts]:
    checks: list[Facts] = []
    for i in range(1, rows + 1):
        bits = total + 2.6 * math.exp(-9 * i / rows) + rng.gauss(0, 0.008)
        check = {"updates": i * 25, "characters_seen": i * 64_000, "seconds": i * 1.9}
        checks.append(check | {"train_bits_per_character": bits - 0.05, "valid_bits_per_character": bits})
    return checks


def _classes(column: str) -> list[Facts]:
    names = ("NOUN", "ADJ", "VERB", "PROPN", "ADV", "PUNCT", "<OTHER>") if "pos" in column else ("<UNK>",)
    examples = ["gleed", "barmkin", "unslokened", "kail-pot", "Quillane", "harbour-master", "yett", "knowe"]
    classes: list[Facts] = []
    for i, name in enumerate(names if column.startswith("word") else (), 1):
        counts = {"train_types": 2100 // i, "train_tokens": 2300 // i, "test_tokens": 870 // i}
        classes.append({"class": name, "examples": examples[i - 1 :] + examples[: i - 1]} | counts)
    return classes


def _class_bits(column: str) -> list[Facts]:
    counts = {facts["class"]: facts["test_tokens"] for facts in _classes(column)}
    return [{"class": name, "count": n, "announced": 4.3 * n, "spelled": 6_400.0} for name, n in counts.items()]


def _sample(prompt: str, temperature: float, text: str, words: bool) -> Facts:
    """Return a sample; for words, the harbour, the keeper and the number fill placeholders."""
    spans = [match.span() for match in re.finditer("harbour|keeper|number", text)] if words else []
    fills = [{"start": start, "end": end, "class": "NOUN"} for start, end in spans]
    return {"prompt": prompt, "seed": 1, "temperature": temperature, "text": text, "fills": fills}


def _measured(factor: float) -> dict[str, Facts]:
    """Return a value of each measure, this many times the author's."""
    values: dict[str, Facts] = {}
    for i, name in enumerate(measures()):
        author = 0.1 + i / 25
        values[name] = {
            "value": factor * author,
            "low": 0.9 * author,
            "high": 1.1 * factor * author,
            "author": author,
        }
    return values


def _generated(column: str) -> Facts:
    words = column.startswith("word")
    written, temperature = (WRITTEN["word"], 0.81) if words else (WRITTEN["char"], 0.64)
    texts = [f"{written}.\n\nNobody, in the {i + 40} years since, {written}." for i in range(len(PROMPTS))]
    return {
        "temperature": temperature, "choice": "matched", "author_repetition": 0.032, "characters": 5_000,
        "samples": [_sample(p, temperature, text, words) for p, text in zip(PROMPTS, texts, strict=True)],
        "measures": _measured(1.2 if words else 1.3), "measured_characters": 2_000,
        "two_sample_test": {"area": 0.9, "p": 0.31 if words else 1 / 126, "labellings": 126, "passages": 50},
        "new_words": {"real": ["lampering"], "invented": ["marrish", "gleedern"] if words else ["marrish", "qxzt"]},
    }  # fmt: skip


EXTRA = {"1 % of letters": 0.1, "5 % of letters": 0.5, "lower case": 0.05}


def _extra(name: str, column: str) -> float:
    """Return extra bits per character: words pay half as much again for typing errors, less for lower case."""
    more = 1.5 if "letters" in name else 1.1
    return EXTRA[name] * (more if column.startswith("word") else 1)


def _noise(total: float, column: str) -> list[Facts]:
    lines: list[Facts] = []
    for name in EXTRA:
        extra = _extra(name, column)
        line = {"name": name, "letters": 68_000, "changed": 3_400, "characters": TEST, "clean_bits": TEST * total}
        shares = [{"characters": d["characters"], "bits": d["characters"] * extra} for d in _documents(total)]
        lines.append(line | {"bits": TEST * (total + extra), "documents": shares})
    return lines


def _noise_differences(names: list[str]) -> list[Difference]:
    """Return intervals of ± 0.01."""
    differences = []
    for noise, (a, b) in product(EXTRA, combinations([*names, None], 2)):
        difference = _extra(noise, str(a)) - (0.0 if b is None else _extra(noise, b))
        p = 1.0 if abs(difference) < 0.01 else 0.0005
        differences.append(interval(str(a), b, difference, 0.01, over="noise", at=noise, p=p))
    return differences


def cell(column: str, total: float, seed: int = 1, rows: int = 60) -> Cell:
    """Return one column trained with one seed."""
    words = column.startswith("word")
    tokens = 19_321 if words else TEST + 9
    facts: Facts = {
        "column": column, "tokenizer": column.partition(":")[0], "strategy": column.partition(":")[2] or None,
        "model": "lstm", "seed": seed, "fraction": 1.0, "run": f"runs/{column.replace(':', '-')}-{seed}",
        "digest": "5e" * 32, "bits_per_character": _parts(total, column), "bits_per_byte": total * 0.983,
        "class_bits": _class_bits(column), "by_frequency": _bands(total, column), "documents": _documents(total),
        "multiply_adds_per_character": {"train": 301_000.5, "score": 100_333.25},
        "by_part_of_speech": _parts_of_speech(total, column), "perplexity_per_token": 91.4 if words else 2**total,
        "word_perplexity": 2 ** (total * 5.31), "tokens": tokens, "vocabulary_size": 2_841 if words else 87,
        "parameters": 1_913_224 if words else 712_535, "embedding_parameters": 727_296 if words else 22_272,
        "train_seconds": 118.2 + seed, "characters_per_second": 39_112.0, "characters_seen": rows * 64_000,
        "updates": rows * 25,
        "verified": {"characters": 2_000, "bits": 2_000 * total, "bytes": round(250 * total) + 9} if words else None,
        "coverage": {
            "characters_per_token": TEST / tokens,
            "characters_per_word_token": 4.3 if words else 1.0,
            "replaced_token_share_train": 0.054 if words else 0.0, "replaced_token_share_test": 0.109 if words else 0.0,
            "replaced_character_share_test": 0.158 if words else 0.0, "classes": _classes(column),
        },
        "generated": None if seed > 1 else _generated(column),
        "history": _history(total, rows, random.Random(f"{column}{seed}")),
        "run_bytes": {"tokenizer": 20_000, "model": 1_500_000}, "noise": _noise(total, column),
    }  # fmt: skip
    return Cell.model_validate(facts)


def interval(a: str, b: str | None, difference: float, half_width: float, **keys: Any) -> Difference:
    """Return a difference with an interval of this half width."""
    keys = {"family": 1} | keys
    return Difference(
        a=a, b=b, difference=difference, low=difference - half_width, high=difference + half_width, **keys
    )


def contrast(a: str, b: str, difference: float, half_width: float = 0.034, **keys: Any) -> Contrast:
    """Return a contrast over nine documents whose outcome follows from its interval."""
    decided = abs(difference) > half_width
    base = interval(a, b, difference, half_width, over="text", p=0.0078 if decided else 0.41).model_dump()
    base |= {"outcome": ("a" if difference < 0 else "b") if decided else "undecided", "undertrained": []}
    base |= {
        "limit": None if decided else "units",
        "needed": None if decided else 14,
        "smallest_detectable": 0.048,
    }
    unit = {"kind": "columns", "fewer_in": 9, "units": 9, "unit": "document", "seeds": (1, 1)}
    record = Contrast(**base | unit | keys)
    return record.model_copy(update={"verdict": say("verdict", record)})


def _leads(cells: list[Cell]) -> list[Difference]:
    """Return leads by part of speech, each of 0.05 with an interval of ± 0.03, or of ± 0.09 for verbs."""
    leads = []
    for i, part in enumerate(cells[0].by_part_of_speech if len({cell.column for cell in cells}) > 1 else []):
        a, b = sorted(cells, key=lambda cell, i=i: cell.by_part_of_speech[i].bits)[:2]
        half = 0.09 if part.pos == "VERB" else 0.03
        leads.append(interval(a.column, b.column, -0.05, half, over="part of speech", at=part.pos))
    return leads


def _corpus(**changed: Any) -> Facts:
    curve = [(round(10 ** (i / 12)), 1 - 0.95 * math.exp(-0.62 * i / 12)) for i in (0, 4, 6, *range(8, 48))]
    facts, split = EXAMPLE["corpus"], {"train": DOCUMENTS[:32], "valid": DOCUMENTS[32:36], "test": DOCUMENTS[36:]}
    coverage = facts["coverage"] | {"curve": curve}
    return (
        facts
        | {"test_characters": TEST, "test_bytes": TEST + 900, "split": split, "coverage": coverage}
        | changed
    )


def baseline_of(name: str, variant: str, bits_per_character: float) -> Baseline:
    """Return a compressor of the example's text."""
    bits_per_byte = 0.983 * bits_per_character
    return Baseline(
        name=name, variant=variant, bits_per_character=bits_per_character, bits_per_byte=bits_per_byte
    )


DEFAULT = {"char": (2.431, 2.447), "word:unk": (2.402, 2.395), "word:pos": (2.388, 2.379)}
TWO = {"char": (2.5, 2.52), "word:pos": (2.3, 2.31)}
NINE = {
    "word:unk": (1.743,), "word:pos": (1.751,), "word:tag": (1.748,), "word:shape": (1.739,), "word:cluster": (1.746,),
    "word:spell": (1.801,), "word:drop": (1.836,), "bpe": (1.779,), "char": (1.924,),
}  # fmt: skip
PARTS_OF_ROW = {"words": 1.9, "classes": 0.1, "spelling": 0.2, "spacing": 0.15, "document_ends": 0.001}
BITS = (("xz", "cold", 3.104), ("xz", "primed", 2.611), ("ppmd", "cold", 2.688), ("ppmd", "primed", 2.079))
BASELINES = [baseline_of(*bits) for bits in BITS]


def made_row(column: str, seed: int, kind: str = "adapting", per_token: float = 5.1) -> Row:
    """Return a row made of one cell."""
    return Row(
        column=column, kind=kind, seeds=[seed], rate=0.3, rule=None, verified=None, documents=[],
        bits_per_character={"total": 2.351} | PARTS_OF_ROW, bits_per_byte=2.31, perplexity_per_token=per_token,
    )  # fmt: skip


def comparison(
    totals: dict[str, tuple[float, ...]] | None = None,
    *,
    failed: tuple[FailedCell, ...] = (),
    baselines: list[Baseline] | None = None,
    passages: tuple[str, ...] = (PASSAGE, SECOND),
    rows: int = 60,
    facts: dict[str, Any] | None = None,
    made: list[Row] | None = None,
) -> Comparison:
    """Return a comparison of these columns: a total in bits per character for each of their seeds."""
    chosen = DEFAULT if totals is None else totals
    cells = [
        cell(name, total, seed, rows) for name, seeds in chosen.items() for seed, total in enumerate(seeds, 1)
    ]
    means = {name: sum(seeds) / len(seeds) for name, seeds in chosen.items()}
    names, ranked = list(chosen), sorted(means, key=means.__getitem__)
    shown = [
        {
            "document": f"tale_{40 + i}", "start": 1_204, "text": text, "why": "ahead" if i else "middle",
            "best": ranked[0], "other": ranked[1] if len(ranked) > 1 else "", "starts": starts(text),
            "bits": {n: passage_bits(text, n) for n in names}, "readings": {n: reading(text, n) for n in names},
        }
        for i, text in enumerate(passages if names else ())
    ]  # fmt: skip
    baselines = BASELINES if baselines is None else baselines
    facts: Facts = {
        "command": f"toolkit compare --tokenizers {','.join(names)} --corpus weird-tales --seeds 2",
        "created": "2026-11-14T09:41:07+00:00",
        "versions": EXAMPLE["versions"], "machine": EXAMPLE["machine"],
        "settings": {"rare_max_count": 1, "network": {"units": 256, "layers": 1}, "columns": {n: {} for n in names}},
        "corpus": _corpus(**(facts or {})), "cells": [*cells, *failed], "rows": made or [], "sweeps": [],
        "baselines": [baseline.model_copy() for baseline in baselines],  # a test may change one
        "contrasts": [contrast(a, b, means[a] - means[b]) for a, b in combinations(names, 2)],
        "leads": _leads(cells), "noise": _noise_differences(names), "author_passages": [],
        "measures": {name: measure.facts() for name, measure in measures().items()}, "passages": shown,
    }  # fmt: skip
    whole = Comparison.model_validate(facts)
    return whole.model_copy(update={"answer": answer(whole)})


def swept(column: str, key: str, totals: Mapping[Any, float | tuple[float, ...]]) -> Comparison:
    """Return a comparison of a column for each value of a setting, with totals as in ``comparison``."""
    setting = key.rpartition(".")[2]
    values = [SweptValue(value=value, column=f"{column.replace(':', '-')}-{setting}-{value}") for value in totals]
    seeds = [total if isinstance(total, tuple) else (total,) for total in totals.values()]
    whole = comparison({value.column: bits for value, bits in zip(values, seeds, strict=True)})
    return whole.model_copy(update={"sweeps": [Sweep(column=column, key=key, values=values)]})


FAILED = FailedCell(
    column="word:cluster", tokenizer="word", strategy="cluster", model="lstm", seed=1, fraction=1.0,
    run="runs/word-cluster-1", reason="the loss was not finite after update 312",
)  # fmt: skip
