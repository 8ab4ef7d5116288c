"""Tables of an inspection for a terminal, and the notes below them. The page has more."""

from toolkit.report.names import compressor, pos_name
from toolkit.results.inspection import Inspection
from toolkit.results.sentences import say
from toolkit.results.text import byte_count, count, decimals, duration, percent, rounded_count

Lines = list[list[str]]

PARTS = {"corpus": "corpus", "train": "training", "valid": "validation", "test": "held out"}
FORECASTS = {"unseen": "held out", "good_turing": "Good–Turing", "leave_one_out": "leave one out", "growth": "growth"}
MAX_PARTS_OF_SPEECH = 6
MAX_EXAMPLES = 3  # of unseen words, for each part of speech


def tables(inspection: Inspection) -> dict[str, Lines]:
    """Return the tables that have lines, by title. The first line of a table is its heading."""
    forecasts = [percent(getattr(inspection.forecasts, name), 2) for name in FORECASTS]
    by_title = {
        inspection.title: _text(inspection),
        "Held-out tokens that training lacks": [["", *FORECASTS.values()], ["unseen tokens", *forecasts]],
        "Unseen held-out words": _parts_of_speech(inspection),
        "How the columns cut the text": _cut(inspection),
        "What the columns cost": _cost(inspection),
        "The floor: what counting needs for the held-out text": _floor(inspection),
    }
    return {title: lines for title, lines in by_title.items() if len(lines) > 1}


def notes(inspection: Inspection) -> list[str]:
    """Return the notes of the inspection, and the reasons for missing forecasts and tags."""
    missing = inspection.forecasts.missing.items()
    reasons = [say("advice.j2", "missing_forecast", forecast=name, code=code) for name, code in missing]
    return [*inspection.notes, *reasons, *filter(None, [inspection.uncovered.untagged])]


def _text(inspection: Inspection) -> Lines:
    parts = [inspection.text[part] for part in PARTS]
    counts = ("documents", "characters", "words", "tokens", "types", "hapaxes")
    return [
        ["", *PARTS.values()],
        *([name, *(count(getattr(part, name)) for part in parts)] for name in counts),
        ["hapaxes of types, V1/V", *(percent(part.hapax_type_share) for part in parts)],
        ["hapaxes of tokens, V1/N", *(percent(part.hapax_token_share) for part in parts)],
    ]


def _parts_of_speech(inspection: Inspection) -> Lines:
    lines = [["", "held out", "unseen", "share", "such as"]]
    for part in inspection.uncovered.by_part_of_speech[:MAX_PARTS_OF_SPEECH]:
        examples = [word.word for word in inspection.uncovered.examples if word.pos == part.pos][:MAX_EXAMPLES]
        numbers = [count(part.words), count(part.unseen), percent(part.unseen / part.words)]
        lines.append([pos_name(part.pos), *numbers, ", ".join(examples)])
    return lines


def _cut(inspection: Inspection) -> Lines:
    headings = ["tokens", "tokens\nheld out", "per\ntoken", "vocabulary", "replaced", "replaced\nheld out"]
    lines = [["column", *headings]]
    for column in inspection.columns:
        shares = (column.coverage.replaced_token_share_train, column.coverage.replaced_token_share_test)
        tokens = [count(column.train_tokens), count(column.test_tokens)]
        sizes = [decimals(column.coverage.characters_per_token, 2), count(column.vocabulary_size)]
        lines.append([column.column, *tokens, *sizes, *map(percent, shares)])
    return lines


def _cost(inspection: Inspection) -> Lines:
    """The costs. ×+ are multiply–adds per character."""
    headings = ["parameters", "in+\nout", "×+\ntrain", "×+\nscore", "training", "chars\nper s", "memory"]
    lines = [["column", *headings]]
    for column in inspection.columns:
        size, cost = [count(column.parameters), percent(column.vocabulary_share, 0)], column.training
        products = column.multiply_adds_per_character
        rates = [rounded_count(number) for number in (products.train, products.score, cost.characters_per_second)]
        costs = [*rates[:2], duration(cost.seconds), rates[2], byte_count(cost.memory_bytes)]
        lines.append([column.column, *size, *costs])
    return lines


def _floor(inspection: Inspection) -> Lines:
    lines = [["", "bits per character", "order", "seconds"]]
    for column in inspection.columns:
        ngram = column.ngram
        bits, seconds = decimals(ngram.bits_per_character.total, 4), decimals(ngram.seconds, 1)
        lines.append([column.counted, bits, str(ngram.order), seconds])
    return lines + [[compressor(b), decimals(b.bits_per_character, 4), "", ""] for b in inspection.baselines]
