"""An inspection as tables of text for a terminal, and what a reader must know beside them."""

from toolkit.report.names import FORECASTS, compressor, pos_name
from toolkit.results.corpus import Overlap
from toolkit.results.inspection import Inspection
from toolkit.results.text import byte_count, duration, plural, rounded_count
from toolkit.text.duplicates import in_common

Lines = list[list[str]]

PARTS = {"corpus": "corpus", "train": "training", "valid": "validation", "test": "held out"}
STEPS = (10, 100, 1_000, 10_000)  # of the coverage curves
PARTS_OF_SPEECH = 6  # those with the most unseen words
SUCH = 3  # unseen words beside each
PAIRS = 5  # near-duplicates with a line of their own


def tables(inspection: Inspection) -> list[tuple[str, Lines]]:
    """The tables that have lines, each a title and its lines, the first of them its heading."""
    titled = [
        (inspection.title, text(inspection)),
        ("How much of the held-out text training does not have", unseen(inspection)),
        ("Laws of the training text", laws(inspection)),
        ("Coverage", curves(inspection)),
        ("Unseen held-out words", parts_of_speech(inspection)),
        ("How the columns cut the text", cut(inspection)),
        ("What the columns cost", cost(inspection)),
        ("The floor: what counting needs for the held-out text", floor(inspection)),
        ("What more text gives: the n-grams after fractions of the training text", more_text(inspection)),
    ]
    return [(title, lines) for title, lines in titled if len(lines) > 1]


def notes(inspection: Inspection) -> list[str]:
    """What could not be given, and why; and the largest near-duplicates but that of which the advice speaks."""
    missing = [
        f"There is no forecast by {FORECASTS[name]}: {why}." for name, why in inspection.forecasts.missing.items()
    ]
    short = [
        f"The training text is too short to fit {law}."
        for law, fit in (("Heaps’ law", inspection.heaps), ("Zipf’s law", inspection.zipf))
        if fit is None
    ]
    untagged = [inspection.uncovered.untagged] if inspection.uncovered.untagged else []
    others = [overlap for overlap in inspection.overlaps if overlap not in inspection.across[:1]]
    pairs = [f"{pair(overlap)}." for overlap in others[:PAIRS]]
    if (more := len(others) - PAIRS) > 0:
        share, them = ("shares", "it") if more == 1 else ("share", "them")
        pairs.append(
            f"{plural(more, 'more pair')} of documents {share} much, in one part or between two; the page lists {them}."
        )
    return [*inspection.notes, *missing, *short, *untagged, *pairs]


def pair(overlap: Overlap) -> str:
    """What a document has in common with another one, with their parts: a sentence without its full stop."""
    here, there = PARTS[overlap.part], PARTS[overlap.other_part]
    return f"{overlap.document!r} ({here}) has {in_common(overlap)} in common with {overlap.other!r} ({there})"


def percent(share: float | None, places: int = 1) -> str:
    """A share in per cent.

    >>> percent(0.1234), percent(None)
    ('12.3 %', '–')
    """
    return "–" if share is None else f"{100 * share:.{places}f} %"


def text(inspection: Inspection) -> Lines:
    """How much text there is, by part."""
    parts = [inspection.text[part] for part in PARTS]
    counted = ("documents", "characters", "words", "tokens", "types", "hapaxes")
    return [
        ["", *PARTS.values()],
        *([name, *(f"{getattr(part, name):,}" for part in parts)] for name in counted),
        ["hapaxes of types, V1/V", *(percent(part.hapax_type_share) for part in parts)],
        ["hapaxes of tokens, V1/N", *(percent(part.hapax_token_share) for part in parts)],
    ]


def unseen(inspection: Inspection) -> Lines:
    """The forecasts beside the real share."""
    facts = inspection.forecasts
    shares = (facts.unseen, facts.good_turing, facts.leave_one_out, facts.growth)
    return [
        ["", "held out", "Good–Turing", "leave one out", "growth"],
        ["unseen tokens", *(percent(share, 2) for share in shares)],
    ]


