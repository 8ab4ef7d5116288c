"""Rows besides the columns: models made of finished cells, scored without further training."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from toolkit.comparison.folder import ROWS
from toolkit.comparison.request import Request
from toolkit.comparison.work import Work
from toolkit.errors import ContractError, KilledError, VerificationError
from toolkit.evaluation.evaluator import held_out_figures
from toolkit.files import write_file, write_whole
from toolkit.inference.combined import LEARNING_RATE, RULE, WEIGHING
from toolkit.inference.scores import score_arrays
from toolkit.results.cell import MIXTURE, Row, RowKind, row_title
from toolkit.results.conclusions import Warning
from toolkit.results.record import grouped
from toolkit.runs.folder import RUNS, fingerprint, load_spec, reading, recover, save_scores
from toolkit.runs.isolated import blamed, checked_scores, model_of
from toolkit.runs.spec import CellSpec, slug

ROW, MADE_FROM = "row.json", "made_from.json"


@dataclass(frozen=True)
class RowSpec:
    """Everything that determines a row, given its cells: ``runs`` are their folders, ``learns`` if any is a network."""

    column: str
    kind: RowKind
    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    rate: float | None = None
    learns: bool = True

    @property
    def name(self) -> str:
        """The name of the row's folder."""
        kind = self.kind.replace(" ", "-") + ("" if self.rate is None else f"-{self.rate}")
        if self.kind == MIXTURE:
            return f"{kind}-{hashlib.sha256(' '.join(self.runs).encode()).hexdigest()[:12]}"
        return f"{slug(self.column)}-{kind}-seed{'-'.join(map(str, self.seeds))}"

    @property
    def rule(self) -> str | None:
        """The update rule of its networks; None if no network learns."""
        return RULE if self.rate and self.learns else None

    def made_from(self, out: Path) -> list[str]:
        """Return the fingerprints of its runs, which training by the clock may change, and its rules."""
        rules = [self.rule, WEIGHING if self.kind == MIXTURE else None]
        return [*(fingerprint(out / run).hex() for run in self.runs), *filter(None, rules)]


def row_specs(cells: Sequence[CellSpec], request: Request) -> list[RowSpec]:
    """Return the rows that a request wants of cells.

    These are per column the mean of its seeds, with ``ensembles``, and models that keep learning, with a rate. A
    counted column is the same for every seed, so its seeds share one row and make no ensemble. Columns of ``char`` and
    of ``spaced:unk``, if there are both, make a mixture, which learns with or without a rate.
    """
    specs, models, rate = list[RowSpec](), list[CellSpec](), request.adapt
    whole = [] if request.quick else [cell for cell in cells if cell.fraction == 1]
    for of_column in grouped(whole, lambda cell: cell.column.name).values():
        counted = not of_column[0].column.is_network
        different = of_column[:1] if counted else of_column
        models += different
        has_ensemble = request.ensembles and len(different) > 1
        if has_ensemble:
            specs.append(row_spec("ensemble", different))
        if rate is not None and not of_column[0].column.elsewhere:  # that learns nothing more
            seeds = tuple(cell.seed for cell in of_column)
            adapting = [row_spec("adapting", [cell], rate) for cell in different]
            specs += [replace(adapting[0], seeds=seeds)] if counted else adapting
            if has_ensemble:
                specs.append(row_spec("adapting ensemble", different, rate))
    letters = [cell for cell in models if cell.column.tokenizer == "char"]
    words = [cell for cell in models if (cell.column.tokenizer, cell.column.strategy) == ("spaced", "unk")]
    if letters and words:
        specs.append(row_spec(MIXTURE, [*letters, *words], LEARNING_RATE if rate is None else rate))
    return specs


def row_spec(kind: RowKind, cells: Sequence[CellSpec], rate: float | None = None) -> RowSpec:
    """Return the row of a kind that is made of cells."""
    column = " + ".join(dict.fromkeys(cell.column.name for cell in cells))
    seeds = sorted({cell.seed for cell in cells})
    runs = tuple(f"{RUNS}/{cell.name}" for cell in cells)
    return RowSpec(column, kind, runs, tuple(seeds), rate, any(cell.column.is_network for cell in cells))


def row_folder(out: Path, spec: RowSpec) -> Path:
    """Return the folder of a row in a comparison's folder."""
    return out / ROWS / spec.name


def load_row(out: Path, spec: RowSpec, *, verify: bool = False) -> Row | None:
    """Load the row in a comparison's folder; None if it is not finished, or was made from other runs.

    With ``verify``, it must also be verified. Raises InputError if it is damaged.
    """
    folder = row_folder(out, spec)
    recover(folder)
    if not ((folder / ROW).is_file() and (folder / MADE_FROM).is_file()):
        return None
    with reading(folder):
        if json.loads((folder / MADE_FROM).read_text("utf-8")) != spec.made_from(out):
            return None
        row = Row.model_validate_json((folder / ROW).read_text("utf-8"))
    return row if row.verified or not verify else None


def compute_row(work: Work, spec: RowSpec) -> Row | Warning:
    """Return the row, computed and saved if the folder does not have it, and verified if requested.

    If memory runs out, or a process is killed, there is a warning in its place.
    Raises VerificationError if coding disagrees with scoring, or the code of a column breaks its contract.
    """
    folder, folders = row_folder(work.out, spec), [work.out / run for run in spec.runs]
    columns = [load_spec(run).column for run in folders]
    try:
        with blamed(*columns):
            row = load_row(work.out, spec)
            if row is None:
                write_whole(folder, partial(_write, work, spec, folders))
                row = Row.model_validate_json((folder / ROW).read_text("utf-8"))
            if row.verified is None and work.request.verify:
                row = work.verified(row, spec.name, folders, spec.rate)
                write_file(folder / ROW, row.model_dump_json(by_alias=True))
            return row
    except KilledError as error:
        return Warning(kind="failed", columns=[row_title(spec.column, spec.kind)], value=str(error))
    except (ContractError, VerificationError) as error:
        raise VerificationError(f"{spec.name}: {error}") from error


def _write(work: Work, spec: RowSpec, folders: Sequence[Path], folder: Path) -> None:
    """Score the held-out documents and write the row. A coder scores a model that learns or has foreign code."""
    model, test = model_of(folders, spec.rate), work.request.split.test
    if spec.rate is None:
        work.reporter.step(work.request.job(spec.name), "scoring")
    scores, proof = checked_scores(model, folders, test, work.verifying(spec.name), spec.seeds[0])
    row = Row(
        column=spec.column,
        kind=spec.kind,
        seeds=list(spec.seeds),
        rate=spec.rate,
        rule=spec.rule,
        **held_out_figures(model.tokenizer.vocabulary, test, scores),
        verified=proof,
    )
    save_scores(folder, score_arrays(scores))
    write_file(folder / MADE_FROM, json.dumps(spec.made_from(work.out)))
    write_file(folder / ROW, row.model_dump_json(by_alias=True))
