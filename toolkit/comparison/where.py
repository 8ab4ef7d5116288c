"""Where cells are computed: in processes of this machine, or by the workers of a Dask scheduler."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.errors import InputError, whole_number

MAX_WORKERS = 1_000


@dataclass(frozen=True)
class Where:
    """The number of cells computed at once (1: in this process), or the address of a scheduler, and the resources of
    its workers for each cell, by Dask's names."""

    workers: int = 1
    scheduler: str | None = None
    resources: Mapping[str, float] = field(default_factory=dict)

    def check(self) -> None:
        """Raise InputError if two places are named, or Dask is not installed."""
        whole_number("--workers", self.workers, 1, MAX_WORKERS)
        if self.scheduler is None and self.resources:
            raise InputError("--resources needs --scheduler.")
        if self.scheduler is not None and self.workers > 1:
            raise InputError("--workers and --scheduler exclude each other. Leave out one of them.")
        if self.scheduler is not None and importlib.util.find_spec("distributed") is None:
            raise InputError("--scheduler needs Dask. Install it: pip install distributed.")
