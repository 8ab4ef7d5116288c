"""``toolkit.inspect``: facts about a corpus and its columns before any model is trained.

Columns are fitted and compressors run in processes of their own while this one counts words. The n-gram of a column is
a floor: a network that needs more bits has not beaten counting.
"""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Unpack

from toolkit.comparison.costs import READ, TAGGED, cell_steps
from toolkit.comparison.fold import corpus_facts, text_warnings
from toolkit.comparison.listing import REPORTS, write_list, write_page
from toolkit.comparison.options import COLUMNS, InspectOptions, complete, takes
from toolkit.comparison.progress import Reporter, reporting
from toolkit.comparison.reading import make_request
from toolkit.comparison.request import Request
from toolkit.comparison.work import Work, tag, tagger_of
from toolkit.environment import cores, provenance
from toolkit.evaluation.evaluator import multiply_adds
from toolkit.evaluation.metrics.coverage import coverage
from toolkit.evaluation.warnings import characters_as_words
from toolkit.files import locked, refuse_foreign
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import ledger
from toolkit.network import Size, size
from toolkit.report.columns import is_main
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import SEGMENT
from toolkit.results.inspection import INSPECTION, InspectedColumn, Inspection, TextCounts, TrainingCost
from toolkit.results.text import count
from toolkit.runs.isolated import blamed
from toolkit.runs.process import Crew
from toolkit.runs.spec import Column
from toolkit.text.catalogue import DEFAULT
from toolkit.text.corpus import Corpus, characters
from toolkit.text.neutral import census
from toolkit.training.stream import stream, windows

PARTS = {"corpus": "corpus", "train": "training", "valid": "validation", "test": "held out"}

JOB = "inspection"  # in the view of progress

Lines = list[list[str]]


@takes(InspectOptions)
def inspect(
    corpus: str | Path | Corpus = DEFAULT,
    tokenizers: str | Sequence[str] = COLUMNS,
    **options: Unpack[InspectOptions],
) -> Inspection:
    """Inspect a corpus and columns before training: coverage, sizes, costs and a floor.

    ``compare`` explains the values. The folder gets inspect.json and the page (``Inspection.page``), in place of
    earlier ones. No network is trained.

    Raises:
        InputError: An option is invalid, or the folder holds something else. Nothing has been computed.
        ContractError: The code of a plug-in fails.
    """
    arguments = complete(inspect, corpus, tokenizers, **options)
    request = make_request(**arguments)
    folder = REPORTS / f"{request.corpus.name}--inspect" if arguments["out"] is None else Path(arguments["out"])
    start = time.perf_counter()
    with reporting(quiet=arguments["quiet"]) as reporter:
        request.check()
        refuse_foreign(folder, INSPECTION)
        with locked(folder):
            inspection = _inspection(request, folder, reporter)
            inspection.seconds = time.perf_counter() - start
            inspection.save(folder / INSPECTION)
            write_page(folder, inspection)
    write_list(folder)
    inspection.folder = folder
    return inspection


def _inspection(request: Request, folder: Path, reporter: Reporter) -> Inspection:
    split = request.split
    with Crew(cores(), request.code) as crew:
        step, reading = partial(reporter.step, JOB), "reading columns and compressors"
        size = characters(split.documents)
        seconds = {"tagging": size / TAGGED, "cutting into words": 0.0}
        reporter.plan(JOB, seconds | {reading: size / READ * len(request.columns)})
        for column in request.columns:
            if tagger := tagger_of(request.tokenizer(column)):
                tag(tagger, split.documents, crew, step)
        step(reading)
        inspected = [crew.submit(crew.alone, inspected_column, request, column) for column in request.columns]
        facts, compressors = corpus_facts(Work(request, folder, Reporter()))
        columns = [of_column.result() for of_column in inspected]
    texts = {
        part: census(documents) for part, documents in {"corpus": request.corpus.documents, **split.parts}.items()
    }
    warnings = text_warnings(request)
    if split.unit == SEGMENT or texts["corpus"].documents == 1:
        warnings.append(Warning(kind="one_document", columns=[]))
    if facts.overlaps:
        warnings.append(Warning(kind="near_duplicates", columns=[], value=len(facts.overlaps)))
    return Inspection(
        command=request.command,
        settings=request.record(),
        **provenance(request.versions, cores_used=cores()),
        corpus=facts,
        warnings=warnings + characters_as_words(columns),
        text={
            part: TextCounts(**{name: getattr(text, name) for name in TextCounts.model_fields})
            for part, text in texts.items()
        },
        columns=columns,
        baselines=list(filter(is_main, compressors))[::-1],
        seconds=0.0,
    )


def inspected_column(request: Request, column: Column) -> InspectedColumn:
    """Return the record of a column. The cost of a network is expected as the progress of a comparison is.

    Raises InputError as ``fit`` does, and ContractError if the code of a plug-in fails.
    """
    split, spec = request.split, request.spec(column, request.seeds[0])
    with blamed(column):
        tokenizer = request.tokenizer(column).fit(split.train, split.valid)
        training, valid, test = (list(map(tokenizer.encode, part)) for part in split.parts.values())
        model = NGramModel.fitted(tokenizer, training, valid)
        scores = model.score(test)
    read, held_out = (stream(tokenizer.vocabulary, encodings) for encodings in (training, test))
    sizes, characters, updates = Size(model.parameters, 0, model.multiply_adds), read.characters, 0
    if column.is_network:
        network = spec.settings.network.model_copy(update={"cell": spec.model})
        sizes = size(network, len(tokenizer.vocabulary), one_hot=tokenizer.one_hot)
        rows, length, _, updates = windows(read, spec.settings.train)
        characters = round(updates * rows * length * read.characters / read.tokens)
    return InspectedColumn(
        column=column.name,
        tokenizer=column.tokenizer,
        strategy=column.strategy,
        model=spec.model,
        train_tokens=read.tokens,
        test_tokens=held_out.tokens,
        vocabulary_size=len(tokenizer.vocabulary),
        shortfall=getattr(tokenizer, "shortfall", None),
        coverage=coverage(
            tokenizer, *(list(zip(*cut, strict=True)) for cut in ((split.train, training), (split.test, test)))
        ),
        parameters=sizes.parameters,
        embedding_parameters=sizes.embedding_parameters,
        multiply_adds_per_character=multiply_adds(spec, sizes.multiply_adds, read, held_out),
        training=TrainingCost(
            seconds=cell_steps(request, spec)["training"], characters=characters, updates=updates
        ),
        ngram=ledger(scores, held_out.characters),
        ngram_order=model.order,
    )


def tables(inspection: Inspection) -> dict[str, Lines]:
    """Return tables for a terminal by title: the text, and the columns. A table's first line is its heading."""
    parts = [inspection.text[part] for part in PARTS]
    lines = [[name, *(count(getattr(part, name)) for part in parts)] for name in TextCounts.model_fields]
    columns = "The columns (bits per character of the held-out text)"
    return {inspection.title: [["", *PARTS.values()], *lines], columns: inspection.table()}
