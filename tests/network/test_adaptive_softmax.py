"""An adaptive softmax is one distribution over all ids, the same wherever it is computed; its gradients are right."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from tests.conftest import TINY
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.config import NetworkSettings, merged
from toolkit.network import dense
from toolkit.network.backend import tf
from toolkit.network.dense import Adaptive, Dense
from toolkit.network.network import RecurrentNetwork
from toolkit.network.sizes import size
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load
from toolkit.runs.spec import parse_columns

N, H, V, CUTOFF = 23, 6, 11, 4


def example(tied):
    """Outputs, the layer's four weights and targets; id 7 is never trained."""
    rng = np.random.default_rng(8)
    arrays = [rng.normal(size=shape) for shape in ((N, H), (V, H) if tied else (H, V), V, (H, 1), 1)]
    arrays[2][7] = -1e9
    targets = rng.choice([v for v in range(V) if v != 7], N)
    return [tf.constant(array, tf.float32) for array in arrays], tf.constant(targets, tf.int32)


def layer(matrix, bias, kernel, together, tied, precision=tf.float32):
    return Adaptive(Dense(matrix, bias, tied, precision), kernel, together, CUTOFF)


def log_probabilities(outputs, matrix, bias, kernel, together, tied):
    """By the definition, in numpy: first ids beside one for the others, and the others among themselves."""
    matrix = matrix.numpy().T if tied else matrix.numpy()
    logits = outputs.numpy() @ matrix + bias.numpy()
    one = outputs.numpy() @ kernel.numpy() + together.numpy()
    first = log_softmax(np.hstack([logits[:, :CUTOFF], one]), axis=1)
    return np.hstack([first[:, :-1], first[:, -1:] + log_softmax(logits[:, CUTOFF:], axis=1)])


@pytest.mark.parametrize("tied", [False, True])
def test_its_probabilities_are_those_of_its_definition(tied):
    (outputs, *weights), targets = example(tied)
    expected = log_probabilities(outputs, *weights, tied)
    logits = layer(*weights, tied).logits(outputs)
    np.testing.assert_allclose(softmax(logits, axis=1), np.exp(expected), atol=1e-6)
    among = np.arange(V) % 3 == 0
    logs, masses = layer(*weights, tied).scores(outputs, targets, tf.constant(among, tf.float64))
    np.testing.assert_allclose(logs, expected[np.arange(N), targets], atol=1e-5)
    np.testing.assert_allclose(masses, np.exp(expected[:, among]).sum(1), atol=1e-6)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("cells", [10**6, 4 * V, 1])  # one chunk, some of unlike sizes, a row each
@pytest.mark.parametrize("only", [None, 2, 9])  # all targets, or one before the cutoff, or one behind it
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-6), ("bfloat16", 0.03)])
def test_loss_and_gradients_equal_tensorflows(tied, cells, only, precision, tolerance, monkeypatch):
    monkeypatch.setattr(dense, "MOST_LOGITS", cells)
    (outputs, *weights), targets = example(tied)
    targets = targets if only is None else tf.fill(targets.shape, only)
    with tf.GradientTape() as tape:
        tape.watch([outputs, *weights])
        logits = layer(*weights, tied).logits(outputs)
        nats = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
    expected = tape.gradient(nats, [outputs, *weights])
    found = layer(*weights, tied, tf.as_dtype(precision)).loss(outputs, targets, 0.25)
    assert float(found.nats) == pytest.approx(float(nats), rel=tolerance)
    for ours, theirs in zip([found.d_outputs, *found.d_weights], expected, strict=True):
        theirs = 0.25 * tf.convert_to_tensor(theirs)
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= tolerance * max(np.abs(theirs).max(), 1)


def network(*, one_hot=False, tied=True, cutoff=CUTOFF):
    settings = NetworkSettings(units=H, cutoff=cutoff, tied=tied, initial_range=0.8)
    return RecurrentNetwork(settings, np.arange(V) != 7, one_hot=one_hot, seed=3)


