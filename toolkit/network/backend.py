"""TensorFlow and Keras, imported only here, and quietly.

Results must not depend on the number of cores, but sums depend on how many threads share an operation. So our networks
compute each operation in one thread, and work is cut into independent parts, as many as the work itself suggests; as
many of them run at once as this process has threads.
"""

import gc
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.network.share import SHARE

LOG = logging.getLogger(__name__)
Array = npt.NDArray[np.float32]
Arrays = dict[str, Array]
Tensor = Any  # tensorflow publishes no types
State = tuple[tuple[Tensor, ...], ...]  # per layer, the arrays (rows, units) that its cell names
USUAL_UNROLLED_STEPS = 4


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
    if sys.stderr is None:  # it is closed
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Do not search for objects that refer only to each other: of the million that TensorFlow makes while it is
    imported all stay, and to look through them again and again takes a quarter of that time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class OnFirstUse:
    """Finds modules whose code is run when something of them is first used, among those of these names.

    Before Python 3.12 that is for one thread: another that uses it meanwhile may see half of the module.
    """

    def __init__(self, *names: str) -> None:
        self.names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The specification of a module (importlib.abc.MetaPathFinder)."""
        spec = PathFinder.find_spec(name, path, target) if name in self.names else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def wrappers_on_first_use() -> Iterator[None]:
    """Let Keras import what it has for scikit-learn once that is used: with it come SciPy's statistics, and together
    they are a fifth of the time that the import takes.
    """
    finder = OnFirstUse("keras.wrappers", "keras._tf_keras.keras.wrappers")
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with native_messages_hidden(), no_search_for_garbage(), wrappers_on_first_use():
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.ops import gradient_registry  # nothing public has it
tf.get_logger().setLevel("ERROR")

__all__ = [
    "UNROLLED_STEPS", "Array", "Arrays", "State", "Tensor", "gradient_registry", "has_gpu", "keras",
    "one_thread_per_operation", "tf",
]  # fmt: skip


def has_gpu() -> bool:
    """Whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def share_machine(threads: int) -> None:
    """Compute with this many threads, next to other processes; call it before computing anything.

    The results do not depend on the number. Raises RuntimeError if something was computed before.
    """
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    for gpu in tf.config.list_physical_devices("GPU"):  # untested: no GPU was available
        tf.config.experimental.set_memory_growth(gpu, True)  # otherwise the first process takes all its memory


if SHARE.threads is not None:
    with suppress(RuntimeError):  # it was in use before: one_thread_per_operation warns of that
        share_machine(SHARE.threads)


@cache
def one_thread_per_operation() -> None:
    """Let TensorFlow compute each operation in one thread, and as many at once as its share says, or as cores.

    Our networks need it, and nothing else in the process should be changed before there is one. Raises InputError if
    Keras does not compute with TensorFlow.
    """
    if (backend := keras.backend.backend()) != "tensorflow":
        raise InputError(
            f"Keras computes with {backend} here, and our networks need TensorFlow; set "
            f"KERAS_BACKEND=tensorflow in the environment."
        )
    threading = tf.config.threading
    try:
        threading.set_intra_op_parallelism_threads(1)
        threading.set_inter_op_parallelism_threads(threading.get_inter_op_parallelism_threads() or cores())
    except RuntimeError:  # TensorFlow has computed something already, and keeps its threads
        LOG.warning(
            "TensorFlow was in use before toolkit, with its own number of threads: the last digits of results may "
            "differ from those of the command line. Load toolkit's models first to avoid it."
        )
    tf.config.experimental.enable_tensor_float_32_execution(False)  # a GPU would round the factors of products to it
    with native_messages_hidden():
        tf.config.list_physical_devices()  # looks for a GPU, and complains if there is none
