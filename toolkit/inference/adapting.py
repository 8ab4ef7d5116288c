"""Dynamic evaluation (Krause, Kahembwe, Murray & Renals 2018): the network learns from the text as it pays for it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Encoding, Ids
from toolkit.events.protocols import Tokenizer
from toolkit.inference.scoring import DocumentScores, document_scores, score_rows
from toolkit.network.backend import Tensor, tf
from toolkit.network.network import Network
from toolkit.network.optimizers import GradientDescent

STEPS = 20  # tokens that are paid for before the weights change
CLIP_NORM = 1.0


def score_adapting(
    network: Network, tokenizer: Tokenizer, encodings: Sequence[Encoding], rate: float
) -> list[DocumentScores]:
    """Scores of documents in their order, each window paid for by weights that have learnt from all before it.

    Gradient descent on the mean loss of a window, after the window; it goes on from document to document, as PPMd does.
    The network's weights are afterwards what they were. Raises InputError where the rate is none.
    """
    if not 0 < rate < float("inf"):
        raise InputError(f"The rate of --adapt is {rate}; give a number above 0, such as 0.3.")
    before = network.arrays()
    window = learning_window(network)
    try:
        return [adapting(network, tokenizer, encoding, rate, window) for encoding in encodings]
    finally:
        network.assign(before)


def adapting(
    network: Network, tokenizer: Tokenizer, encoding: Encoding, rate: float, window: Callable[..., Tensor]
) -> DocumentScores:
    """Scores of one document; the network's weights change with it."""
    vocabulary = tokenizer.vocabulary
    fed = vocabulary.fed(encoding)
    found, state = [], network.initial(1)
    for inputs, targets, real in padded_windows(fed.ids, STEPS):
        learnt = real & vocabulary.reserve.trained[targets]
        scores, state = window(inputs[None], targets[None], learnt, state, tf.constant(rate, tf.float32))
        found.append(scores.numpy()[0, real])
    network_bits = np.zeros(len(encoding.ids))
    paid: Floats = vocabulary.reserve.bits(np.concatenate(found), fed.ids)
    network_bits[vocabulary.reserve.inside(encoding.ids)] = paid
    return document_scores(tokenizer, encoding, network_bits)


def learning_window(network: Network) -> Callable[..., Tensor]:
    """The graph that scores a window (1, STEPS) as ``score_rows`` does, and then learns from its ``learnt`` targets."""
    optimizer = GradientDescent(list(network.weights.values()), CLIP_NORM)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def window(inputs: Tensor, targets: Tensor, learnt: Tensor, state: Tensor, rate: Tensor) -> tuple[Tensor, Tensor]:
        with tf.GradientTape() as tape:
            scores, state = score_rows(network, inputs, targets, state)  # (1, STEPS)
            loss = -tf.reduce_sum(tf.where(learnt, scores[0], 0.0)) / STEPS
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, optimizer.weights)]
        optimizer.apply(gradients, rate, tf.constant(0, tf.int64))
        return scores, state

    return window  # type: ignore[no-any-return]


def padded_windows(ids: Ids, length: int) -> Iterator[tuple[Ids, Ids, npt.NDArray[np.bool_]]]:
    """A document's inputs and targets window by window (length,), and which positions are real: the last are padding.

    >>> [(x.tolist(), y.tolist(), real.tolist()) for x, y, real in padded_windows(np.array([5, 6, 0]), 2)]
    [([0, 5], [5, 6], [True, True]), ([6, 0], [0, 0], [True, False])]
    """
    targets = np.pad(ids, (0, -len(ids) % length), constant_values=DOC).astype(np.int32)
    inputs = np.concatenate([[DOC], targets[:-1]]).astype(np.int32)
    for start in range(0, len(targets), length):
        part = slice(start, start + length)
        yield inputs[part], targets[part], np.arange(start, start + length) < len(ids)
