"""The warnings of a comparison, and of a text: facts that weaken conclusions."""

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.errors import PASSING
from toolkit.evaluation.contrasts import contrasts_of, fraction_differences, leads, noise_differences, training
from toolkit.evaluation.metrics.novelty import folded, listed_words
from toolkit.results.cell import Cell
from toolkit.results.comparison import TOLERANCE, Comparison, excess
from toolkit.results.conclusions import Answer, Contrast, Step, Warning, find
from toolkit.results.corpus import SEGMENT
from toolkit.results.inspection import InspectedColumn
from toolkit.results.record import grouped
from toolkit.runs.spec import Column
from toolkit.text.code_points import without_marks
from toolkit.text.corpus import Document
from toolkit.text.neutral import language_of, unspaced_characters, words
from toolkit.text.tagging import missing_segmenter

SHORT_WORD = 1.5  # characters per word token: shorter "words" are characters
OF_THE_TEXT = ("no_tagger", "language")  # kinds that cells do not show
UNSPACED_SHARE = 0.2  # of a text's letters, in a script without spaces between words: worth a warning
FREQUENT = 100  # most frequent words that are looked up
PER_MILLION = 10.0  # a word of the language is at least this frequent in it
KNOWN_SHARE = 0.5  # of the frequent words; fewer known ones are worth a warning


def warnings_of(comparison: Comparison) -> list[Warning]:
    """Return the comparison's warnings, made anew. Warnings about its text and about missing rows stay.

    A wrong language comes first, because it may be the reason of others.
    """
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
    if comparison.unit == SEGMENT and comparison.folds is None:
        warnings.append(Warning(kind="one_document", columns=[]))
    few = [contrast.units for contrast in comparison.answering[1] if contrast.outcome == "too few units"]
    if few:
        warnings.append(Warning(kind="few_units", columns=[], value=few[0]))
    return sorted(warnings + _of_training(comparison), key=lambda warning: warning.kind != "language")


def _of_training(comparison: Comparison) -> list[Warning]:
    states, warnings = training(comparison), list[Warning]()
    late = dict.fromkeys(name for contrast in comparison.column_contrasts for name in contrast.undertrained)
    if above := [name for name in late if states[name].above_ppmd]:
        warnings.append(Warning(kind="short_training", columns=above))
    improving = [name for name in late if name not in above]
    warnings += [
        Warning(kind="short_training", columns=[name], value=states[name].improving) for name in improving
    ]
    warnings += [
        Warning(kind="overfitting", columns=[name], value=states[name].overfit)
        for name in comparison.columns
        if name in states and states[name].overfit is not None
    ]
    common = comparison.settings.get("train", {})
    tables = comparison.settings.get("columns", {})
    trains = {
        name: common | tables.get(name, {}).get("train", {}) for name in comparison.columns if name in states
    }
    budgets = {name: train["budget_seconds"] for name, train in trains.items() if train.get("budget_seconds")}
    if budgets:
        warnings.append(Warning(kind="budget_ended", columns=[*budgets], value=max(budgets.values())))
    if (more := excess(comparison) or 0.0) > TOLERANCE:
        warnings.append(Warning(kind="unequal_sizes", columns=comparison.columns, value=more))
    return warnings


def language_warnings(documents: Sequence[Document], language: str) -> list[Warning]:
    """Return warnings about the language of the training documents.

    The language must be written in the text's script, if that has no spaces. Half of the frequent words must be
    common in it (by wordfreq, if it lists the language).
    """
    text = "\n\n".join(document.text for document in documents)
    letters = sum(map(str.isalpha, text))
    wrong = Warning(kind="language", columns=[], value=language)
    if letters and unspaced_characters(text) / letters >= UNSPACED_SHARE:
        command = missing_segmenter(language_of(text))
        warnings = [] if language in ("ja", "zh") else [wrong]
        return warnings + ([Warning(kind="characters_as_words", columns=[], value=command)] if command else [])
    listed = listed_words(language, "small", PER_MILLION)
    written = (word for document in documents for word in words(document.text))
    counts = Counter(folded(word, language) for word in written if without_marks(word).isalpha())
    frequent = [word for word, _ in counts.most_common(FREQUENT)]
    is_wrong = (
        listed and len(frequent) == FREQUENT and len(listed.intersection(frequent)) < KNOWN_SHARE * FREQUENT
    )
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