@pytest.mark.parametrize(("one_hot", "tied"), [(True, True), (False, True), (False, False)])
def test_keras_the_scorer_and_the_coder_expect_the_same(one_hot, tied):
    adaptive = network(one_hot=one_hot, tied=tied)
    ids = np.array([[0, 3, 5, 1, 9, 4]], np.int32)
    stepper, stepped = adaptive.stepper(), []
    for id_ in ids[0]:
        stepper.feed(int(id_))
        stepped.append(softmax(stepper.logits()))
    outputs, _ = adaptive.forward().window(tf.constant(ids.T), adaptive.initial(1))
    np.testing.assert_allclose(softmax(adaptive.output_layer().logits(outputs[:, 0]), axis=1), stepped, atol=1e-6)
    np.testing.assert_allclose(softmax(adaptive(ids)[0], axis=1), stepped, atol=1e-6)


def test_a_cutoff_that_leaves_no_ids_behind_it_is_none():
    plain, as_large, larger = (network(cutoff=cutoff) for cutoff in (None, V, V + 1))
    for other in (as_large, larger):
        assert isinstance(other.output_layer(), Dense)
        assert {n: a.tolist() for n, a in other.arrays().items()} == {n: a.tolist() for n, a in plain.arrays().items()}


def test_ids_that_training_never_shows_have_nothing_even_if_all_behind_the_cutoff_are_such():
    settings = NetworkSettings(units=H, cutoff=CUTOFF)
    adaptive = RecurrentNetwork(settings, np.arange(V) < CUTOFF, one_hot=False, seed=3)
    outputs = tf.constant(np.random.default_rng(1).uniform(-1, 1, (3, H)), tf.float32)
    assert not softmax(adaptive.output_layer().logits(outputs), axis=1)[:, CUTOFF:].any()


def test_all_ids_start_alike():
    adaptive = RecurrentNetwork(NetworkSettings(units=H, cutoff=CUTOFF), np.ones(V, bool), one_hot=False)
    np.testing.assert_allclose(softmax(adaptive.output_layer().logits(tf.zeros((1, H))), axis=1), 1 / V, rtol=1e-6)


@pytest.mark.parametrize("one_hot", [True, False])
@pytest.mark.parametrize("tied", [True, False])
def test_its_size_is_that_of_the_network(one_hot, tied):
    settings = NetworkSettings(units=H, cutoff=CUTOFF, tied=tied)
    built = RecurrentNetwork(settings, np.ones(V, bool), one_hot=one_hot)
    expected = size(settings, "lstm", V, one_hot=one_hot)
    without = size(settings.model_copy(update={"cutoff": None}), "lstm", V, one_hot=one_hot)
    assert expected.parameters == built.parameters == built.count_params() == without.parameters + H + 1
    assert expected.multiply_adds == built.multiply_adds == without.multiply_adds + H


def test_training_computes_the_others_only_where_one_of_them_comes(monkeypatch):
    (outputs, *weights), targets = example(tied=True)
    products, product = [], dense.product

    def noted(a, b, *arguments, **transpose):
        products.append((a.shape, b.shape))
        return product(a, b, *arguments, **transpose)

    monkeypatch.setattr(dense, "product", noted)
    layer(*weights, tied=True).loss(outputs, targets, 1.0)
    rare = int((targets.numpy() >= CUTOFF).sum())
    assert 0 < rare < N
    assert products[0] == ((N, H), (CUTOFF + 1, H))
    assert ((rare, H), (V - CUTOFF, H)) in products
    assert all(V not in shape for shapes in products for shape in shapes)


@pytest.mark.slow
def test_columns_with_it_are_decoded_standing_still_and_learning(brief, tmp_path):
    given = merged(TINY, {"network": {"cutoff": 30}, "train": {"updates": 30}})
    columns = parse_columns(["word:unk", "bpe"], {})
    compute(Request(brief, columns, given, verify=True, adapt=0.3), tmp_path, Reporter())
    found = Comparison.load(tmp_path / "comparison.json")
    assert [cell.verified.bits for cell in found.done] == pytest.approx(
        [sum(document.bits for document in cell.documents) for cell in found.done]
    )
    assert [cell.column for cell in found.cells if cell.status != "done"] == []
    assert [row.column for row in found.rows if row.kind == "adapting" and row.verified] == ["word:unk", "bpe"]
    model = load(tmp_path / "runs" / "word-unk-seed0")
    assert len(model.network.output_weights) == 4
    assert model.network.settings.cutoff == 30
