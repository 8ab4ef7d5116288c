"""The warnings of a comparison, and of a text: facts that weaken conclusions."""

from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.evaluation.metrics.novelty import folded, listed_words
from toolkit.evaluation.undertraining import training
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import BLOCK, SEGMENT
from toolkit.results.inspection import InspectedColumn
from toolkit.results.resources import OF_MATCH, TOLERANCE, excess, match_of
from toolkit.results.units import unit_of
from toolkit.runs.spec import Column
from toolkit.text.code_points import without_marks
from toolkit.text.corpus import Document
from toolkit.text.excerpt import fitting
from toolkit.text.neutral import words
from toolkit.text.tagging import SEGMENTERS, missing_segmenter
from toolkit.text.unspaced import language_of, unspaced_characters

OVERFITTING = 0.8  # share of training: an earlier best check means overfitting
RISE = 0.01  # bits per character of the validation text above the best check
SHORT_WORD = 1.5  # characters per word token: shorter "words" are characters
OF_THE_TEXT = ("no_tagger", "language", "excerpt")  # kinds that cells do not show
UNSPACED_SHARE = 0.2  # of a text's letters, in a script without spaces between words: worth a warning
FREQUENT = 100  # most frequent words that are looked up
PER_MILLION = 10.0  # a word of the language is at least this frequent in it
KNOWN_SHARE = 0.5  # of the frequent words; fewer known ones are worth a warning


def warnings_of(comparison: Comparison) -> list[Warning]:
    """Return the comparison's warnings, made anew. Warnings about its text and about missing rows stay."""
    columns = {cell.column for cell in comparison.cells}
    stay = [
        warning
        for warning in comparison.warnings
        if warning.kind in OF_THE_TEXT
        or (warning.kind == "characters_as_words" and not warning.columns)
        or (warning.kind == "failed" and columns.isdisjoint(warning.columns))
    ]
    return [*_of_cells(comparison), *stay, *_of_the_split(comparison), *_of_training(comparison)]


def _of_cells(comparison: Comparison) -> list[Warning]:
    reasons = dict[str, list[str]]()
    for cell in comparison.failed:
        reasons.setdefault(cell.reason, []).append(cell.column)
    warnings = [Warning(kind="failed", columns=[*dict.fromkeys(names)], value=why) for why, names in reasons.items()]
    cells = {name: of_name[0] for name, of_name in comparison.by_column.items()}
    if foreign := [name for name, cell in cells.items() if not Column.of_cell(cell).ours]:
        warnings.append(Warning(kind="foreign_code", columns=foreign))
    return warnings + characters_as_words(cells.values())


def _of_the_split(comparison: Comparison) -> list[Warning]:
    corpus, warnings = comparison.corpus, list[Warning]()
    if corpus.overlaps:
        warnings.append(Warning(kind="near_duplicates", columns=[], value=len(corpus.overlaps)))
    one_document = unit_of(comparison) == SEGMENT or (corpus.unit == BLOCK and corpus.train_documents == 1)
    if one_document and comparison.folds is None:
        warnings.append(Warning(kind="one_document", columns=[]))
    few = [contrast.units for contrast in comparison.answering[1] if contrast.outcome == "too few units"]
    if few:
        warnings.append(Warning(kind="few_units", columns=[], value=few[0]))
    return warnings


def _of_training(comparison: Comparison) -> list[Warning]:
    states, warnings = training(comparison), list[Warning]()
    late = dict.fromkeys(name for contrast in comparison.column_contrasts for name in contrast.undertrained)
    if above := [name for name in late if states[name].above_ppmd]:
        warnings.append(Warning(kind="short_training", columns=above))
    improving = [name for name in late if name not in above]
    warnings += [Warning(kind="short_training", columns=[name], value=states[name].improving) for name in improving]
    for name, cells in comparison.by_column.items():
        if (share := overfitted_after(cells)) is not None:
            warnings.append(Warning(kind="overfitting", columns=[name], value=share))
    tables = comparison.settings.get("columns", {})
    common = comparison.settings.get("train", {}).get("budget_seconds")
    budgets = {name: tables.get(name, {}).get("train", {}).get("budget_seconds", common) for name in states}
    by_clock = {name: budget for name, budget in budgets.items() if budget is not None and name in comparison.columns}
    if by_clock:
        warnings.append(Warning(kind="budget_ended", columns=[*by_clock], value=max(by_clock.values())))
    match = match_of(comparison)
    if match and (more := excess(comparison, OF_MATCH[match])) is not None and more > TOLERANCE:
        warnings.append(Warning(kind="unequal_sizes", columns=comparison.columns, value=more))
    return warnings


def overfitted_after(cells: list[Cell]) -> float | None:
    """Return the share of training after which a column overfitted, the earliest of its seeds; None if none did."""
    shares = []
    for cell in cells:
        if cell.history:
            best, last = cell.best_check, cell.history[-1]
            share = best.updates / last.updates
            if share < OVERFITTING and last.valid_bits_per_character > best.valid_bits_per_character + RISE:
                shares.append(share)
    return min(shares, default=None)


def language_warnings(documents: Sequence[Document], language: str) -> list[Warning]:
    """Return warnings about the language of the training documents. Of long documents, an excerpt is read.

    The language must be written in the text's script, if that has no spaces. Half of the frequent words must be
    common in it (by wordfreq, if it lists the language).
    """
    read = fitting(documents)
    text = "\n\n".join(document.text for document in read)
    letters = sum(map(str.isalpha, text))
    if letters and unspaced_characters(text) / letters >= UNSPACED_SHARE:
        command = missing_segmenter(language_of(text))
        warnings = [] if language in SEGMENTERS else [Warning(kind="language", columns=[], value=language)]
        return warnings + ([Warning(kind="characters_as_words", columns=[], value=command)] if command else [])
    listed = listed_words(language, "small", PER_MILLION)
    written = (word for document in read for word in words(document.text))
    counts = Counter(folded(word, language) for word in written if without_marks(word).isalpha())
    frequent = [word for word, _ in counts.most_common(FREQUENT)]
    known = sum(word in listed for word in frequent)
    if listed and len(frequent) == FREQUENT and known < KNOWN_SHARE * FREQUENT:
        return [Warning(kind="language", columns=[], value=language)]
    return []


def characters_as_words(columns: Iterable[Cell | InspectedColumn]) -> list[Warning]:
    """Return a warning for each column of words whose word tokens are hardly longer than a character."""
    word_columns = (column for column in columns if column.strategy is not None)
    lengths = {column.column: column.coverage.characters_per_word_token for column in word_columns}
    return [
        Warning(kind="characters_as_words", columns=[name], value=length)
        for name, length in lengths.items()
        if length is not None and length < SHORT_WORD
    ]
