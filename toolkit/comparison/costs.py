"""Expected seconds of the steps of a comparison on two cores, which ``Schedule`` corrects as it measures."""

from collections.abc import Sequence
from itertools import groupby

from toolkit.comparison.request import Request
from toolkit.comparison.rows import RowSpec, row_specs
from toolkit.comparison.timing import Steps
from toolkit.comparison.work import tagger_of
from toolkit.evaluation.generating import characters_to_write
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import characters
from toolkit.text.noise import KINDS, MAX_CHARACTERS

# Characters per second of a network with 256 units. The time grows with the number of weights.
TRAINED, SCORED, CODED, WRITTEN = 25_000, 15_000, 2_000, 1_500
START_SECONDS = 2.0  # of a step, such as to build a network
COUNTED, TAGGED, FITTED, COMPRESSED, READ = 60_000, 35_000, 40_000, 60_000, 40_000


def expected_steps(request: Request, missing: Sequence[CellSpec]) -> dict[str, Steps]:
    """Return the steps of each job of a fold with these missing cells."""
    text, held_out = characters(request.split.train), characters(request.split.test)
    jobs: dict[str, Steps] = {
        request.job("the corpus"): {"coverage and compressors": (text + held_out) / COMPRESSED}
    }
    for (column, fraction), _ in groupby(missing, key=lambda spec: (spec.column, spec.fraction)):
        tagger = tagger_of(request.tokenizer(column))
        is_new = tagger is not None and not tagger.cached(request.split.train[0].text)
        steps = {"tagging": text / TAGGED} if is_new else {}
        jobs[request.job(column.name, fraction)] = steps | {
            "fitting": fraction * text / FITTED if tagger else 0.0
        }
    jobs |= {request.job(spec.name): cell_steps(request, spec) for spec in missing}
    for row in row_specs(request.specs(), request):
        jobs[request.job(row.name)] = row_steps(request, row)
    columns = len({spec.column.name for spec in request.specs()})
    jobs[request.job("the report")] = {"reading passages": START_SECONDS + columns * held_out / READ}
    return jobs


def expected_seconds(request: Request) -> float:
    """Return the expected seconds of a whole request without folds."""
    steps = expected_steps(request, request.specs())
    return sum(sum(of_job.values()) for of_job in steps.values()) / request.cells_at_once


def cell_steps(request: Request, spec: CellSpec) -> Steps:
    """Return the steps of a cell."""
    held_out, train, weight = characters(request.split.test), spec.training_settings.train, slowness(spec)
    read = spec.fraction * characters(request.split.train)
    if not spec.column.is_network:
        seconds = read / COUNTED
    elif train.epochs is not None:
        seconds = weight * train.epochs * read / TRAINED
    else:
        seconds = weight * train.updates * train.batch * train.window_characters / TRAINED
    if spec.column.is_network and train.budget_seconds is not None:
        seconds = min(seconds, train.budget_seconds) if train.epochs else train.budget_seconds
    steps = {"training": seconds, "scoring": weight * held_out / SCORED}
    if not request.quick:
        steps["noise"] = weight * len(KINDS) * min(held_out, MAX_CHARACTERS) / SCORED
    if request.has_samples(spec):
        steps["samples"] = weight * characters_to_write(request.settings.samples) / WRITTEN
    if request.verify or not spec.column.ours:
        steps["verifying"] = weight * held_out / CODED
    return {kind: START_SECONDS + seconds for kind, seconds in steps.items()}


def slowness(spec: CellSpec) -> float:
    """Return how many times slower a network is than one layer of 256 units."""
    network = spec.settings.network
    heavier = 3 if spec.model == "transformer" else 1
    return heavier * network.layers * max(network.units / 256, 0.5) ** 2 if spec.column.is_network else 1.0


def row_steps(request: Request, row: RowSpec) -> Steps:
    """Return the steps of a row."""
    held_out = characters(request.split.test) * len(row.runs)
    if row.rate is None and not request.verify:
        return {"scoring": held_out / SCORED}
    return {"verifying": 2 * held_out / CODED}
