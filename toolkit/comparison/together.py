"""Cells whose updates are computed by several devices or processes together (``--distribute``).

Each process is given the same command. The first one does all that the command does; the others are told which cell it
trains, compute their share of its updates, and write nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit.comparison.cell import Work
from toolkit.comparison.reporter import Reporter, Silent
from toolkit.comparison.request import Request
from toolkit.errors import ContractError, InputError
from toolkit.training.trained import DivergedError


@contextmanager
def together(request: Request, reporter: Reporter) -> Iterator[None]:
    """A block in which cells are trained as ``--distribute`` says; a process other than the first exits before it.

    Raises InputError if the batch cannot be split, TF_CONFIG does not say which processes there are, or one is lost.
    """
    if request.where.distribute is None:
        yield
        return
    from toolkit.network.backend import tf
    from toolkit.network.distribution import distribute

    try:
        devices = distribute(request.where.distribute)
        reporter.stage(f"each update is computed by {devices.number} devices together")
        refuse_towers(request, devices.number)
        if not devices.is_first:
            follow(request)
            raise SystemExit(0)
        yield
        devices.of_first(lambda: None)  # there are no more cells
    except tf.errors.OpError as error:
        faults = (tf.errors.InvalidArgumentError, tf.errors.ResourceExhaustedError, tf.errors.UnimplementedError)
        if request.where.distribute != "multiworker" or isinstance(error, faults):  # not of the connection
            raise
        raise InputError(
            f"The processes of --distribute have lost each other ({type(error).__name__}). Finished cells are kept, "
            f"and training goes on from its checkpoint: end the other processes, and repeat the command in all of them."
        ) from error


def refuse_unequal_shares(request: Request) -> None:
    """Raises InputError as ``refuse_towers`` does, for the devices that compute together, if any do."""
    if request.where.distribute:
        from toolkit.network.distribution import devices

        refuse_towers(request, devices().number)


def refuse_towers(request: Request, devices: int) -> None:
    """Raises InputError if a cell has towers that cannot be shared equally among the devices."""
    for spec in request.specs():
        if (towers := spec.basis.settings.train.towers) % devices:
            raise InputError(
                f"--distribute shares the towers of a batch among {devices} devices, and {spec.column.name} has "
                f"{towers}; give a multiple of {devices}, such as --set train.towers={devices}, for all columns."
            )


def follow(request: Request) -> None:
    """Compute a share of every cell that the first process trains, until there are no more."""
    from toolkit.network.distribution import devices
    from toolkit.training.checkpoint import FORGETFUL

    work = Work(request, Path(), Silent())
    while (cell := devices().of_first(lambda: None)) is not None:
        spec, state = cell
        tokenizer = work.request.tokenizer(spec.column).restore(state)
        settings = spec.basis.settings
        try:
            encoded = work.encoded(spec, tokenizer)
            training, selecting = encoded.training, encoded.selecting
            spec.kind().train(tokenizer, training, selecting, settings, spec.seed, lambda _: None, FORGETFUL)
        except (DivergedError, ContractError):  # of which the first process tells
            continue
