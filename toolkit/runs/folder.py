"""A run's folder: its files and the checkpoint of its training. Formats are plain; loading a run executes no code."""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from safetensors.numpy import load_file, save

from toolkit import files
from toolkit.config import Table, first_difference, typed
from toolkit.errors import MAX_NAMES, InputError, misfit, of_the_machine
from toolkit.events.coding import check_vocabulary
from toolkit.inference.model import Model
from toolkit.plugins import load_code
from toolkit.results.cell import Cell, HistoryRow, RunBytes
from toolkit.runs.spec import CellSpec
from toolkit.text.sources import file_digest
from toolkit.training.records import Checkpoint, Position

RUNS = "runs"  # the folder of all runs in a comparison's folder
CONFIG, ENVIRONMENT, TOKENIZER = "config.toml", "environment.json", "tokenizer"
TOKENIZER_STATE = f"{TOKENIZER}/tokenizer.json"
HISTORY, SCORES, SAMPLES, CELL, FAILURE = "history.csv", "scores.npz", "samples.jsonl", "cell.json", "failed.json"
MANIFEST = "files.json"  # the sizes and SHA-256 of the run's other files but cell.json
CHECKPOINT, STATE = "checkpoint", "state.safetensors"
# .* are temporary.
UNFINISHED_FILES = (
    FAILURE,
    f".{FAILURE}.*",
    f"{CHECKPOINT}/{STATE}",
    f"{CHECKPOINT}/.{STATE}.*",
)
RESULT_FILES = (
    CONFIG,
    ENVIRONMENT,
    TOKENIZER_STATE,
    HISTORY,
    SCORES,
    SAMPLES,
    CELL,
    f".{CELL}.*",
    MANIFEST,
    f".{MANIFEST}.*",
    "*.safetensors",
)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Raise InputError, which names the run, for an error that a missing or damaged file causes."""
    try:
        yield
    except (
        Exception
    ) as error:  # of damage: of TOML, JSON, zip, numpy, safetensors and pydantic, KeyError and TypeError
        if isinstance(error, (InputError, PermissionError)) or of_the_machine(error):
            raise
        raise misfit(folder, error, "remove the run and repeat the command that made it") from error


def has_run(folder: Path) -> bool:
    """Whether a folder has a config.toml and a tokenizer."""
    return (folder / CONFIG).is_file() and (folder / TOKENIZER).is_dir()


def is_run(folder: Path) -> bool:
    """Whether a folder is empty or has the files of a run, finished or not, and no other files."""
    patterns = (*UNFINISHED_FILES, *(RESULT_FILES if has_run(folder) else ()))
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]
    return folder.is_dir() and all(any(fnmatch(name, pattern) for pattern in patterns) for name in names)


def only_run(folder: Path, file: str = CELL) -> Path:
    """Return the folder of a run: the only one with this file if the folder is a comparison's, or else the folder.

    Raises InputError, which lists the runs, if there are several.
    """
    runs = [path.parent for path in sorted(folder.glob(f"{RUNS}/[!.]*/{file}"))] or [folder]
    if len(runs) > 1:
        raise InputError(f"{folder} has {len(runs)} runs. Choose one: {', '.join(map(str, runs[:MAX_NAMES]))}.")
    return runs[0]


def load_spec(folder: Path) -> CellSpec:
    """Return the spec of a run. Raises InputError if the folder is not a run, or is damaged."""
    if not has_run(folder):
        raise InputError(
            f"{folder} is no run. Give a folder in {RUNS}/ of a comparison, or one of toolkit train."
        )
    with reading(folder):
        return CellSpec.from_toml((folder / CONFIG).read_text("utf-8"))


def saved_state(folder: Path) -> Table:
    """Return the saved state of a run's tokenizer. Raises InputError if it is missing or damaged."""
    with reading(folder):
        return json.loads((folder / TOKENIZER_STATE).read_text("utf-8"))  # type: ignore[no-any-return]


