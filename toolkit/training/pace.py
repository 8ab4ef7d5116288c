"""How long training takes on this machine, from a moment of it."""

import time
from collections.abc import Sequence

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.neural import network_for
from toolkit.training.checkpoint import FORGETFUL
from toolkit.training.trainer import Loop
from toolkit.training.validation import Validation

MEASURED_SECONDS = 2.0


def seconds_of(
    tokenizer: Tokenizer,
    training: Sequence[Encoding],
    valid: Sequence[Encoding],
    network_settings: NetworkSettings,
    settings: TrainSettings,
) -> float:
    """How many seconds all updates and checks of training would take now, from some of the first updates and a check.

    Graphs are built before, as in training. The network is thrown away.
    """
    network = network_for(tokenizer, network_settings)
    validation = Validation(tokenizer, valid)
    validation.bits_per_character(network)
    loop = Loop(network, training, tokenizer, settings, 0, FORGETFUL)
    loop.update()  # the first one is slower
    start, updates = time.perf_counter(), 0
    while time.perf_counter() - start < MEASURED_SECONDS:
        loop.update()
        updates += 1
    of_an_update = (time.perf_counter() - start) / updates
    start = time.perf_counter()
    validation.bits_per_character(network)
    return of_an_update * loop.windows.updates + (time.perf_counter() - start) * settings.checks
