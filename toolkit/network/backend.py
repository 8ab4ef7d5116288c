"""TensorFlow, imported only here: quietly, and with one thread per operation.

Results must not depend on the number of cores, but sums depend on how many threads share an operation. So each
operation has one thread, and work is cut into ``THREADS`` independent parts that run in parallel.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from toolkit.errors import InputError

Tensor = Any  # tensorflow publishes no types
THREADS = 2
USUAL_UNROLLED_STEPS = 10


def unrolled_steps() -> int:
    """The number of steps in one iteration of a graph's loop: ``$TOOLKIT_UNROLLED_STEPS``, or the usual number.

    TensorFlow's overhead per iteration is as long as a small step, but a graph with fewer steps is built sooner.
    Raises InputError if the variable is not a whole number of at least 1.
    """
    text = os.environ.get("TOOLKIT_UNROLLED_STEPS") or str(USUAL_UNROLLED_STEPS)
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise InputError(f"TOOLKIT_UNROLLED_STEPS is {text!r} in the environment; give a whole number of at least 1.")
    return int(text)


UNROLLED_STEPS = unrolled_steps()


@contextmanager
def native_messages_hidden() -> Iterator[None]:
    """Hide what native code writes to standard error: TensorFlow's messages about its own build.

    They appear before its logging can be configured. Exceptions are raised as usual.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with native_messages_hidden():
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    tf.config.list_physical_devices()  # looks for a GPU, and complains if there is none
tf.get_logger().setLevel("ERROR")

__all__ = ["THREADS", "UNROLLED_STEPS", "Tensor", "share_machine", "tf"]


def share_machine(threads: int) -> None:
    """Compute with this many threads, at most ``THREADS``, next to other processes; call it before computing anything.

    The results do not depend on the number. Raises RuntimeError if something was computed before.
    """
    tf.config.threading.set_inter_op_parallelism_threads(min(threads, THREADS))
    for gpu in tf.config.list_physical_devices("GPU"):  # untested: no GPU was available
        tf.config.experimental.set_memory_growth(gpu, True)  # otherwise the first process takes all its memory
