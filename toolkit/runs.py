"""A run's folder on disk: the only module that knows its file names. Plain formats; loading runs no code."""

import csv
import hashlib
import json
import os
import shutil
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import tomli_w
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from toolkit.checkpoint import Checkpoint, Position
from toolkit.columns import Column
from toolkit.config import NetworkSettings, SampleSettings, TrainSettings, first_difference
from toolkit.errors import InputError, first_line
from toolkit.files import write_file
from toolkit.plugins import digests
from toolkit.results import Cell, HistoryRow, Sample
from toolkit.tokenizers import Tokenizer

if TYPE_CHECKING:
    from toolkit.network import Network

CONFIG, ENVIRONMENT, TOKENIZER, WEIGHTS = "config.toml", "environment.json", "tokenizer", "weights.safetensors"
HISTORY, SCORES, SAMPLES, CELL = "history.csv", "scores.npz", "samples.jsonl", "cell.json"
CHECKPOINT, STATE = "checkpoint", "state.safetensors"


@dataclass(frozen=True)
class RunConfig:
    """What a run was made from."""

    column: str
    tokenizer: str
    strategy: str | None
    options: dict[str, Any]
    seed: int
    language: str
    spacy_model: str | None
    code: dict[str, str]  # the files of --code, with their SHA-256
    corpus: str
    corpus_path: str
    corpus_sha256: str
    split_seed: int
    split: dict[str, list[str]]
    characters_per_token: float
    network: NetworkSettings
    train: TrainSettings
    samples: SampleSettings

    def make_tokenizer(self) -> Tokenizer:
        """The run's tokenizer, neither fitted nor restored. Loading a run runs no code: plug-ins must be there already.

        Raises InputError where they are not, naming the files that had them, or where those have changed.
        """
        for path, digest in self.code.items():
            if digests().get(Path(path).name, digest) != digest:
                raise InputError(f"The code {path} has changed since the run was made; give the file as it was then.")
        column = Column(self.column, self.tokenizer, self.strategy, self.options)
        try:
            return column.make(language=self.language, spacy_model=self.spacy_model)
        except InputError as error:
            if not self.code:
                raise
            files = " ".join(f"--code {path}" for path in self.code)
            raise InputError(f"{error} The run was made with {files}; give that again.") from error

    def to_toml(self) -> str:
        """The config as TOML; what is None is left out."""
        settings = {name: getattr(self, name).model_dump(exclude_none=True) for name in ("network", "train", "samples")}
        values = {name: value for name, value in vars(self).items() if value is not None} | settings
        return tomli_w.dumps(values)

    @classmethod
    def from_toml(cls, text: str) -> "RunConfig":
        """The inverse of ``to_toml``."""
        values = {"strategy": None, "spacy_model": None, **tomllib.loads(text)}
        return cls(
            **{
                **values,
                "network": NetworkSettings(**values["network"]),
                "train": TrainSettings(**values["train"]),
                "samples": SampleSettings(**values["samples"]),
            }
        )


@dataclass(frozen=True)
class Run:
    """A trained run, loaded."""

    folder: Path
    config: RunConfig
    tokenizer: Tokenizer
    network: "Network"


def save_run(
    folder: Path,
    config: RunConfig,
    tokenizer: Tokenizer,
    weights: Mapping[str, npt.NDArray[np.float32]],
    environment: Mapping[str, Any],
) -> None:
    """Write what a run is. What a later step finds out is added by the functions below."""
    (folder / TOKENIZER).mkdir(parents=True)
    (folder / CONFIG).write_text(config.to_toml(), "utf-8")
    (folder / ENVIRONMENT).write_text(json.dumps(environment, indent=1), "utf-8")
    (folder / TOKENIZER / "tokenizer.json").write_text(json.dumps(tokenizer.state()), "utf-8")
    save_arrays(folder / WEIGHTS, weights)


