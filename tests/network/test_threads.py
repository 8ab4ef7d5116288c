"""Numbers depend on the number of towers, and not on that of threads; what is coded, on no kernel of BLAS either."""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import hashlib, json, sys

from toolkit.network import SHARE

SHARE.threads = int(sys.argv[1])

import numpy as np

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.events.encoding import Events, Reserve, Vocabulary
from toolkit.inference.neural import NeuralModel, score_network
from toolkit.network.backend import tf
from toolkit.network.forms import NumpyStepper
from toolkit.network.network import Network, Optimizer
from toolkit.training.step import make_step

network = Network(NetworkSettings(units=24, layers=2, dropout=0.1), np.ones(5000, bool), one_hot=False, seed=1)
step = make_step(network, Optimizer(TrainSettings(clip_norm=1.0), list(network.named_weights.values())), 4, 0)
ids = np.random.default_rng(0).integers(1, 5000, (16, 31)).astype(np.int32)
states = tuple(network.initial(4) for _ in range(4))
for update in range(5):
    loss, states = step(
        tf.constant(ids[:, :-1]), tf.constant(ids[:, 1:]), states, tf.constant(0.01), tf.constant(update, tf.int64)
    )
outcomes = {"weights": b"".join(array.tobytes() for array in network.arrays().values())}
documents = [Events.of([*row, 0], [*range(31), 30], [0] * 32, {}) for row in np.concatenate([ids] * 5)]
ending = np.arange(5000) % 2 == 0
vocabulary = Vocabulary(("",) * 5000, {}, Reserve(np.ones(5000, bool), 0, 1), ending=ending)
outcomes["scores"] = b"".join(bits.tobytes() for pair in score_network(network, vocabulary, documents) for bits in pair)
for streams in (1, 70):
    outcomes[f"{streams} streams"] = next(NeuralModel(None, network).sample(ids[0], range(streams), 1.0)).tobytes()
for one_hot, cell in ((True, "lstm"), (False, "gru")):
    settings = NetworkSettings(cell=cell, units=96, embedding=96, layers=2, tied=not one_hot)
    coding = Network(settings, np.ones(50, bool), one_hot=one_hot, seed=1)
    stepper, distributions = NumpyStepper(coding, Reserve(np.ones(50, bool), 0, 1)), []
    for id_ in range(0, 700, 7):
        stepper.feed(id_ % 50)
        distributions.append(stepper.distribution().tobytes())
    outcomes[cell] = b"".join(distributions)
threads = tf.config.threading
print(json.dumps({"threads": [threads.get_intra_op_parallelism_threads(), threads.get_inter_op_parallelism_threads()],
                  **{name: hashlib.sha256(outcome).hexdigest() for name, outcome in outcomes.items()}}))
"""


@pytest.mark.slow
def test_one_and_four_threads_with_other_kernels_give_the_same_bits():
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, threads],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": threads},
        )
        for threads, kernel in (("1", "Haswell"), ("4", "Nehalem"))  # of x86-64; others have one kernel
    ]
    outcomes = [json.loads(process.communicate()[0]) for process in started]
    assert [outcome.pop("threads") for outcome in outcomes] == [[1, 1], [1, 4]]
    assert outcomes[0] == outcomes[1]
