"""Where cells are computed: in this process, in several of this machine, or by the workers of a Dask scheduler."""

import importlib.util
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from toolkit.errors import InputError, whole_number

MOST_WORKERS = 1_000
ADDRESS = r"(tcp|tls|ws|wss|ucx)://(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):\d{1,5}"  # of a Dask scheduler


@dataclass(frozen=True)
class Where:
    """Processes of this machine, or the address of a scheduler and what each cell takes of its workers."""

    workers: int = 1  # cells computed at once, each in its own process; 1: in this process
    scheduler: str | None = None  # the address of a Dask scheduler, whose workers compute the cells
    resources: Mapping[str, float] = field(default_factory=dict)  # of Dask's, what each cell takes of a worker

    @classmethod
    def of(
        cls,
        workers: int | None,
        scheduler: str | None,
        resources: str | Mapping[str, float],
        by_default: Callable[[], int],
    ) -> Self:
        """The place that was asked for; ``by_default`` says how many processes if that was not said.

        Raises InputError for what names no place, or two.
        """
        taken = parse_resources(resources)
        if scheduler is not None:
            check_scheduler(scheduler, workers)
            return cls(scheduler=scheduler, resources=taken)
        if taken:
            raise InputError("--resources are those of a cluster's workers; give its address with --scheduler.")
        number = by_default() if workers is None else workers
        return cls(whole_number("--workers", number, 1, MOST_WORKERS))


def check_scheduler(address: str, workers: int | None) -> None:
    """Raises InputError unless there may be a scheduler at an address, and cells are to be computed nowhere else."""
    if importlib.util.find_spec("distributed") is None:
        raise InputError("--scheduler needs Dask, which is not installed; run python -m pip install distributed first.")
    if not re.fullmatch(ADDRESS, address):
        raise InputError(f"--scheduler {address!r} is not an address; give one such as tcp://127.0.0.1:8786.")
    if workers not in (None, 1):
        raise InputError(
            "--workers are processes of this machine, and --scheduler has workers of its own; leave out one of the two."
        )


def parse_resources(resources: str | Mapping[str, float]) -> dict[str, float]:
    """What each cell takes of a worker, by Dask's names. Raises InputError for what is no amount.

    >>> parse_resources("GPU=1,MEMORY=4e9")
    {'GPU': 1.0, 'MEMORY': 4000000000.0}
    """
    given = resources if isinstance(resources, Mapping) else dict(map(named_amount, filter(None, resources.split(","))))
    for name, amount in given.items():
        if not name or isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 < amount < float("inf"):
            raise InputError(f"--resources {name}={amount} is not an amount above 0; give one such as GPU=1.")
    return {name: float(amount) for name, amount in given.items()}


def named_amount(text: str) -> tuple[str, float]:
    """A name and its amount. Raises InputError if it is not a number."""
    name, _, amount = text.partition("=")
    try:
        return name.strip(), float(amount)
    except ValueError as error:
        raise InputError(f"--resources {text!r} is not NAME=AMOUNT; give one such as GPU=1.") from error
