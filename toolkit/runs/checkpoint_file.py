"""The checkpoint of a run in training, as a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import safe_open

from toolkit.config import first_difference
from toolkit.errors import InputError
from toolkit.files import NEW, beside, naming, rename_synced
from toolkit.runs.folder import CHECKPOINT, STATE, reading, save_arrays
from toolkit.training.records import Checkpoint, Position


class CheckpointFile:
    """The checkpoint of a run in training, in its folder: a ``records.Store``.

    ``made_from`` is everything that determines the training; a checkpoint of any other training is refused.
    """

    def __init__(self, run: Path, made_from: Mapping[str, Any]) -> None:
        self.folder, self.made_from = run / CHECKPOINT, json.dumps(made_from, sort_keys=True)

    @property
    def file(self) -> Path:
        """The one file: arrays by name, and everything else in its header."""
        return self.folder / STATE

    def load(self) -> Checkpoint | None:
        """The checkpoint, or None. Raises InputError if it is damaged or belongs to another training."""
        if not self.file.is_file():
            return None
        with reading(self.folder.parent), safe_open(self.file, "numpy") as opened:
            header = opened.metadata()
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
            position, made_from = Position.model_validate_json(header["position"]), json.loads(header["made_from"])
            differs = first_difference(made_from, json.loads(self.made_from))
        if differs:
            raise InputError(
                f"{self.folder} was left by another training: {differs}; choose another folder with --out, or remove "
                f"it."
            )
        return Checkpoint(position, arrays)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the checkpoint next to the previous one, and replace that once the new one is complete and on disk.

        A process on a machine that is believed lost may still write one: each has a name of its own for it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = beside(self.file, NEW)
        header = {"position": checkpoint.position.model_dump_json(), "made_from": self.made_from}
        try:
            with naming(self.file):
                save_arrays(temporary, checkpoint.arrays, header)
                rename_synced(temporary, self.file)
        finally:  # half of one would leave a full disk fuller
            temporary.unlink(missing_ok=True)