ENOUGH_SEEDS = 3  # with fewer, a verdict is about the trained models alone
NOT_AGAIN = ("--fresh", "--open", "--quiet", "--json")  # options that the next command does without
LAST_COMMAND = re.compile(r"(?:.*; )?(toolkit compare(?: \S+)?(?: -.*)?)", re.DOTALL)


def concluded(comparison: Comparison) -> Comparison:
    """Return the comparison with contrasts, leads, noise, scaling, warnings and answer from its cells."""
    compared = comparison.model_copy(
        update={
            "contrasts": contrasts_of(comparison),
            "leads": leads(comparison),
            "noise": noise_differences(comparison),
            "scaling": fraction_differences(comparison),
        }
    )
    return answered(compared)


def answered(comparison: Comparison) -> Comparison:
    """Return the comparison with the warnings and the answer that follow from its contrasts."""
    warned = comparison.model_copy(update={"warnings": warnings_of(comparison)})
    return warned.model_copy(update={"answer": answer(warned)})


def answer(comparison: Comparison) -> Answer:
    """Return the answer, over all folds if there are several. The next command continues the first fold.

    The column with the fewest bits is recommended if it beats at least one more column.
    """
    totals, contrasts = comparison.answering
    ranked = sorted(totals, key=lambda name: totals[name])
    against = [find(contrasts, ranked[0], name) for name in ranked[1:]]
    beaten = [contrast.b for contrast in against if contrast.significant]
    step, command = next_step(comparison, against[:1] if not beaten else against)
    if not beaten:
        return Answer(tied=ranked, next=step, command=command)
    tied = [str(contrast.b) for contrast in against if not contrast.significant]
    return Answer(column=ranked[0], tied=tied, runner_up=beaten[0], next=step, command=command)


def continuing(command: str) -> str | None:
    """Return the command that continues a comparison, or None if no command made it.

    >>> continuing("toolkit compare a; toolkit compare a --fresh --seeds 3")
    'toolkit compare a --seeds 3'
    """
    match = LAST_COMMAND.fullmatch(command)
    if not match:
        return None
    return shlex.join(word for word in shlex.split(match[1]) if word not in NOT_AGAIN)


def next_step(comparison: Comparison, against: Sequence[Contrast]) -> tuple[Step | None, str | None]:
    """Return the next step and its command, if the comparison was made by a command.

    ``against`` are the contrasts of the best column that decide the answer. After a failure there is
    no step, since code or settings have to change first, and without enough held-out text no step
    helps. Where ``--more`` is refused, the step has no command.
    """
    command = continuing(comparison.command)
    if command is None:
        return None, None
    words = shlex.split(command)
    options = {word.partition("=")[0] for word in words}
    later = comparison.folds.warnings if comparison.folds else []
    if any(cell.reason in PASSING for cell in comparison.failed) or any(
        warning.value in PASSING for warning in later
    ):
        return "repeat", command
    if comparison.failed:
        return None, None
    if any(warning.kind == "language" for warning in comparison.warnings):  # it has to be right first
        return None, None
    if comparison.quick:
        return "full", shlex.join(word for word in words if word != "--quick")
    if any(contrast.outcome == "too few units" for contrast in against):
        return None, None
    if any(contrast.undertrained for contrast in against) and "--more" not in options:
        is_refused = comparison.settings.get("match") or any(cell.fold for cell in comparison.done)
        return "more", None if is_refused else f"{command} --more 2x"
    if against and against[0].limit == "units":
        return None, None
    trained = [cells for cells in comparison.by_column.values() if not cells[0].counted]
    seeds = [len(cells) for cells in trained]
    if min(seeds, default=ENOUGH_SEEDS) < ENOUGH_SEEDS:
        return "seeds", f"{re.sub(r' --seeds[ =][0-9]+', '', command)} --seeds {ENOUGH_SEEDS}"
    if any(cell.verified is None for cell in comparison.full) and "--verify" not in options:
        return "verify", f"{command} --verify"
    return None, None