def laws(inspection: Inspection) -> Lines:
    """The fits of Heaps and Zipf."""
    lines = [["", "exponent", "constant", "fitted from", "to", "R²"]]
    if heaps := inspection.heaps:
        ends = (f"{heaps.first:,}", f"{heaps.last:,}", f"{heaps.r_squared:.4f}")
        lines.append(["Heaps: types over tokens", f"{heaps.beta:.2f}", f"{heaps.K:.2f}", *ends])
    if zipf := inspection.zipf:
        ends = (f"{zipf.first:,}", f"{zipf.last:,}", f"{zipf.r_squared:.4f}")
        lines.append(["Zipf: count over rank", f"{zipf.slope:.2f}", f"{zipf.constant:,.0f}", *ends])
    return lines


def curves(inspection: Inspection) -> Lines:
    """What the k most frequent units cover."""
    lines = [["share of held-out text in the", *(f"{k:,}" for k in STEPS), "all"]]
    for curve in inspection.curves:
        if curve.points:
            shares = dict(curve.points)
            reached = [*map(shares.get, STEPS), curve.points[-1][1]]
            lines.append([f"most frequent {curve.unit}", *map(percent, reached)])
    return lines


def parts_of_speech(inspection: Inspection) -> Lines:
    """The parts of speech with the most unseen words."""
    facts = inspection.uncovered
    lines = [["", "held out", "unseen", "share", "such as"]]
    for part in facts.by_part_of_speech[:PARTS_OF_SPEECH]:
        such = [word.word for word in facts.examples if word.pos == part.pos][:SUCH]
        counts = (f"{part.words:,}", f"{part.unseen:,}", percent(part.unseen / part.words))
        lines.append([pos_name(part.pos), *counts, ", ".join(such)])
    return lines


def cut(inspection: Inspection) -> Lines:
    """How the columns cut the text."""
    lines = [["column", "tokens", "held\nout", "per\ntoken", "vocabulary", "replaced", "held\nout"]]
    for column in inspection.columns:
        facts = column.coverage
        lines.append(
            [
                column.column,
                f"{column.train_tokens:,}",
                f"{column.test_tokens:,}",
                f"{facts.characters_per_token:.2f}",
                f"{column.vocabulary_size:,}",
                percent(facts.replaced_token_share_train),
                percent(facts.replaced_token_share_test),
            ]
        )
    return lines


def cost(inspection: Inspection) -> Lines:
    """What the columns cost: ``×+`` are multiply–adds per character."""
    lines = [["column", "parameters", "in+\nout", "×+\ntrain", "×+\nscore", "training", "chars\nper s", "memory"]]
    for column in inspection.columns:
        training, multiply_adds = column.training, column.multiply_adds_per_character
        lines.append(
            [
                column.column,
                f"{column.parameters:,}",
                percent(column.vocabulary_share, 0),
                rounded_count(multiply_adds.train),
                rounded_count(multiply_adds.score),
                duration(training.seconds),
                rounded_count(training.characters_per_second),
                byte_count(training.memory_bytes),
            ]
        )
    return lines


def floor(inspection: Inspection) -> Lines:
    """What counting needs."""
    lines = [["what counts", "bits per character", "order", "seconds"]]
    for column in inspection.columns:
        bits, ngram = f"{column.ngram.bits_per_character.total:.4f}", column.ngram
        lines.append([column.counted, bits, str(ngram.order), f"{ngram.seconds:.1f}"])
    lines += [[compressor(baseline), f"{baseline.bits_per_character:.4f}", "", ""] for baseline in inspection.baselines]
    return lines


def more_text(inspection: Inspection) -> Lines:
    """The n-grams after fractions of the training text, and how well the smaller ones predict the whole, if they do."""
    lines: Lines = []
    for column in inspection.columns:
        if column.more_text:
            points, held = column.more_text.points, column.more_text.held_back
            lines = lines or [["bits per character after", *(f"{n:,}" for n, _ in points), "predicted", "off by"]]
            off = f"{held.predicted - held.measured:+.3f}".replace("-", "−") if held else "–"
            predicted = f"{held.predicted:.3f}" if held else "–"
            lines.append([column.counted, *(f"{bits:.3f}" for _, bits in points), predicted, off])
    return lines
