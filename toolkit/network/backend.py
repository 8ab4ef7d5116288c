"""TensorFlow, imported here and nowhere else: quietly, and with one thread for each operation.

Results must not depend on the number of cores, and sums do depend on how many threads share an operation. So each
operation has one thread, and work is cut into ``THREADS`` independent parts that run side by side.
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
    """How many steps one turn of a graph's loop holds: ``$TOOLKIT_UNROLLED_STEPS``, else the usual number.

    TensorFlow's bookkeeping for a turn takes as long as a small step; but a graph with fewer steps is made sooner.
    Raises InputError where the variable is no whole number of at least 1.
    """
    text = os.environ.get("TOOLKIT_UNROLLED_STEPS") or str(USUAL_UNROLLED_STEPS)
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise InputError(f"TOOLKIT_UNROLLED_STEPS is {text!r} in the environment; give a whole number of at least 1.")
    return int(text)


UNROLLED_STEPS = unrolled_steps()


@contextmanager
def native_messages_hidden() -> Iterator[None]:
    """Keep what native code writes to standard error from the user: TensorFlow's notes on its own build.

    They come before its logging can be configured. Exceptions are raised as ever.
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
    tf.config.list_physical_devices()  # looks for a GPU, and says so where there is none
tf.get_logger().setLevel("ERROR")

__all__ = ["THREADS", "UNROLLED_STEPS", "Tensor", "share_machine", "tf"]


def share_machine(threads: int) -> None:
    """Compute with so many threads, ``THREADS`` at most, beside other processes; call it before anything is computed.

    The results are the same with any number. Raises RuntimeError where something was computed.
    """
    tf.config.threading.set_inter_op_parallelism_threads(min(threads, THREADS))
    for gpu in tf.config.list_physical_devices("GPU"):  # never tried: there was none
        tf.config.experimental.set_memory_growth(gpu, True)  # otherwise the first process takes all its memory
