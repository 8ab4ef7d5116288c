"""Numbers depend on the number of towers, and not on that of threads."""

import json
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
from toolkit.network.network import RecurrentNetwork
from toolkit.network.network import Optimizer
from toolkit.training.step import make_step

network = RecurrentNetwork(NetworkSettings(units=24, layers=2, dropout=0.1), np.ones(5000, bool), one_hot=False, seed=1)
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
threads = tf.config.threading
print(json.dumps({"threads": [threads.get_intra_op_parallelism_threads(), threads.get_inter_op_parallelism_threads()],
                  **{name: hashlib.sha256(outcome).hexdigest() for name, outcome in outcomes.items()}}))
"""


@pytest.mark.slow
def test_one_and_four_threads_give_the_same_bits():
    commands = [[sys.executable, "-c", PROGRAM, str(threads)] for threads in (1, 4)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    outcomes = [json.loads(process.communicate()[0]) for process in started]
    assert [outcome.pop("threads") for outcome in outcomes] == [[1, 1], [1, 4]]
    assert outcomes[0] == outcomes[1]
