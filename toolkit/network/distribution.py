"""Over which devices an update is computed: one, or several, in one process or in several, by ``tf.distribute``.

What is split are the towers of a batch (training/step.py): each device, or process, computes its share of them, and the
gradients are added. Masks are drawn for a tower, whoever computes it, so that the sums are those of one device except
for the order in which they are added. Everything else is computed in every process, or by the first one for all.
"""

import json
import os
import pickle
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from toolkit.errors import InputError
from toolkit.network.backend import Tensor, native_messages_hidden, one_thread_per_operation, tf

R = TypeVar("R")
CONFIG = "TF_CONFIG"


class Devices(Protocol):
    """The devices that compute an update together."""

    number: int
    is_first: bool  # whether this process is the one that writes

    def summed(self, share: Callable[[int], Sequence[Tensor]]) -> Sequence[Tensor]:
        """The sums, over all devices, of what a function gives for the number of each of them."""
        ...

    def of_first(self, function: Callable[[], R]) -> R:
        """What a function gives in the first process, in every one of them; the others do not call it."""
        ...


class OneDevice:
    """The usual case: nothing is split."""

    number, is_first = 1, True

    def summed(self, share: Callable[[int], Sequence[Tensor]]) -> Sequence[Tensor]:
        """What the function gives."""
        return share(0)

    def of_first(self, function: Callable[[], R]) -> R:
        """What the function gives."""
        return function()


class Mirrored:
    """The devices of this process, by a strategy of ``tf.distribute``."""

    is_first = True

    def __init__(self, strategy: Any) -> None:
        self._strategy, self.number = strategy, int(strategy.num_replicas_in_sync)

    def summed(self, share: Callable[[int], Sequence[Tensor]]) -> Sequence[Tensor]:
        """The sums of what the function gives on each device."""

        def on_device() -> Any:
            context = tf.distribute.get_replica_context()
            number = int(tf.get_static_value(context.replica_id_in_sync_group))
            return context.all_reduce(tf.distribute.ReduceOp.SUM, list(share(number)))

        return [self._strategy.experimental_local_results(value)[0] for value in self._strategy.run(on_device)]

    def of_first(self, function: Callable[[], R]) -> R:
        """What the function gives."""
        return function()


class MultiWorker(Mirrored):
    """The devices of several processes, of which this is number ``process``."""

    def __init__(self, strategy: Any, process: int) -> None:
        super().__init__(strategy)
        self.is_first = process == 0

    def of_first(self, function: Callable[[], R]) -> R:
        """What the function gives in the first process: the sum of its bytes and of the others' zeros."""
        content = np.frombuffer(pickle.dumps(function()) if self.is_first else b"", np.uint8).astype(np.int32)
        size = int(self._sum(np.array([len(content)], np.int32))[0])
        content = self._sum(content if self.is_first else np.zeros(size, np.int32))
        return pickle.loads(content.astype(np.uint8).tobytes())  # type: ignore[no-any-return]

    def _sum(self, values: Any) -> Any:
        """The sum of one array of each process, int32."""

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def summed(values: Tensor) -> Tensor:
            return self.summed(lambda number: [tf.identity(values) if number == 0 else tf.zeros_like(values)])[0]

        return summed(tf.constant(values)).numpy()


_devices: Devices = OneDevice()  # of this process


def devices() -> Devices:
    """The devices over which this process computes updates."""
    return _devices


def distribute(how: str) -> Devices:
    """Compute updates over several devices from now on; call it before anything is computed.

    ``mirrored``: over this machine's GPUs or, without any, its logical CPUs. ``multiworker``: over the processes that
    TF_CONFIG lists, once all of them are there. Raises InputError if TF_CONFIG does not list them.
    """
    global _devices
    one_thread_per_operation()
    if how == "multiworker":
        process = own_number()
        with native_messages_hidden():
            _devices = MultiWorker(tf.distribute.MultiWorkerMirroredStrategy(), process)
    else:
        local = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        _devices = Mirrored(tf.distribute.MirroredStrategy([device.name for device in local]))
    return _devices


def own_number() -> int:
    """This process's number among those that TF_CONFIG lists. Raises InputError if it lists none, or not this one."""
    try:
        config = json.loads(os.environ.get(CONFIG, ""))
        workers, task = config["cluster"]["worker"], config["task"]
        if list(config["cluster"]) == ["worker"] and task["type"] == "worker" and 0 <= task["index"] < len(workers):
            return int(task["index"])
    except (ValueError, LookupError, TypeError):
        pass
    raise InputError(
        '--distribute multiworker needs TF_CONFIG in the environment, such as {"cluster": {"worker": ["host1:2222", '
        '"host2:2222"]}, "task": {"type": "worker", "index": 0}}, with another index in each process; set it.'
    )
