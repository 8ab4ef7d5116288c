"""A run's folder: all names of its files are here. The formats are plain; loading a run executes no code."""

import csv
import errno
import hashlib
import json
import math
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from toolkit.errors import ContractError, InputError, misfit
from toolkit.events.checks import check_vocabulary
from toolkit.files import NEW, OLD, beside, left_beside, naming, no_folder, rename_for_good, sync_all, write_file
from toolkit.inference.model import Model, Origin
from toolkit.plugins import load_code
from toolkit.results.cell import Cell, HistoryRow, RunBytes
from toolkit.results.generated import Sample
from toolkit.runs.spec import CellSpec

RUNS = "runs"  # in a comparison's folder
MOST_NAMED = 12  # of its runs, where it was given for one
CONFIG, ENVIRONMENT, TOKENIZER = "config.toml", "environment.json", "tokenizer"
TOKENIZER_STATE = f"{TOKENIZER}/tokenizer.json"
HISTORY, SCORES, SAMPLES, CELL = "history.csv", "scores.npz", "samples.jsonl", "cell.json"
CHECKPOINT, STATE = "checkpoint", "state.safetensors"  # of a run in training
OWN, ARRAYS = (CONFIG, ENVIRONMENT, TOKENIZER, HISTORY, SCORES, SAMPLES, CELL, CHECKPOINT), ".safetensors"


DAMAGES = (  # what a damaged or hostile file may cause
    EOFError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, ContractError,
    SafetensorError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EINVAL)  # the last: a place before a file's beginning


@dataclass(frozen=True)
class Run:
    """A folder with a model, and what it was made from."""

    folder: Path
    spec: CellSpec
    model: Model


def save_run(
    folder: Path,
    spec: CellSpec,
    state: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    environment: Mapping[str, Any],
) -> None:
    """Write what defines a run: its spec, its tokenizer's state and its model's arrays. Other functions add results."""
    (folder / TOKENIZER).mkdir(parents=True)
    (folder / CONFIG).write_text(spec.to_toml(), "utf-8")
    (folder / ENVIRONMENT).write_text(json.dumps(environment, indent=1), "utf-8")
    (folder / TOKENIZER_STATE).write_text(json.dumps(state), "utf-8")
    save_arrays(folder / spec.kind().file, arrays)


def save_arrays(file: Path, arrays: Mapping[str, npt.NDArray[Any]], header: dict[str, str] | None = None) -> None:
    """Write arrays by name, in a file with the usual permissions.

    The library's own ``save_file`` makes files readable only by their owner, whatever the umask.
    """
    file.write_bytes(save(dict(arrays), header))


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Raise InputError, naming the run, for any error caused by one of its files, missing or damaged."""
    try:
        yield
    except InputError:
        raise
    except PermissionError as error:
        raise InputError(f"The run {folder} cannot be read: {error.strerror}; ask for its permissions.") from error
    except (*DAMAGES, OSError) as error:
        if isinstance(error, OSError) and error.errno not in NOT_THERE:
            raise
        raise misfit(folder, error, "remove the run and repeat the command that made it") from error


def has_run(folder: Path) -> bool:
    """Whether a folder has what every run has."""
    return (folder / CONFIG).is_file() and (folder / TOKENIZER).is_dir()


def no_run(path: Path) -> InputError:
    """The error for a path that is no run: a folder with runs names them, as a comparison's does."""
    if not path.exists():
        return no_folder(path)
    give = f"give a folder in {RUNS}/ of a comparison"
    if path.is_file():
        return InputError(f"{path} is not a run but a file; {give}, and files after it.")
    runs = sorted(run for run in (*path.glob("*"), *path.glob(f"{RUNS}/*")) if has_run(run))
    if runs:
        more = f" and {len(runs) - MOST_NAMED} more" if len(runs) > MOST_NAMED else ""
        named = ", ".join(map(str, runs[:MOST_NAMED]))
        return InputError(f"{path} is not a run; its runs are: {named}{more}; give one of them.")
    return InputError(f"{path} is not a run: {CONFIG} or {TOKENIZER}/ is missing; {give}.")