def save_arrays(
    file: Path, arrays: Mapping[str, npt.NDArray[np.float32]], header: dict[str, str] | None = None
) -> None:
    """Write arrays by name. Raises InputError where the disk does not take them."""
    try:
        save_file(dict(arrays), file, header)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"{file} cannot be written: {first_line(error)}; make room and give the same command again."
        ) from error


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Raise InputError, naming the run, for what a missing or damaged file of it leads to."""
    try:
        yield
    except InputError:
        raise
    except (OSError, ValueError, TypeError, KeyError, SafetensorError, zipfile.BadZipFile) as error:
        raise InputError(
            f"The run {folder} is damaged ({type(error).__name__}: {first_line(error)}); remove the folder "
            f"and give the command that made it again."
        ) from error


def load_run(folder: Path) -> Run:
    """A run from its folder. Raises InputError where it is none."""
    from toolkit.network import Network

    if not (folder / CONFIG).is_file() or not (folder / WEIGHTS).is_file():
        raise InputError(
            f"{folder} is not a run: it has no {CONFIG} with {WEIGHTS}; give a folder below runs/ of a report."
        )
    with reading(folder):
        config = RunConfig.from_toml((folder / CONFIG).read_text("utf-8"))
        state = json.loads((folder / TOKENIZER / "tokenizer.json").read_text("utf-8"))
        tokenizer = config.make_tokenizer().restore(state)
        network = Network(config.network, tokenizer.vocabulary.reserve.trained, one_hot=tokenizer.one_hot)
        network.assign(load_file(folder / WEIGHTS))
    return Run(folder, config, tokenizer, network)


def fingerprint(folder: Path) -> bytes:
    """Eight bytes that tell a run from any other: a hash of its tokenizer and weights."""
    digest = hashlib.sha256()
    for file in (folder / TOKENIZER / "tokenizer.json", folder / WEIGHTS):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()[:8]


def save_history(folder: Path, history: Sequence[HistoryRow]) -> None:
    """history.csv: a row per check."""
    with (folder / HISTORY).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(HistoryRow.model_fields))
        writer.writeheader()
        writer.writerows(row.model_dump() for row in history)


def save_scores(folder: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """scores.npz: the arrays of every event of every held-out document, as evaluator.score_arrays says."""
    np.savez_compressed(folder / SCORES, allow_pickle=False, **arrays)


def load_scores(folder: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of scores.npz. Raises InputError where it is damaged."""
    with reading(folder), np.load(folder / SCORES, allow_pickle=False) as scores:
        return dict(scores)


def save_samples(folder: Path, samples: Sequence[Sample]) -> None:
    """samples.jsonl: a sample per line."""
    lines = [sample.model_dump_json(by_alias=True) + "\n" for sample in samples]
    (folder / SAMPLES).write_text("".join(lines), "utf-8")


def save_cell(folder: Path, cell: Cell) -> None:
    """cell.json: what the comparison says of this run."""
    write_file(folder / CELL, cell.model_dump_json(by_alias=True))


def load_cell(folder: Path) -> Cell | None:
    """The cell of a finished run, or None where there is no finished run. Raises InputError where it is damaged."""
    file = folder / CELL
    if not file.is_file():
        return None
    with reading(folder):
        return Cell.model_validate_json(file.read_text("utf-8"))


class CheckpointFile:
    """The checkpoint of a run in training, in its folder: a ``checkpoint.Store``.

    ``made_from`` is all that decides the training; a checkpoint of another training is refused.
    """

    def __init__(self, run: Path, made_from: Mapping[str, Any]) -> None:
        self.folder, self.made_from = run / CHECKPOINT, json.dumps(made_from, sort_keys=True)

    @property
    def file(self) -> Path:
        """The one file: arrays by name, and what is no array in its header."""
        return self.folder / STATE

    def load(self) -> Checkpoint | None:
        """The checkpoint, or None where there is none. Raises InputError where it is damaged or another training's."""
        if not self.file.is_file():
            return None
        with reading(self.folder.parent), safe_open(self.file, "numpy") as opened:
            header = opened.metadata()
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - it is no mapping
            position, made_from = Position.model_validate_json(header["position"]), header["made_from"]
        if differs := first_difference(json.loads(made_from), json.loads(self.made_from)):
            raise InputError(
                f"{self.folder} was left by another training: {differs}; choose another folder with --out, or remove "
                f"it."
            )
        return Checkpoint(position, arrays)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the checkpoint beside the one before, and put it in its place when it is whole and on the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix(".new")
        header = {"position": checkpoint.position.model_dump_json(), "made_from": self.made_from}
        save_arrays(beside, checkpoint.arrays, header)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(self.file)


def write_whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Make a folder beside its place and rename it when whole, so that a half-written one never stands there.

    What stood there before goes when the new one is in its place: ``recover`` finds it where the process ended between.
    """
    beside, before = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        write(beside)
        if folder.exists():
            folder.rename(before)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(before, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put back what ``write_whole`` had moved away when its process ended."""
    before = folder.with_name(f".{folder.name}.old")
    if before.exists() and not folder.exists():
        before.rename(folder)


def sweep(folder: Path) -> None:
    """Remove what ``write_whole`` had not removed when its process ended; for those who hold the lock."""
    for kind in ("new", "old"):
        shutil.rmtree(folder.with_name(f".{folder.name}.{kind}"), ignore_errors=True)
