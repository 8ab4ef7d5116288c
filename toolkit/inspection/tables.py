"""Tables of an inspection for a terminal, and the notes below them."""

from collections.abc import Callable, Iterable
from typing import Any

from toolkit.report.names import compressor, pos_name
from toolkit.results.inspection import Heaps, Inspection, Zipf
from toolkit.results.sentences import say
from toolkit.results.text import ABSENT, byte_count, count, decimals, duration, percent, rounded_count, signed

Lines = list[list[str]]
Quantities = dict[str, Callable[[Any], str]]  # by heading

PARTS = {"corpus": "corpus", "train": "training", "valid": "validation", "test": "held out"}
FORECASTS = {"good_turing": "Good–Turing", "leave_one_out": "leave one out", "growth": "growth"}
COVERAGE_STEPS = (10, 100, 1_000, 10_000)
MAX_PARTS_OF_SPEECH = 6
MAX_EXAMPLES = 3  # of unseen words, for each part of speech
MAX_PAIRS = 5  # of near-duplicates

CUT: Quantities = {
    "column": lambda column: column.column,
    "tokens": lambda column: count(column.train_tokens),
    "tokens\nheld out": lambda column: count(column.test_tokens),
    "per\ntoken": lambda column: decimals(column.coverage.characters_per_token, 2),
    "vocabulary": lambda column: count(column.vocabulary_size),
    "replaced": lambda column: percent(column.coverage.replaced_token_share_train),
    "replaced\nheld out": lambda column: percent(column.coverage.replaced_token_share_test),
}
COST: Quantities = {  # ×+ are multiply–adds per character
    "column": lambda column: column.column,
    "parameters": lambda column: count(column.parameters),
    "in+\nout": lambda column: percent(column.vocabulary_share, 0),
    "×+\ntrain": lambda column: rounded_count(column.multiply_adds_per_character.train),
    "×+\nscore": lambda column: rounded_count(column.multiply_adds_per_character.score),
    "training": lambda column: duration(column.training.seconds),
    "chars\nper s": lambda column: rounded_count(column.training.characters_per_second),
    "memory": lambda column: byte_count(column.training.memory_bytes),
}
OVERLAP: Quantities = {
    "document": lambda overlap: overlap.document,
    "part": lambda overlap: PARTS[overlap.part],
    "shares with": lambda overlap: overlap.other,
    "in part": lambda overlap: PARTS[overlap.other_part],
    "runs of\n13 words": lambda overlap: percent(overlap.spans),
    "runs of\n5 words": lambda overlap: percent(overlap.shingles),
}


def tables(inspection: Inspection) -> dict[str, Lines]:
    """Return the tables that have lines, by title. The first line of a table is its heading."""
    by_title = {
        inspection.title: _text(inspection),
        "Held-out tokens that training lacks": _unseen(inspection),
        "Laws of the training text, if it is long enough": _laws(inspection),
        "Coverage": _coverage(inspection),
        "Unseen held-out words": _parts_of_speech(inspection),
        "How the columns cut the text": _table(inspection.columns, CUT),
        "What the columns cost": _table(inspection.columns, COST),
        "The floor: what counting needs for the held-out text": _floor(inspection),
        "What more text gives: the n-grams after fractions of the training text": _more_text(inspection),
        f"Near-duplicates: {count(len(inspection.overlaps))}": _table(inspection.overlaps[:MAX_PAIRS], OVERLAP),
    }
    return {title: lines for title, lines in by_title.items() if len(lines) > 1}


def notes(inspection: Inspection) -> list[str]:
    """Return the notes of the inspection, and the reasons for missing forecasts and tags."""
    missing = inspection.forecasts.missing.items()
    reasons = [say("advice.j2", "missing_forecast", forecast=name, code=code) for name, code in missing]
    return [*inspection.notes, *reasons, *filter(None, [inspection.uncovered.untagged])]


def _table(items: Iterable[Any], quantities: Quantities) -> Lines:
    return [list(quantities), *([show(item) for show in quantities.values()] for item in items)]


def _text(inspection: Inspection) -> Lines:
    parts = [inspection.text[part] for part in PARTS]
    counts = ("documents", "characters", "words", "tokens", "types", "hapaxes")
    return [
        ["", *PARTS.values()],
        *([name, *(count(getattr(part, name)) for part in parts)] for name in counts),
        ["hapaxes of types, V1/V", *(percent(part.hapax_type_share) for part in parts)],
        ["hapaxes of tokens, V1/N", *(percent(part.hapax_token_share) for part in parts)],
    ]


def _unseen(inspection: Inspection) -> Lines:
    shares = [getattr(inspection.forecasts, name) for name in ("unseen", *FORECASTS)]
    return [["", "held out", *FORECASTS.values()], ["unseen tokens", *(percent(share, 2) for share in shares)]]


def _laws(inspection: Inspection) -> Lines:
    heaps, zipf = inspection.heaps, inspection.zipf
    lines = [["", "exponent", "constant", "fitted from", "to", "R²"]]
    if heaps:
        lines.append(["Heaps: types over tokens", decimals(heaps.beta, 2), decimals(heaps.K, 2), *_range(heaps)])
    if zipf:
        lines.append(["Zipf: count over rank", decimals(zipf.slope, 2), count(zipf.constant), *_range(zipf)])
    return lines


def _range(law: Heaps | Zipf) -> list[str]:
    return [count(law.first), count(law.last), decimals(law.r_squared, 4)]


def _coverage(inspection: Inspection) -> Lines:
    lines = [["share of held-out text in the", *map(count, COVERAGE_STEPS), "all"]]
    for curve in inspection.curves:
        if curve.points:
            shares = [*map(dict(curve.points).get, COVERAGE_STEPS), curve.points[-1][1]]
            lines.append([f"most frequent {curve.unit}", *map(percent, shares)])
    return lines


def _parts_of_speech(inspection: Inspection) -> Lines:
    lines = [["", "held out", "unseen", "share", "such as"]]
    for part in inspection.uncovered.by_part_of_speech[:MAX_PARTS_OF_SPEECH]:
        examples = [word.word for word in inspection.uncovered.examples if word.pos == part.pos][:MAX_EXAMPLES]
        numbers = [count(part.words), count(part.unseen), percent(part.unseen / part.words)]
        lines.append([pos_name(part.pos), *numbers, ", ".join(examples)])
    return lines


def _floor(inspection: Inspection) -> Lines:
    lines = [["", "bits per character", "order", "seconds"]]
    for column in inspection.columns:
        ngram = column.ngram
        bits, seconds = decimals(ngram.bits_per_character.total, 4), decimals(ngram.seconds, 1)
        lines.append([column.counted, bits, str(ngram.order), seconds])
    return lines + [[compressor(b), decimals(b.bits_per_character, 4), "", ""] for b in inspection.baselines]


def _more_text(inspection: Inspection) -> Lines:
    lines: Lines = []
    for column in inspection.columns:
        if column.more_text:
            points, curve = column.more_text.points, column.more_text.curve
            held_back = curve.held_back if curve else None
            lines = lines or [["bits per character after", *(count(n) for n, _ in points), "predicted", "off by"]]
            off = signed(held_back.predicted - held_back.measured) if held_back else ABSENT
            predicted = decimals(held_back.predicted if held_back else None)
            lines.append([column.counted, *(decimals(bits) for _, bits in points), predicted, off])
    return lines