def load_spec(folder: Path) -> CellSpec:
    """What a run was made from. Raises InputError if the folder is not a run, or is damaged."""
    if not has_run(folder):
        raise no_run(folder)
    with reading(folder):
        return CellSpec.from_toml((folder / CONFIG).read_text("utf-8"))


def load_run(folder: Path) -> Run:
    """A run from its folder. Raises InputError if it is not a run, or is damaged."""
    spec = load_spec(folder)
    with reading(folder):
        tokenizer = spec.make_tokenizer().restore(saved_state(folder))
        kind = spec.kind()
        if spec.column.ours:  # someone else's is for verify to judge
            check_vocabulary(tokenizer.vocabulary)
        model = kind.restored(tokenizer, spec.settings.network, finite(load_file(folder / kind.file)))
        model.origin = Origin(spec.column.name, spec.model, spec.seed, fingerprint(folder))
    return Run(folder, spec, model)


def finite(arrays: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """The arrays. Raises ValueError if one has a number that is not finite."""
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has numbers that are not finite")
    return arrays


def saved_state(folder: Path) -> dict[str, Any]:
    """The saved state of a run's tokenizer. Raises InputError if the folder is not a run or cannot be read."""
    load_spec(folder)
    with reading(folder):
        return json.loads((folder / TOKENIZER_STATE).read_text("utf-8"))  # type: ignore[no-any-return]


def load(folder: str | Path, *, code: Sequence[str | Path] = ()) -> Model:
    """The model of a run: of a folder in ``runs/`` of a comparison, or one that ``toolkit.train`` made.

    ``code`` are the Python files whose tokenizer or strategy the run was made with, if they are not registered yet.
    Raises InputError if the folder is not a run, is damaged, or needs code that was not given.
    """
    for path in code:
        load_code(Path(path))
    return load_run(Path(folder)).model


def fingerprint(folder: Path) -> bytes:
    """Eight bytes that identify a run: a hash of its tokenizer and its model's arrays."""
    kind = load_spec(folder).kind()
    with reading(folder):
        digest = hashlib.sha256()
        for file in (folder / TOKENIZER_STATE, folder / kind.file):
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()[:8]


def run_bytes(folder: Path) -> RunBytes:
    """What the files of a run's tokenizer and model take."""
    kind = load_spec(folder).kind()
    tokenizer = sum(file.stat().st_size for file in (folder / TOKENIZER).iterdir())
    return RunBytes(tokenizer=tokenizer, model=(folder / kind.file).stat().st_size)


def save_history(folder: Path, history: Sequence[HistoryRow]) -> None:
    """history.csv: a row per check."""
    with (folder / HISTORY).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(HistoryRow.model_fields))
        writer.writeheader()
        writer.writerows(row.model_dump() for row in history)


