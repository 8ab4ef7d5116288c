"""What cannot fit into this machine's memory is refused before any of it is asked for."""

from toolkit.config import CompareSettings
from toolkit.environment import memory
from toolkit.errors import InputError
from toolkit.network.sizes import GATES
from toolkit.results.text import byte_count

BYTES = 4  # of a number
COPIES = 4  # of a weight: itself, its gradient and the optimizer's two moments
CHARACTERS_PER_EVENT = 16  # at least so few events does a window of characters have, whatever the tokenizer


def refuse_too_large(settings: CompareSettings) -> CompareSettings:
    """The settings. Raises InputError if their network needs more memory than there is, whatever the vocabulary."""
    needed, there = least_bytes(settings), memory()
    if there and needed > there:
        network, train = settings.network, settings.train
        values = {
            "network.units": network.units, "network.embedding": network.embedding, "network.layers": network.layers,
            "train.batch": train.batch, "train.window_characters": train.window_characters,
            "train.window_tokens": train.window_tokens,
        }  # fmt: skip
        given = ", ".join(f"{name}={value}" for name, value in values.items() if value is not None)
        raise InputError(
            f"A network with {given} needs at least {byte_count(needed)} to train; "
            f"this machine has {byte_count(there)}. Give smaller values with --set."
        )
    return settings


def least_bytes(settings: CompareSettings) -> int:
    """The least that training takes: recurrent weights, and the gates of every event of a window.

    >>> least_bytes(CompareSettings()) < 100 * 2**20
    True
    """
    network, train = settings.network, settings.train
    gates = min(GATES.values())  # of whatever cell
    weights = gates * network.units * (network.layers * network.units + network.embedded)
    events = train.window_tokens or -(-train.window_characters // CHARACTERS_PER_EVENT)
    return BYTES * (COPIES * weights + gates * network.units * network.layers * train.batch * events)