@typed
def load(folder: str | Path, *, code: Sequence[str | Path] = ()) -> Model:
    """Return the model of a run: a folder in ``runs/`` of a comparison, or one that ``toolkit.train`` made.

    The folder of a comparison will do if it has one finished run.

    ``code`` are Python files of the run's tokenizer, strategy or model, unless they are registered already.
    Raises InputError if the folder is not a run, is damaged, or needs other code.
    """
    for path in code:
        load_code(Path(path))
    folder = only_run(Path(folder))
    spec = load_spec(folder)
    with reading(folder):
        tokenizer = spec.make_tokenizer().restore(saved_state(folder))
        if spec.column.ours:  # the vocabulary of someone else's tokenizer is checked by verify
            check_vocabulary(tokenizer.vocabulary)
        kind = spec.kind()
        model = kind.restored(tokenizer, spec.settings.network, load_file(folder / kind.file))
        file = spec.column.file
        if file and spec.column.elsewhere and file_digest(file) != spec.file_sha256:
            raise InputError(f"{file} has changed since the run was made. Restore its files.")
        model.run_fingerprint = fingerprint(folder)
        model.title = (
            f"{spec.column.name} of {spec.corpus}, seed {spec.seed}: "
            f"{len(tokenizer.vocabulary):,} tokens, {model.parameters:,} parameters"
        )
    return model


def fingerprint(folder: Path) -> bytes:
    """Return eight bytes that identify a run: a hash of its tokenizer and its model's arrays."""
    with reading(folder):
        contents = [file.read_bytes() for file in defining_files(folder)]
    return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).digest()[:8]


def run_bytes(folder: Path) -> RunBytes:
    """Return the sizes of a run's tokenizer and model."""
    tokenizer, model = (file.stat().st_size for file in defining_files(folder))
    return RunBytes(tokenizer=tokenizer, model=model)


def defining_files(folder: Path) -> tuple[Path, Path]:
    """Return the files of a run's tokenizer and of its model's arrays."""
    return folder / TOKENIZER_STATE, folder / load_spec(folder).kind().file


def save_run(
    folder: Path,
    spec: CellSpec,
    state: Table,
    arrays: Mapping[str, npt.NDArray[Any]],
    environment: Table,
) -> None:
    """Write the files that define a run: its spec, its tokenizer's state and its model's arrays."""
    (folder / TOKENIZER).mkdir(parents=True)
    files.write_part(folder / CONFIG, spec.to_toml())
    files.write_part(folder / ENVIRONMENT, json.dumps(environment, indent=1))
    files.write_part(folder / TOKENIZER_STATE, json.dumps(state))
    # The library's save_file ignores the umask.
    files.write_part(folder / spec.kind().file, save(dict(arrays)))


