"""TensorFlow and Keras, imported only here and quietly.

Results must not depend on the number of cores, so one thread computes each operation of a network. The work is cut
into a fixed number of independent parts, and as many of them run at once as this process has threads.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.network import SHARE

LOG = logging.getLogger(__name__)

Array = npt.NDArray[np.float32]
Tensor = Any  # TensorFlow publishes no types
Tensors = tuple[Tensor, ...]
State = tuple[Tensors, ...]  # per layer, the arrays (rows, units) that its cell names


@contextmanager
def native_messages_hidden() -> Iterator[None]:
    """Hide what native code writes to standard error: TensorFlow's messages, before its logging can be configured."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "w") as null:
        os.dup2(null.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with native_messages_hidden():
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.ops import gradient_registry  # no public name
tf.get_logger().setLevel("ERROR")

__all__ = ["gradient_registry", "keras", "tf"]  # imported here for other files


def has_gpu() -> bool:
    """Return whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


@cache
def one_thread_per_operation() -> None:
    """Let one thread compute each operation, and as many at once as the process's share, or as it has cores.

    Call it before the first network. Raises InputError if Keras does not compute with TensorFlow.
    """
    if (backend := keras.backend.backend()) != "tensorflow":
        raise InputError(f"Keras uses {backend}. Set KERAS_BACKEND=tensorflow in the environment.")
    threading = tf.config.threading
    with native_messages_hidden():
        gpus = tf.config.list_physical_devices("GPU")
    try:
        threading.set_intra_op_parallelism_threads(1)
        threads = SHARE.threads or threading.get_inter_op_parallelism_threads() or cores()
        threading.set_inter_op_parallelism_threads(threads)
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)  # or the first process takes all its memory
    except RuntimeError:
        LOG.warning(
            "TensorFlow was used before toolkit, with other threads, so last digits may differ from the command "
            "line's. Load toolkit's models first."
        )
    tf.config.experimental.enable_tensor_float_32_execution(False)  # it rounds the factors of products on a GPU
