"""A comparison's record from any cells of one split and the facts of the corpus."""

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import fmean
from typing import NamedTuple

from toolkit.comparison.folder import Matching
from toolkit.comparison.request import Request
from toolkit.comparison.work import Work
from toolkit.environment import machine, versions
from toolkit.evaluation.compressors import baselines
from toolkit.evaluation.conclusions import answered, concluded
from toolkit.evaluation.folds import folds_of
from toolkit.evaluation.metrics import in_memory, measures
from toolkit.evaluation.metrics.coverage import coverage_of, fraction_facts, word_bits
from toolkit.evaluation.warnings import language_warnings
from toolkit.report import explorer
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import SEGMENT, CorpusFacts, SplitNames
from toolkit.results.grouping import grouped
from toolkit.results.rows import Baseline, Row
from toolkit.results.words import Passage, WordBits
from toolkit.runs.folder import load_scores
from toolkit.text.census import census
from toolkit.text.corpus import characters, utf8_bytes, whole_documents
from toolkit.text.duplicates import Alike
from toolkit.text.excerpt import excerpt_note, fitting
from toolkit.training.recipes import completed, recipe_title

ON_CLUSTER = (
    "Cells were computed by workers of a Dask scheduler. The machine named here is that of the command; "
    "environment.json in each run has that of the run."
)


class CorpusReading(NamedTuple):
    """The facts of a fold's corpus, and the compressors' bits."""

    facts: CorpusFacts
    baselines: list[Baseline]


class HeldOutReading(NamedTuple):
    """Passages of the held-out text as every column read them, and the words on which columns differ most."""

    passages: list[Passage]
    words: WordBits


def read_corpus(work: Work, matching: Matching) -> CorpusReading:
    """Return the facts of the corpus: coverage, near-duplicates and compressors."""
    work.reporter.stage("reading the corpus: coverage, near-duplicates and compressors")
    request = work.request
    corpus, split, alike = request.corpus, request.split, Alike(request.split)
    sizes = {fraction: request.training_characters(fraction) for fraction in request.fractions}
    recipes = {f: recipe_title(completed(dict(request.given), size).recipe, size) for f, size in sizes.items()}
    facts = CorpusFacts(
        name=corpus.name,
        sha256=corpus.sha256,
        language=corpus.language,
        documents=len(split.documents),
        characters=characters(split.documents),
        test_characters=characters(split.test),
        test_bytes=utf8_bytes(document.text for document in split.test),
        train_characters=characters(split.train),
        train_documents=whole_documents(split.train),
        unit=split.unit,
        split=SplitNames(**request.split_names),
        coverage=coverage_of(census(split.train), census(split.test)),
        fractions=fraction_facts(request.splits, recipes) if len(recipes) > 1 else [],
        notes=[
            *split.notes,
            *filter(None, [matching.note]),
            *([ON_CLUSTER] if request.scheduler is not None else []),
            *stage_notes(request),
            *alike.notes,
            *request.excerpt_notes(),
            *excerpt_note("Compressors are measured", split.train, fitting(split.train)),
        ],
        overlaps=alike.across,
    )
    parts = map(fitting, split.parts.values())
    return CorpusReading(facts, baselines(*([document.text for document in documents] for documents in parts)))


def stage_notes(request: Request) -> list[str]:
    """Return a sentence if the training of networks was continued."""
    if len(request.stages) == 1 or not any(column.is_network for column in request.columns):
        return []
    *before, last = (f"{factor:g}" for factor in request.stages)
    return [
        f"Networks were trained in stages, {', '.join(before)} and {last} times as long as the settings say. Training "
        f"{last} times as long at once gives other numbers."
    ]


def text_warnings(request: Request) -> list[Warning]:
    """Return warnings about the text: its tagger, its language, and an excerpt that samples are measured against."""
    warnings = [*request.warnings, *language_warnings(request.split.train, request.corpus.language)]
    read = in_memory(request.split).train
    if len(read) < len(request.split.train):
        warnings.append(Warning(kind="excerpt", columns=[], value=characters(read)))
    return warnings


def read_held_out(work: Work, cells: Sequence[Cell]) -> HeldOutReading:
    """Return passages and words of the held-out text, of each column's first seed among finished cells.

    The passages are chosen by the best column and the next. Parts of a single text give no intervals of words.
    """
    from toolkit.evaluation.passages import passages
    from toolkit.inference.scores import scores_of
    from toolkit.inference.word_costs import bits_by_word

    work.reporter.stage("reading passages of the held-out text with every column")
    test, texts = work.split.test, [document.text for document in work.split.test]
    columns = grouped(cells, lambda cell: cell.column)
    runs = {name: work.out / some[0].run for name, some in columns.items()}
    scores = {name: scores_of(load_scores(run)) for name, run in runs.items()}
    bits = {name: [bits_by_word(*pair)[0] for pair in zip(texts, some, strict=True)] for name, some in scores.items()}
    words = word_bits(bits, texts, work.shared.counts)
    if work.split.unit == SEGMENT:
        words = words.model_copy(update={"intervals": []})
    if not runs:
        return HeldOutReading([], words)
    totals = {name: fmean(cell.bits_per_character.total for cell in some) for name, some in columns.items()}
    ranked = sorted(totals, key=lambda name: totals[name])
    chosen = passages(test, {name: scores[name] for name in ranked}, {name: bits[name] for name in ranked})
    readings = {name: work.readings(run, chosen) for name, run in runs.items()}
    whole = [
        passage.model_copy(update={"readings": {name: of_column[i] for name, of_column in readings.items()}})
        for i, passage in enumerate(chosen)
    ]
    return HeldOutReading(whole, words)


def assemble(
    request: Request,
    cells: Sequence[Cell | FailedCell],
    rows: Sequence[Row | Warning],
    corpus: CorpusReading,
    held_out: HeldOutReading,
) -> Comparison:
    """Return the comparison of cells of one split, with its conclusions."""
    texts = [document.text for document in request.split.test]
    comparison = Comparison(
        command=request.command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions() | request.versions,
        machine=machine() | {"cells_at_once": request.cells_at_once},
        settings=request.record(),
        corpus=corpus.facts,
        warnings=[*text_warnings(request), *(row for row in rows if isinstance(row, Warning))],
        cells=[in_comparison(request, cell) for cell in cells],
        rows=[row for row in rows if isinstance(row, Row)],
        baselines=corpus.baselines,
        sweeps=list(request.sweeps),
        measures={name: measure.facts() for name, measure in measures().items()},
        passages=held_out.passages,
        author_passages=explorer.spread_passages(texts, explorer.AUTHOR_PASSAGES),
        words=held_out.words,
    )
    return concluded(comparison)


def in_comparison(request: Request, cell: Cell | FailedCell) -> Cell | FailedCell:
    """Return a cell with its fold, if there are several, and with the resource that ``--match`` made equal."""
    if isinstance(cell, FailedCell):
        return cell
    matched = request.match if cell.column in request.matched else None
    return cell.model_copy(update={"matched": matched, "fold": request.fold.number if request.fold.of > 1 else None})


def all_folds(comparisons: Sequence[Comparison], folders: Sequence[str]) -> Comparison:
    """Return the first fold's comparison with the conclusions over all folds."""
    first = comparisons[0]
    corpus = first.corpus.model_copy(update={"splits": [comparison.corpus.split for comparison in comparisons]})
    return answered(first.model_copy(update={"folds": folds_of(comparisons, folders), "corpus": corpus}))
