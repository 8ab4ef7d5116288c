"""The summary of an inspection: its advice, and tables for a terminal. The page has more tables.

The words of the advice are in results/advice.j2.
"""

from toolkit.evaluation.estimate import permutations_needed
from toolkit.report.columns import pos_name
from toolkit.results.corpus import DOCUMENT
from toolkit.results.inspection import Advice, AdviceKind, Inspection
from toolkit.results.record import say
from toolkit.results.text import byte_count, count, decimals, duration, percent, rounded_count

Lines = list[list[str]]

PARTS = {"corpus": "corpus", "train": "training", "valid": "validation", "test": "held out"}
FORECASTS = {"unseen": "held out", "good_turing": "Good–Turing", "leave_one_out": "leave one out", "growth": "growth"}
MAX_PARTS_OF_SPEECH = 6
MAX_EXAMPLES = 3  # of unseen words, for each part of speech
MUCH_MORE = 1.5  # times as much
MAX_VOCABULARY_SHARE = 0.5  # of a network's parameters
MAX_TRAINING_SECONDS = 600


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
    reasons = [say("missing_forecast", name, code) for name, code in missing]
    return [*inspection.notes, *reasons, *filter(None, [inspection.uncovered.untagged])]


def advice(inspection: Inspection) -> list[Advice]:
    """Return the advice that follows from the figures of an inspection, the most important first."""
    return [*_rare_words(inspection), *_new_words(inspection), *_floors(inspection), *_columns(inspection)]


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
        lines.append([column.ngram_name, bits, str(ngram.order), seconds])
    return lines + [[b.title, decimals(b.bits_per_character, 4), "", ""] for b in inspection.baselines]


def _by_column(kind: AdviceKind, numbers: dict[str, float]) -> list[Advice]:
    return [Advice(kind=kind, columns=list(numbers), value=numbers)] if numbers else []


def _rare_words(inspection: Inspection) -> list[Advice]:
    """Words that columns spell, and columns whose training text has a much smaller share of rare words."""
    options, spelled, ratios = inspection.settings.get("columns", {}), dict[str, float](), dict[str, float]()
    one_document = inspection.text["corpus"].documents == 1 or "leave_one_out" in inspection.forecasts.missing
    for column in inspection.columns:
        name, coverage = column.column, column.coverage
        if column.strategy is not None and (share := coverage.replaced_token_share_test):
            spelled[name] = share
            rare = coverage.replaced_token_share_train
            without_effect = one_document or "rare_max_documents" in options.get(name, {})
            if rare and share / rare >= MUCH_MORE and not without_effect:
                ratios[name] = share / rare
    return _by_column("spelled_words", spelled) + _by_column("rarity_mismatch", ratios)


def _new_words(inspection: Inspection) -> list[Advice]:
    """Forecasts of unseen words: documents with vocabularies of their own, and what twice the text gives."""
    forecasts, heaps, new_words = inspection.forecasts, inspection.heaps, []
    known, left_out = forecasts.good_turing, forecasts.leave_one_out
    if known and left_out and left_out >= MUCH_MORE * known:
        shares = {"good_turing": known, "leave_one_out": left_out, "unseen": forecasts.unseen}
        new_words.append(Advice(kind="document_vocabulary", value=shares))
    if heaps is not None and 0 < heaps.end_exponent < 1 and forecasts.unseen:
        doubled = forecasts.unseen * 2 ** (heaps.end_exponent - 1)
        new_words.append(Advice(kind="more_text", value={"unseen": forecasts.unseen, "doubled": doubled}))
    return new_words


def _floors(inspection: Inspection) -> list[Advice]:
    """The best n-gram, after a compressor that beats it because it keeps learning from the held-out text."""
    best = min(inspection.columns, key=lambda column: column.ngram.bits_per_character.total)
    bits = best.ngram.bits_per_character.total
    floors = [Advice(kind="floor", columns=[best.ngram_name], value=bits)]
    for adapting in sorted(inspection.baselines, key=lambda baseline: baseline.bits_per_character)[:1]:
        if adapting.bits_per_character < bits:
            names = [adapting.title]
            floors.insert(0, Advice(kind="adapting_compressor", columns=names, value=adapting.bits_per_character))
    return floors


def _columns(inspection: Inspection) -> list[Advice]:
    """Networks that are mostly vocabulary or train long, and too few held-out documents for the number of columns."""
    columns, documents = inspection.columns, inspection.text["test"].documents
    shares = {c.column: c.vocabulary_share for c in columns if c.vocabulary_share > MAX_VOCABULARY_SHARE}
    seconds = {c.column: c.training.seconds for c in columns if c.training.seconds > MAX_TRAINING_SECONDS}
    about = _by_column("large_vocabulary", shares) + _by_column("long_training", seconds)
    needed = permutations_needed(len(columns)) if len(columns) > 1 else 0
    if 1 < documents < needed and inspection.unit == DOCUMENT:
        counts: dict[str, float] = {"documents": documents, "needed": needed}
        about.append(Advice(kind="few_documents", columns=[c.column for c in columns], value=counts))
    return about
