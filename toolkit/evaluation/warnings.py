"""The warnings of a comparison, and of a text: facts that weaken conclusions."""

from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.evaluation.contrasts import training
from toolkit.evaluation.metrics.novelty import folded, listed_words
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import BLOCK, SEGMENT
from toolkit.results.inspection import InspectedColumn
from toolkit.results.record import grouped
from toolkit.results.resources import TOLERANCE, excess
from toolkit.runs.spec import Column
from toolkit.text.code_points import without_marks
from toolkit.text.corpus import Document
from toolkit.text.neutral import language_of, unspaced_characters, words
from toolkit.text.store import fitting
from toolkit.text.tagging import SEGMENTERS, missing_segmenter

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
    warnings = [
        Warning(kind="failed", columns=[*dict.fromkeys(cell.column for cell in cells)], value=reason)
        for reason, cells in grouped(comparison.failed, lambda cell: cell.reason).items()
    ]
    first = {name: cells[0] for name, cells in comparison.by_column.items()}
    if foreign := [name for name, cell in first.items() if not Column.of_cell(cell).ours]:
        warnings.append(Warning(kind="foreign_code", columns=foreign))
    warnings += characters_as_words(first.values())
    columns = {cell.column for cell in comparison.cells}
    warnings += [
        warning
        for warning in comparison.warnings
        if warning.kind in OF_THE_TEXT
        or (warning.kind == "characters_as_words" and not warning.columns)
        or (warning.kind == "failed" and columns.isdisjoint(warning.columns))
    ]
    corpus = comparison.corpus
    if corpus.overlaps:
        warnings.append(Warning(kind="near_duplicates", columns=[], value=len(corpus.overlaps)))
    one_document = comparison.unit == SEGMENT or (corpus.unit == BLOCK and corpus.train_documents == 1)
    if one_document and comparison.folds is None:
        warnings.append(Warning(kind="one_document", columns=[]))
    few = [contrast.units for contrast in comparison.answering[1] if contrast.outcome == "too few units"]
    if few:
        warnings.append(Warning(kind="few_units", columns=[], value=few[0]))
    return warnings + _of_training(comparison)


def _of_training(comparison: Comparison) -> list[Warning]:
    states, warnings = training(comparison), list[Warning]()
    late = dict.fromkeys(name for contrast in comparison.column_contrasts for name in contrast.undertrained)
    if above := [name for name in late if states[name].above_ppmd]:
        warnings.append(Warning(kind="short_training", columns=above))
    improving = [name for name in late if name not in above]
    warnings += [Warning(kind="short_training", columns=[name], value=states[name].improving) for name in improving]
    for name, cells in comparison.by_column.items():
        checks = [(cell.best_check, cell.history[-1]) for cell in cells if cell.history]
        shares = [
            best.updates / last.updates
            for best, last in checks
            if last.valid_bits_per_character - best.valid_bits_per_character > RISE
        ]
        if min(shares, default=1.0) < OVERFITTING:
            warnings.append(Warning(kind="overfitting", columns=[name], value=min(shares)))
    common, tables = comparison.settings.get("train", {}), comparison.settings.get("columns", {})
    trains = {name: common | tables.get(name, {}).get("train", {}) for name in comparison.columns if name in states}
    budgets = {name: train["budget_seconds"] for name, train in trains.items() if train.get("budget_seconds")}
    if budgets:
        warnings.append(Warning(kind="budget_ended", columns=[*budgets], value=max(budgets.values())))
    if (more := excess(comparison) or 0.0) > TOLERANCE:
        warnings.append(Warning(kind="unequal_sizes", columns=comparison.columns, value=more))
    return warnings


def language_warnings(documents: Sequence[Document], language: str) -> list[Warning]:
    """Return warnings about the language of the training documents. Of long documents, an excerpt is read.

    The language must be written in the text's script, if that has no spaces. Half of the frequent words must be
    common in it (by wordfreq, if it lists the language).
    """
    read = fitting(documents)
    text = "\n\n".join(document.text for document in read)
    letters = sum(map(str.isalpha, text))
    wrong = Warning(kind="language", columns=[], value=language)
    if letters and unspaced_characters(text) / letters >= UNSPACED_SHARE:
        command = missing_segmenter(language_of(text))
        warnings = [] if language in SEGMENTERS else [wrong]
        return warnings + ([Warning(kind="characters_as_words", columns=[], value=command)] if command else [])
    listed = listed_words(language, "small", PER_MILLION)
    written = (word for document in read for word in words(document.text))
    counts = Counter(folded(word, language) for word in written if without_marks(word).isalpha())
    frequent = [word for word, _ in counts.most_common(FREQUENT)]
    is_wrong = listed and len(frequent) == FREQUENT and len(listed.intersection(frequent)) < KNOWN_SHARE * FREQUENT
    return [wrong] if is_wrong else []


def characters_as_words(columns: Iterable[Cell | InspectedColumn]) -> list[Warning]:
    """Return a warning for each column of words whose word tokens are hardly longer than a character."""
    word_columns = (column for column in columns if column.strategy is not None)
    lengths = {column.column: column.coverage.characters_per_word_token for column in word_columns}
    return [
        Warning(kind="characters_as_words", columns=[name], value=length)
        for name, length in lengths.items()
        if length is not None and length < SHORT_WORD
    ]
