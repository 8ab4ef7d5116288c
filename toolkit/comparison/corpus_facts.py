"""The corpus as a comparison's report describes it, with the notes on how it was read, cut and learnt from."""

from toolkit.comparison.request import Request
from toolkit.comparison.stages import stage_notes
from toolkit.evaluation.metrics import in_memory
from toolkit.evaluation.metrics.coverage import coverage_of, fraction_facts
from toolkit.evaluation.warnings import language_warnings
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import CorpusFacts, FractionFacts, SplitNames
from toolkit.text.census import census
from toolkit.text.corpus import characters, utf8_bytes, whole_documents
from toolkit.text.duplicates import Alike
from toolkit.text.excerpt import excerpt_note, fitting

ELSEWHERE = (
    "Cells were computed by workers of a Dask scheduler: the machine named here is that of the command, and "
    "environment.json in each run has that of the run."
)


def corpus_facts(request: Request, of_matching: str) -> CorpusFacts:
    """The facts of a request's corpus; ``of_matching`` is the note on what ``--match`` decided, if anything."""
    corpus, split, alike = request.corpus, request.split, Alike(request.split)
    return CorpusFacts(
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
        split=SplitNames(**request.split_names()),
        coverage=coverage_of(census(split.train), census(split.test)),
        fractions=fractions(request),
        notes=[
            *split.notes,
            *filter(None, [of_matching]),
            *([ELSEWHERE] if request.where.scheduler is not None else []),
            *stage_notes(request),
            *alike.notes,
            *request.excerpt_notes(),
            *excerpt_note("Compressors are measured", split.train, fitting(split.train)),
        ],
        overlaps=alike.across,
    )


def fractions(request: Request) -> list[FractionFacts]:
    """How far each fraction of the training documents goes, if there are several."""
    if len(request.fractions) == 1:
        return []
    return fraction_facts(request.splits, {fraction: request.recipe(fraction) for fraction in request.fractions})


def text_warnings(request: Request) -> list[Warning]:
    """Return warnings about the text: its tagger, its language, and an excerpt that samples are measured against."""
    warnings = [*request.warnings, *language_warnings(request.split.train, request.corpus.language)]
    read = in_memory(request.split).train
    if len(read) < len(request.split.train):
        warnings.append(Warning(kind="excerpt", columns=[], value=characters(read)))
    return warnings
