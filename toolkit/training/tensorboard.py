"""TensorBoard logs of training."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from toolkit.network.backend import tf
from toolkit.results.cell import HistoryRow


def write_logs(folder: Path, history: Sequence[HistoryRow]) -> None:
    """Write the checks of a run as scalars over updates, in place of the folder: a resumed run has no duplicates."""
    shutil.rmtree(folder, ignore_errors=True)
    scalar = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"})
    with tf.summary.create_file_writer(str(folder)).as_default():
        for row in history:
            for name, value in row.model_dump(exclude={"updates"}).items():
                tf.summary.write(name, tf.constant(value, tf.float32), row.updates, scalar)