def save_scores(folder: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """scores.npz: the scores of every event of every held-out document, as made by scores.score_arrays."""
    np.savez_compressed(folder / SCORES, allow_pickle=False, **arrays)


def load_scores(folder: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of scores.npz. Raises InputError if it is damaged."""
    with reading(folder):
        refuse_false_sizes(folder / SCORES)
        with np.load(folder / SCORES, allow_pickle=False) as scores:
            return dict(scores)


def refuse_false_sizes(file: Path) -> None:
    """Raises ValueError if an array in an .npz says that it has more, or less, than is there: memory is taken first."""
    with zipfile.ZipFile(file) as packed:
        for member in packed.infolist():
            with packed.open(member) as array:
                np.lib.format.read_magic(array)
                shape, _, kind = np.lib.format.read_array_header_1_0(array)
                if array.tell() + math.prod(shape) * kind.itemsize != member.file_size:
                    raise ValueError(f"{member.filename} has another size than it says")


def save_samples(folder: Path, samples: Sequence[Sample]) -> None:
    """samples.jsonl: a sample per line."""
    lines = [sample.model_dump_json(by_alias=True) + "\n" for sample in samples]
    (folder / SAMPLES).write_text("".join(lines), "utf-8")


def save_cell(folder: Path, cell: Cell) -> None:
    """cell.json: the results of this run."""
    write_file(folder / CELL, cell.model_dump_json(by_alias=True))


def load_cell(folder: Path) -> Cell | None:
    """The cell of a finished run, or None if it is not finished.

    A run that lacks one of its files, or has an empty one, is not finished: so a power cut or a kill may leave it.
    Raises InputError if it is damaged, or if its results are those of another run.
    """
    if not all(has_content(folder / name) for name in (CELL, CONFIG, SCORES, TOKENIZER_STATE)):
        return None
    with reading(folder):
        cell = Cell.model_validate_json((folder / CELL).read_text("utf-8"))
        spec = load_spec(folder)
        refuse_other(cell, spec)
        return cell if has_content(folder / spec.kind().file) else None


def refuse_other(cell: Cell, spec: CellSpec) -> None:
    """Raises ValueError unless a cell is of the spec's column, seed and fraction of the training text."""
    if (cell.column, cell.seed, cell.fraction) != (spec.column.name, spec.seed, spec.fraction):
        of = f"{cell.column}, seed {cell.seed}, fraction {cell.fraction:g}"
        raise ValueError(f"{CELL} has the results of {of}, and not of {spec.name}")


def has_content(file: Path) -> bool:
    """Whether a file is there and not empty."""
    return file.is_file() and file.stat().st_size > 0


def finished_cell(folder: Path, spec: CellSpec) -> Cell | None:
    """The cell of a run whose training is as long as the spec's, in the same stages, or None.

    What was counted has no history: no training makes it longer. Raises InputError if the run is damaged, or another.
    """
    cell = load_cell(folder)
    if cell is None:
        return None
    with reading(folder):
        refuse_other(cell, spec)
    return cell if cell.counted or load_spec(folder).stages == spec.stages else None


def write_whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Write a folder under a temporary name and rename it when complete, so ``folder`` is never half-written.

    The previous folder is moved aside first; if the process ends in between, ``recover`` puts it back.
    """
    temporary, previous = beside(folder, NEW), beside(folder, OLD)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        with naming(folder):
            write(temporary)
        sync_all(temporary)
        if folder.exists():
            folder.rename(previous)
        rename_for_good(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(previous, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put back the folder that ``write_whole`` had moved aside when its process ended."""
    previous = sorted(left_beside(folder, OLD), key=lambda path: path.stat().st_mtime)
    if previous and not folder.exists():
        previous[-1].rename(folder)


def in_training(folder: Path) -> bool:
    """Whether a folder has nothing, or nothing but our checkpoint."""
    checkpoint = folder / CHECKPOINT
    if not folder.is_dir() or any(path != checkpoint for path in folder.iterdir()):
        return False
    own = (STATE, f".{STATE}.")
    return not checkpoint.exists() or all(path.name.startswith(own) for path in checkpoint.iterdir())


def is_run(folder: Path) -> bool:
    """Whether a folder has what every run has, and nothing that no run has."""
    left = left_beside(folder / CELL, NEW)
    others = (path for path in folder.iterdir() if path.name not in OWN and path not in left)
    return has_run(folder) and all(path.suffix == ARRAYS for path in others)


def remove_run(folder: Path) -> None:
    """Remove the folder of a run, finished or in training: under another name first, which ``sweep`` removes as well
    if the process ends in between.
    """
    if folder.exists():
        leaving = beside(folder, NEW)
        folder.rename(leaving)
        if leaving.is_symlink():
            leaving.unlink()
        else:
            shutil.rmtree(leaving)


def sweep(folder: Path) -> None:
    """Remove what processes that ended while they wrote a run left beside it and in it. The caller holds the lock."""
    for left in left_beside(folder, NEW, OLD):
        shutil.rmtree(left, ignore_errors=True)
    for name in (CELL, f"{CHECKPOINT}/{STATE}"):
        for left in left_beside(folder / name, NEW):
            left.unlink()
