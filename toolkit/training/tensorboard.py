"""TensorBoard logs of training."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from toolkit.network.backend import tf
from toolkit.results.cell import HistoryRow

SCALAR = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"})


def write_logs(folder: Path, history: Sequence[HistoryRow]) -> None:
    """Write the checks of a run as scalars over updates, replacing the folder.

    Everything is rewritten after each check, so that interrupted training leaves no duplicates.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with tf.summary.create_file_writer(str(folder)).as_default():
        for row in history:
            for name, value in row.model_dump(exclude={"updates"}).items():
                tf.summary.write(name, tf.constant(value, tf.float32), row.updates, SCALAR)
