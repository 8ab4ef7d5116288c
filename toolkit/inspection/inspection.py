"""``toolkit.inspect``: facts about a corpus and its columns in seconds, before any model is trained.

Columns are fitted and compressors run in processes of their own while this one counts words. Then each network's
updates are timed, one after another.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

from toolkit.comparison.folder import REPORTS
from toolkit.comparison.options import COLUMNS, InspectOptions, complete, takes
from toolkit.comparison.progress import Reporter, reporting
from toolkit.comparison.reading import make_request
from toolkit.comparison.request import Request
from toolkit.comparison.work import tag, tagger_of
from toolkit.environment import cores, machine, versions
from toolkit.evaluation.compressors import baseline, joined, ppmd_order, ppmd_size, sizes_after, xz_size
from toolkit.evaluation.metrics.coverage import coverage_of
from toolkit.evaluation.warnings import characters_as_words, language_warnings
from toolkit.files import FolderKind, locked, refuse_foreign, write_file
from toolkit.inspection.columns import apart, fitted_column, measured_network, ngram_split
from toolkit.inspection.summary import advice
from toolkit.inspection.vocabulary import byte_pair_curve, forecasts, heaps, uncovered, unit_curve, why_untagged, zipf
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import SEGMENT, SplitNames
from toolkit.results.inspection import INSPECTION, Inspection, TextCounts
from toolkit.results.record import PAGE
from toolkit.results.rows import Baseline
from toolkit.results.text import plural
from toolkit.runs.process import Crew
from toolkit.text.catalogue import DEFAULT
from toolkit.text.census import Census, census, characters_in
from toolkit.text.corpus import Corpus, Split, whole_documents
from toolkit.text.duplicates import Alike
from toolkit.text.excerpt import excerpt_note, fitting
from toolkit.text.tagging import Tagger
from toolkit.text.unspaced import segmenters

FOLDER = FolderKind("result of toolkit inspect", INSPECTION)
NGRAMS_MEASURED = "How the columns cut the training text, their n-grams, and what more text gives are measured"


@takes(InspectOptions)
def inspect(
    corpus: str | Path | Corpus = DEFAULT,
    tokenizers: str | Sequence[str] = COLUMNS,
    **options: Unpack[InspectOptions],
) -> Inspection:
    """Inspect a corpus and columns before training: coverage, forecasts, sizes, costs and a floor.

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
        refuse_foreign(folder, FOLDER)
        with locked(folder):
            inspection = _inspection(request, reporter)
            inspection.seconds = time.perf_counter() - start
            inspection.save(folder / INSPECTION)
            write_file(folder / PAGE, render_inspection(inspection))
    inspection.folder = folder
    return inspection


def _inspection(request: Request, reporter: Reporter) -> Inspection:
    split = request.split
    tagger = Tagger(request.spacy_model, request.corpus.language).for_texts(d.text for d in split.train)
    with Crew(cores(), request.code) as crew:
        _tag(request, tagger, crew, reporter)
        reporter.stage(f"reading {plural(len(request.columns), 'column')}; compressors; near-duplicates")
        fits = [crew.submit(apart, crew, fitted_column, request, column) for column in request.columns]
        floors, byte_pairs = crew.submit(_compressor_floors, split), crew.submit(byte_pair_curve, split)
        parts = {part: census(documents) for part, documents in split.parts.items()}
        train, test = parts["train"].counts, parts["test"].counts
        facts = _corpus_facts(request, parts, tagger) | {
            "curves": [
                unit_curve("words", train, test),
                byte_pairs.result(),
                unit_curve("characters", characters_in(split.train), characters_in(split.test)),
            ],
            "baselines": floors.result(),
        }
        fitted = [fit.result() for fit in fits]
        if any(column.is_network for column in request.columns):
            reporter.stage("training each network for a second")
        columns = [
            apart(crew, measured_network, request, column, fit) if column.is_network else fit.record
            for column, fit in zip(request.columns, fitted, strict=True)
        ]
    facts["warnings"] += characters_as_words(columns)
    inspection = Inspection(**facts, columns=columns, seconds=0.0)
    return inspection.model_copy(update={"advice": advice(inspection)})


def _tag(request: Request, tagger: Tagger, crew: Crew, reporter: Reporter) -> None:
    """Tag each text once, since unseen words and columns of words have the same tags."""
    train = request.split.train
    for column in request.columns:
        if column_tagger := tagger_of(request.tokenizer(column), train):
            tag(column_tagger, request.split.documents, crew, reporter)
    if why_untagged(tagger) is None:
        tag(tagger, request.split.test, crew, reporter)


def _corpus_facts(request: Request, parts: Mapping[str, Census], tagger: Tagger) -> dict[str, Any]:
    """Return the fields of Inspection that no column is needed for."""
    split, corpus, train = request.split, request.corpus, parts["train"]
    whole = sum(parts.values(), Census())
    if whole.documents != len(corpus.documents):  # the parts are blocks of documents
        whole = census(corpus.documents)
    coverage, law, alike = coverage_of(train, parts["test"]), heaps(train), Alike(split)
    by_documents = corpus.given is not None or whole_documents(corpus.documents) > 1
    warnings = [*request.warnings, *language_warnings(split.train, corpus.language)]
    if split.unit == SEGMENT or whole.documents == 1:
        warnings.append(Warning(kind="one_document", columns=[]))
    if alike.across:
        warnings.append(Warning(kind="near_duplicates", columns=[], value=len(alike.across)))
    return {
        "command": request.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions() | tagger.versions | segmenters(document.text for document in split.documents),
        "machine": machine() | {"cores_used": cores()},
        "settings": request.record(),
        "name": corpus.name,
        "sha256": corpus.sha256,
        "language": corpus.language,
        "unit": split.unit,
        "warnings": warnings,
        "notes": [
            *split.notes,
            *request.excerpt_notes(),
            *excerpt_note(NGRAMS_MEASURED, split.train, ngram_split(split).train),
            *excerpt_note("Compressors and byte pairs are measured", split.train, fitting(split.train)),
            *alike.notes,
        ],
        "split": SplitNames(**request.split_names),
        "text": {part: _text_counts(text) for part, text in {"corpus": whole, **parts}.items()},
        "coverage": coverage,
        "heaps": law,
        "zipf": zipf(train.counts),
        "forecasts": forecasts(split, train, coverage, law, whole=by_documents),
        "uncovered": uncovered(split.test, train.counts, tagger),
        "overlaps": [*alike.across, *alike.within],
    }


def _compressor_floors(split: Split) -> list[Baseline]:
    """Return PPMd and xz after the training text. They keep learning from one held-out document to the next."""
    texts = [document.text for document in fitting(split.test)]
    train, valid, test = (joined([d.text for d in fitting(part)]) for part in (split.train, split.valid, split.test))
    order = ppmd_order(train, valid)
    (ppmd,) = sizes_after(train, [test], lambda content: ppmd_size(content, order))
    (xz,) = sizes_after(train, [test], xz_size)
    return [baseline("ppmd", "primed", ppmd, texts), baseline("xz", "primed", xz, texts)]


def _text_counts(text: Census) -> TextCounts:
    return TextCounts(
        documents=text.documents,
        characters=text.characters,
        words=text.words.total(),
        tokens=text.tokens,
        types=text.types,
        hapaxes=text.hapaxes,
        hapax_type_share=text.hapaxes / text.types,
        hapax_token_share=text.hapaxes / text.tokens,
    )
