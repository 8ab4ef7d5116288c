"""What is handed to cuDNN, read as its documentation says: there is no GPU here to ask cuDNN itself."""

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.network import cudnn
from toolkit.network.backend import tf
from toolkit.network.dropout import Masks
from toolkit.network.lstm import recurrence
from toolkit.network.network import RecurrentNetwork

RNG = np.random.default_rng(0)
WITHOUT = RNG.integers(1, 7, (6, 3)).astype(np.int32)  # (steps, rows)
AT_ITS_BEGINNING = np.concatenate([[[DOC, 2, DOC]], WITHOUT[1:]]).astype(np.int32)
WITHIN = np.concatenate([WITHOUT[:3], [[4, DOC, 4]], WITHOUT[4:]]).astype(np.int32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class FromTheDocumentation:
    """CudnnRNNV3 by cudnnGetRNNWeightParams: the inputs' matrices (i, f, g, o), the recurrent ones, the biases."""

    def __init__(self):
        self.calls = 0

    def __call__(self, *, input, input_h, input_c, params, sequence_lengths, rnn_mode, is_training):
        x, h, c, left = input.numpy(), input_h.numpy()[0], input_c.numpy()[0], params.numpy()
        (steps, rows, width), units = x.shape, h.shape[1]
        assert rnn_mode == "lstm"
        assert is_training  # otherwise TensorFlow has no gradient
        assert sequence_lengths.numpy().tolist() == [steps] * rows
        self.calls += 1

        def take(*shape):
            nonlocal left
            taken, left = np.split(left, [np.prod(shape)])
            return taken.reshape(shape)

        W = [take(units, width) for _ in range(4)]
        R = [take(units, units) for _ in range(4)]
        biases = [take(units) for _ in range(8)]
        assert not left.size
        hs = []
        for value in x:
            i, f, g, o = (value @ W[k].T + h @ R[k].T + biases[k] + biases[4 + k] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            hs.append(h)
        return (*(tf.constant(found) for found in (np.stack(hs), h[None], c[None])), None, None)


@pytest.mark.parametrize("one_hot", [True, False])
@pytest.mark.parametrize(("ids", "handed_over"), [(WITHOUT, 2), (AT_ITS_BEGINNING, 2), (WITHIN, 0)])
def test_a_window_in_which_no_document_begins_is_handed_over_with_the_same_result(
    one_hot, ids, handed_over, monkeypatch
):
    settings = NetworkSettings(units=5, embedding=5, layers=2, dropout=0.3, input_dropout=0.3, recurrent_dropout=0.3)
    network = RecurrentNetwork(settings, np.ones(7, bool), one_hot=one_hot, seed=2)
    for layer in network.recurrent:
        layer.cell.bias.assign(RNG.normal(size=20))  # all gates with biases of their own
    state = tuple(tuple(tf.constant(RNG.normal(size=(3, 5)), tf.float32) for _ in range(2)) for _ in range(2))
    masks = Masks(1, tf.constant(4, tf.int64), settings)
    ours = network.forward(masks).window(tf.constant(ids), state)
    there = FromTheDocumentation()
    monkeypatch.setattr(cudnn, "chosen", lambda _: True)
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", there)
    handed = network.forward(masks).window(tf.constant(ids), state)
    assert there.calls == handed_over
    for a, b in zip(tf.nest.flatten(ours), tf.nest.flatten(handed), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_products_in_bfloat16_are_ours(monkeypatch):
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5), np.ones(7, bool), one_hot=False)

    def outputs():
        return network.forward(precision=tf.bfloat16).window(tf.constant(WITHOUT), network.initial(3))[0].numpy()

    ours, there = outputs(), FromTheDocumentation()
    monkeypatch.setattr(cudnn, "chosen", lambda _: True)
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", there)
    np.testing.assert_array_equal(outputs(), ours)
    assert there.calls == 0


def test_what_disagrees_is_not_used_and_it_is_said_why(monkeypatch, caplog):
    cudnn.choice.cache_clear()
    monkeypatch.setattr(cudnn, "present", lambda: True)
    monkeypatch.setattr(cudnn, "lstm", lambda *batch: [value * 1.001 for value in by_our_formulas(*batch)])
    assert not cudnn.chosen(recurrence)
    assert "our own loop computes LSTMs on the GPU: cuDNN disagrees" in caplog.text
    cudnn.choice.cache_clear()


def test_what_agrees_forward_but_not_backward_is_not_used(monkeypatch):
    cudnn.choice.cache_clear()
    monkeypatch.setattr(cudnn, "present", lambda: True)

    @tf.custom_gradient
    def halved(value):
        return value, lambda upstream: upstream / 2

    monkeypatch.setattr(cudnn, "lstm", lambda x, *others: by_our_formulas(halved(x), *others))
    assert not cudnn.chosen(recurrence)
    cudnn.choice.cache_clear()


def test_what_agrees_is_used_and_it_is_said_once(monkeypatch, caplog):
    cudnn.choice.cache_clear()
    monkeypatch.setattr(cudnn, "present", lambda: True)
    monkeypatch.setattr(cudnn, "lstm", by_our_formulas)
    assert cudnn.chosen(recurrence)
    assert cudnn.chosen(recurrence)
    assert caplog.text.count("cuDNN computes LSTMs on the GPU: cuDNN agrees with our loop") == 1
    cudnn.choice.cache_clear()


def test_what_fails_is_not_used(monkeypatch, caplog):
    cudnn.choice.cache_clear()
    monkeypatch.setattr(cudnn, "present", lambda: True)  # and cuDNN itself finds no GPU
    assert not cudnn.chosen(recurrence)
    assert "cuDNN failed" in caplog.text
    cudnn.choice.cache_clear()


def test_without_a_gpu_nothing_is_compared():
    cudnn.choice.cache_clear()
    assert not cudnn.chosen(recurrence)
    assert cudnn.choice.cache_info().misses == 0


def by_our_formulas(inputs, kernel, U, bias, h0, c0):
    """What cuDNN is to compute: Keras' order of gates."""
    return recurrence(tf.einsum("tbi,ig->tbg", inputs, kernel) + bias, None, U, h0, c0)
