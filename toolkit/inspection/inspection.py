"""``toolkit.inspect``: facts about a corpus and its columns before any model is trained.

Columns are fitted and compressors run in processes of their own while this one counts words. Then each network's
updates are timed, one after another.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from toolkit.comparison.costs import READ, TAGGED
from toolkit.comparison.folder import write_page
from toolkit.comparison.listing import REPORTS, links, write_list
from toolkit.comparison.options import COLUMNS, InspectOptions, complete, takes
from toolkit.comparison.progress import Reporter, reporting
from toolkit.comparison.reading import make_request
from toolkit.comparison.request import Request
from toolkit.comparison.work import tag, tagger_of
from toolkit.environment import cores, machine, versions
from toolkit.evaluation.compressors import baseline, primed_sizes
from toolkit.evaluation.metrics.coverage import coverage_of, uncovered
from toolkit.evaluation.warnings import characters_as_words, language_warnings
from toolkit.files import locked, refuse_foreign, write_file
from toolkit.inspection.columns import apart, fitted_column, measured_network
from toolkit.results.cell import Baseline
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import SEGMENT, SplitNames
from toolkit.results.inspection import INSPECTION, Inspection, TextCounts
from toolkit.results.record import PAGE
from toolkit.results.text import count
from toolkit.runs.process import Crew
from toolkit.text.catalogue import DEFAULT
from toolkit.text.corpus import Corpus, Split, characters
from toolkit.text.duplicates import Alike
from toolkit.text.neutral import census

PARTS = {"corpus": "corpus", "train": "training", "valid": "validation", "test": "held out"}

JOB = "inspection"  # in the view of progress
TRAINING_SECONDS = 8.0  # expected, with building the network

Lines = list[list[str]]


@takes(InspectOptions)
def inspect(
    corpus: str | Path | Corpus = DEFAULT,
    tokenizers: str | Sequence[str] = COLUMNS,
    **options: Unpack[InspectOptions],
) -> Inspection:
    """Inspect a corpus and columns before training: coverage, sizes, costs and a floor.

    ``compare`` explains the values. The folder gets inspect.json and the page (``Inspection.page``), in place of
    earlier ones. Each network is trained for a second, to measure the cost.

    Raises:
        InputError: An option is invalid, or the folder holds something else. Nothing has been computed.
        ContractError: The code of a plug-in fails.
    """
    from toolkit.report.page import render_inspection

    arguments = complete(inspect, corpus, tokenizers, **options)
    request = make_request(**arguments)
    folder = REPORTS / f"{request.corpus.name}--inspect" if arguments["out"] is None else Path(arguments["out"])
    start = time.perf_counter()
    with reporting(quiet=arguments["quiet"]) as reporter:
        request.check()
        refuse_foreign(folder, INSPECTION)
        with locked(folder):
            inspection = _inspection(request, reporter)
            inspection.seconds = time.perf_counter() - start
            inspection.save(folder / INSPECTION)
            same = links(folder, inspection.text_sha256, Comparison)
            write_file(folder / PAGE, render_inspection(inspection, same))
    for name, comparison in same.items():
        if isinstance(comparison, Comparison):
            write_page(folder.with_name(name), comparison)  # with a link to the inspection
    write_list(folder)
    inspection.folder = folder
    return inspection


def _inspection(request: Request, reporter: Reporter) -> Inspection:
    with Crew(cores(), request.code) as crew:
        step, networks = partial(reporter.step, JOB), sum(column.is_network for column in request.columns)
        reading, training = "reading columns and compressors", "training each network for a second"
        size = characters(request.split.documents)
        seconds = {reading: size / READ * len(request.columns), training: TRAINING_SECONDS * networks}
        reporter.plan(JOB, {"tagging": size / TAGGED, "cutting into words": 0.0} | seconds)
        for column in request.columns:
            if tagger := tagger_of(request.tokenizer(column)):
                tag(tagger, request.split.documents, crew, step)
        step(reading)
        fits = [crew.submit(apart, crew, fitted_column, request, column) for column in request.columns]
        floors = crew.submit(_compressor_floors, request.split)
        facts = _corpus_facts(request) | {"baselines": floors.result()}
        fitted = [fit.result() for fit in fits]
        if networks:
            step(training)
        columns = [
            apart(crew, measured_network, request, column, fit) if column.is_network else fit.record
            for column, fit in zip(request.columns, fitted, strict=True)
        ]
    facts["warnings"] += characters_as_words(columns)
    return Inspection(**facts, columns=columns, seconds=0.0)


def _corpus_facts(request: Request) -> dict[str, Any]:
    """Return the fields of Inspection that no column is needed for."""
    split, corpus = request.split, request.corpus
    parts = {part: census(documents) for part, documents in split.parts.items()}
    train = parts["train"]
    whole = census(corpus.documents)
    alike = Alike(split)
    warnings = [*language_warnings(split.train, corpus.language), *request.warnings]
    if split.unit == SEGMENT or whole.documents == 1:
        warnings.append(Warning(kind="one_document", columns=[]))
    if alike.across:
        warnings.append(Warning(kind="near_duplicates", columns=[], value=len(alike.across)))
    return {
        "command": request.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions() | request.versions,
        "machine": machine() | {"cores_used": cores()},
        "settings": request.record(),
        "name": corpus.name,
        "sha256": corpus.sha256,
        "language": corpus.language,
        "unit": split.unit,
        "warnings": warnings,
        "notes": list(split.notes),
        "split": SplitNames(**request.split_names),
        "text": {
            part: TextCounts(**{name: getattr(text, name) for name in TextCounts.model_fields})
            for part, text in {"corpus": whole, **parts}.items()
        },
        "coverage": coverage_of(train, parts["test"]),
        "uncovered": uncovered(split.test, train.counts),
        "overlaps": [*alike.across, *alike.within],
    }


def _compressor_floors(split: Split) -> list[Baseline]:
    """Return PPMd and xz after the training text. They keep learning from one held-out document to the next."""
    train, valid, test = ([document.text for document in part] for part in split.parts.values())
    sizes = primed_sizes(train, valid, test, most=0)
    return [baseline(name, "primed", sizes[name], test) for name in ("ppmd", "xz")]


def tables(inspection: Inspection) -> dict[str, Lines]:
    """Return tables for a terminal by title: the text, and the columns. A table's first line is its heading."""
    parts = [inspection.text[part] for part in PARTS]
    lines = [[name, *(count(getattr(part, name)) for part in parts)] for name in TextCounts.model_fields]
    columns = "The columns (bits per character of the held-out text)"
    return {inspection.title: [["", *PARTS.values()], *lines], columns: inspection.table()}