def save_results(folder: Path, cell: Cell, scores: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write the results of a run: history.csv and samples.jsonl if it has any, scores.npz, and cell.json.

    cell.json makes the run a finished one.
    """
    if cell.history:
        table = io.StringIO(newline="")
        writer = csv.DictWriter(table, list(HistoryRow.model_fields))
        writer.writeheader()
        writer.writerows(row.model_dump() for row in cell.history)
        files.write_part(folder / HISTORY, table.getvalue())
    if cell.generated:
        lines = [sample.model_dump_json(by_alias=True) + "\n" for sample in cell.generated.samples]
        files.write_part(folder / SAMPLES, "".join(lines))
    save_scores(folder, scores)
    save_cell(folder, cell)


def save_scores(folder: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write scores.npz: the scores of every event of every held-out document (``scores.score_arrays``)."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type] # none is called allow_pickle
    files.write_part(folder / SCORES, content.getvalue())


def load_scores(folder: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of scores.npz. Raises InputError if it is damaged."""
    with reading(folder), (folder / SCORES).open("rb") as file, np.load(file, allow_pickle=False) as scores:
        return dict(scores)


def save_cell(folder: Path, cell: Cell) -> None:
    """Write files.json, and cell.json, which makes the run a finished one."""
    files.write_file(folder / MANIFEST, json.dumps(file_facts(folder), indent=1))
    files.write_file(folder / CELL, cell.model_dump_json(by_alias=True))


def file_facts(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the size in bytes and the SHA-256 of the files of a run, by their names."""
    names = (CONFIG, ENVIRONMENT, TOKENIZER_STATE, HISTORY, SCORES, SAMPLES)
    paths = [*(folder / name for name in names), *sorted(folder.glob("*.safetensors"))]
    facts = {}
    for path in paths:
        if path.is_file():
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            name = path.relative_to(folder).as_posix()
            facts[name] = {"bytes": path.stat().st_size, "sha256": sha256}
    return facts


def damaged_files(folder: Path) -> list[str]:
    """Return the names of a finished run's files that are not as they were written.

    Runs of version 0.3.0 and older do not say how their files were written.
    """
    manifest = folder / MANIFEST
    if not (folder / CELL).is_file() or not manifest.is_file():
        return []
    try:
        written = json.loads(manifest.read_text("utf-8"))
    except ValueError:
        return [MANIFEST]
    facts = file_facts(folder)
    return [name for name in written if facts.get(name) != written[name]]


def load_cell(folder: Path) -> Cell | None:
    """Return the cell of a run, or None if a file is missing. Raises InputError if the run is damaged."""
    if not all((folder / name).is_file() for name in (CELL, CONFIG, SCORES, TOKENIZER_STATE)):
        return None
    with reading(folder):
        cell = Cell.model_validate_json((folder / CELL).read_text("utf-8"))
        if cell.digest != load_spec(folder).digest:
            raise ValueError(f"{CELL} has the results of another run")
    return cell


def finished_cell(folder: Path, spec: CellSpec) -> Cell | None:
    """Return the cell of a run that is finished and was made from the spec, or None."""
    cell = load_cell(folder)
    return cell if cell and cell.digest == spec.digest else None


def run_state(folder: Path) -> str:
    """Return the state of a run: "waiting" for training, in "training", "finished" or "failed"."""
    files = {"failed": FAILURE, "training": f"{CHECKPOINT}/{STATE}", "finished": CELL}
    return next((state for state, name in files.items() if (folder / name).is_file()), "waiting")


def load_history(folder: Path) -> list[HistoryRow]:
    """Return the checks of a run in training so far, or of a finished run; empty before the first check."""
    with reading(folder):
        if (state := folder / CHECKPOINT / STATE).is_file():
            with safe_open(state, "numpy") as opened:
                return Position.model_validate_json(opened.metadata()["position"]).history
        if (folder / HISTORY).is_file():
            with (folder / HISTORY).open(encoding="utf-8", newline="") as file:
                return list(map(HistoryRow.model_validate, csv.DictReader(file)))
    return []


def save_failure(folder: Path, digest: str, reason: str) -> None:
    """Write why the cell with this spec's digest has failed. A finished run replaces the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files.write_file(folder / FAILURE, json.dumps({"digest": digest, "reason": reason}))


def load_failure(folder: Path, digest: str) -> str | None:
    """Return why the cell with this spec's digest has failed, or None."""
    if not (folder / FAILURE).is_file():
        return None
    with reading(folder):
        failure = json.loads((folder / FAILURE).read_text("utf-8"))
        return str(failure["reason"]) if failure["digest"] == digest else None


def recover(folder: Path) -> None:
    """Put back the folder that ``write_whole`` had moved aside when its process ended, and remove temporary files.

    The caller holds the lock.
    """
    previous = sorted(files.left_beside(folder, files.OLD), key=lambda path: path.stat().st_mtime)
    if previous and not folder.exists():
        previous.pop().rename(folder)
    for left in (*previous, *files.left_beside(folder, files.NEW)):
        shutil.rmtree(left, ignore_errors=True)
    for name in (CELL, MANIFEST, FAILURE, f"{CHECKPOINT}/{STATE}"):
        for left in files.left_beside(folder / name, files.NEW):
            left.unlink()


class CheckpointFile:
    """The checkpoint of a run in training, a ``records.Store``: arrays in a file whose header has everything else.

    ``key`` is everything that determines the training, which begins at ``start``.
    """

    def __init__(self, run: Path, key: Table, start: Checkpoint | None = None) -> None:
        self.file, self.key, self.start = run / CHECKPOINT / STATE, json.dumps(key, sort_keys=True), start

    def load(self) -> Checkpoint | None:
        """Return the checkpoint, or ``start``. Raises InputError if it is damaged or has another key."""
        if not self.file.is_file():
            return self.start
        with reading(self.file.parents[1]), safe_open(self.file, "numpy") as opened:
            header = opened.metadata()
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
            position = Position.model_validate_json(header["position"])
            difference = first_difference(json.loads(header["made_from"]), json.loads(self.key))
        if difference:
            raise InputError(
                f"{self.file.parent} was left by another training: {difference}. Remove it, or choose another --out."
            )
        return position, arrays

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint once the new one is complete and on disk."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        position, arrays = checkpoint
        header = {"position": position.model_dump_json(), "made_from": self.key}
        files.write_file(self.file, save(dict(arrays), header))
