"""An exported network gives the probabilities that scoring charges for, in Keras' own layers, where toolkit is not."""

import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.errors import InputError
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.network.network import RecurrentNetwork
from toolkit.runs.folder import load
from toolkit.text.corpus import Document

pytestmark = pytest.mark.slow

TEXT = "The harbour lay still, and the keeper’s zyzzyva — “so he said” — was\n\nnever seen again."
WITHOUT_TOOLKIT = """
import sys

sys.modules["toolkit"] = None  # importing it fails
import keras
import numpy as np

for folder in sys.argv[1:]:
    network = keras.models.load_model(folder + "/model.keras")
    assert all(type(layer).__module__.startswith("keras.") for layer in network.layers)
    np.save(folder + "/ids.npy", network(np.load(folder + "/ids.npy")))
"""


def fed_and_expected(model):
    """The ids (1, n) that the network reads in a text, and the distributions (n, V) that it codes with."""
    ids = model.tokenizer.vocabulary.fed(model.tokenizer.encode(Document("text", TEXT))).ids.tolist()
    stepper, distributions = model.start(), []
    for id_ in ids:
        distributions.append(stepper.distribution())
        stepper.feed(id_)
    return np.array([[0, *ids[:-1]]], np.int32), np.array(distributions)


@pytest.mark.parametrize("settings", [None, {"cell": "gru", "layers": 2}], ids=str)
def test_it_gives_the_probabilities_of_scoring(run, settings, tmp_path):
    model, file = run.model, tmp_path / "model.keras"
    if settings:
        trained, one_hot = model.tokenizer.vocabulary.reserve.trained, model.tokenizer.one_hot
        network = RecurrentNetwork(NetworkSettings(units=9, **settings), trained, one_hot=one_hot, seed=4)
        model = NeuralModel(model.tokenizer, network)
    model.export(file)
    ids, expected = fed_and_expected(model)
    network = keras.models.load_model(file)
    np.testing.assert_allclose(network(ids)[0], expected, atol=1e-6, rtol=1e-4)
    np.testing.assert_allclose(network(ids[:, :1])[0], expected[:1], atol=1e-6, rtol=1e-4)
    assert json.loads(zipfile.ZipFile(file).read("tokens.json")) == list(model.tokenizer.vocabulary.tokens)
    assert list(tmp_path.iterdir()) == [file]


def test_it_opens_where_toolkit_is_not(comparison_folder, subwords_folder, tmp_path):
    """All runs in one process: to load TensorFlow takes longer than to read them."""
    expected = {}
    for run in [*(comparison_folder / "runs").iterdir(), *(subwords_folder / "runs").iterdir()]:
        model, folder = load(run), tmp_path / run.name
        folder.mkdir()
        model.export(folder / "model.keras")
        ids, expected[folder] = fed_and_expected(model)
        np.save(folder / "ids.npy", ids)
    assert len(expected) == 4
    subprocess.run([sys.executable, "-c", WITHOUT_TOOLKIT, *expected], check=True, capture_output=True)
    for folder, distributions in expected.items():
        np.testing.assert_allclose(np.load(folder / "ids.npy")[0], distributions, atol=1e-5, err_msg=folder.name)


def test_a_model_without_a_network_is_rejected(run, split, tmp_path):
    encodings = [run.model.tokenizer.encode(document) for document in split.train]
    with pytest.raises(InputError):
        NGramModel.fitted(run.model.tokenizer, encodings, encodings[:1]).export(tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())
