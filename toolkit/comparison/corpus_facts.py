"""The corpus as a comparison's report describes it, with the notes on how it was read, cut and learnt from."""

from toolkit.comparison.request import Request
from toolkit.comparison.stages import stage_notes
from toolkit.environment import cores
from toolkit.evaluation.metrics.coverage import corpus_coverage, fraction_facts
from toolkit.evaluation.metrics.reference import read_notes
from toolkit.results.corpus import CorpusFacts, FractionFacts, SplitNames
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
        coverage=corpus_coverage(split),
        fractions=fractions(request),
        notes=[
            *request.notes,
            *split.notes,
            *filter(None, [of_matching]),
            *clock_notes(request),
            *([ELSEWHERE] if request.where.scheduler is not None else []),
            *stage_notes(request),
            *alike.notes,
            *request.excerpt_notes(),
            *excerpt_note("Compressors are measured", split.train, fitting(split.train)),
            *read_notes(split),
        ],
        overlaps=alike.across,
    )


def fractions(request: Request) -> list[FractionFacts]:
    """How far each fraction of the training documents goes, if there are several."""
    if len(request.fractions) == 1:
        return []
    return fraction_facts(request.splits, {fraction: request.recipe(fraction) for fraction in request.fractions})


def clock_notes(request: Request) -> list[str]:
    """A sentence if the clock ended training."""
    networks = [spec for spec in request.specs() if spec.column.is_network]
    budgets = {spec.column.name: spec.basis.settings.train.budget_seconds for spec in networks}
    by_clock = {name: budget for name, budget in budgets.items() if budget is not None}
    if not by_clock:
        return []
    in_parallel = f", {request.at_once} cells at once on {cores()} cores" if request.at_once > 1 else ""
    each, seconds = "Each cell", f"{next(iter(by_clock.values())):g} seconds"
    if len(set(budgets.values())) > 1:
        each = f"Each cell of {', '.join(by_clock)}"
        seconds = f"{', '.join(f'{budget:g}' for budget in by_clock.values())} seconds"
    trained = f"{each} was trained for at most {seconds} by the clock{in_parallel}"
    return [f"{trained}: the numbers will differ if it is repeated."]
