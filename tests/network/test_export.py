"""An exported network gives the probabilities that scoring charges for, in Keras' own layers, where toolkit is not."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums
from toolkit.config import NetworkSettings
from toolkit.errors import InputError
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.network.network import Network
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
    ids = np.load(folder + "/ids.npy")
    np.save(folder + "/ids.npy", network(ids))
    np.save(folder + "/one.npy", network(ids[:, :1]))
"""


def fed_and_expected(model):
    """The ids (1, n) that the network reads in a text, and the distributions (n, V) that it codes with."""
    ids = model.tokenizer.vocabulary.fed(model.tokenizer.encode(Document("text", TEXT))).ids.tolist()
    stepper, distributions = model.start(), []
    for id_ in ids:
        distributions.append(stepper.distribution())
        stepper.feed(id_)
    return np.array([[0, *ids[:-1]]], np.int32), np.array(distributions)


def test_it_gives_the_probabilities_of_scoring_where_toolkit_is_not(comparison_folder, subwords_folder, tmp_path):
    """All models in one process: to load TensorFlow takes longer than to read them."""
    models = [load(run) for folder in (comparison_folder, subwords_folder) for run in (folder / "runs").iterdir()]
    tokenizer, settings = models[0].tokenizer, NetworkSettings(units=9, cell="gru", layers=2)
    gru = Network(settings, tokenizer.vocabulary.reserve.trained, one_hot=tokenizer.one_hot, seed=4)
    # With small weights states hardly matter.
    gru.assign({name: 4 * array for name, array in gru.arrays().items()})
    models.append(NeuralModel(tokenizer, gru))
    assert len(models) == 5
    expected = {}
    for number, model in enumerate(models):
        folder = tmp_path / str(number)
        folder.mkdir()
        model.export(folder / "model.keras")
        tokens = zipfile.ZipFile(folder / "model.keras").read("tokens.json")
        assert json.loads(tokens) == list(model.tokenizer.vocabulary.tokens)
        ids, expected[folder] = fed_and_expected(model)
        np.save(folder / "ids.npy", ids)
    subprocess.run([sys.executable, "-c", WITHOUT_TOOLKIT, *expected], check=True, capture_output=True)
    for folder, distributions in expected.items():
        logs, terms = np.log(distributions), 2 * 2 * 12  # two layers' inputs and states
        # 0.05 seen
        assert_same_sums(np.log(np.load(folder / "ids.npy")[0]), logs, terms)
        # 0.02 seen
        assert_same_sums(np.log(np.load(folder / "one.npy")[0]), logs[:1], terms)


@pytest.mark.parametrize("run", ["char"], indirect=True)
def test_a_model_without_layers_of_keras_is_rejected(run, split, tmp_path):
    tokenizer, settings = run.model.tokenizer, NetworkSettings(units=8, cell="transformer")
    encodings = [tokenizer.encode(document) for document in split.train]
    transformer = Network(settings, tokenizer.vocabulary.reserve.trained, one_hot=True)
    for model in (NGramModel.fitted(tokenizer, encodings, encodings[:1]), NeuralModel(tokenizer, transformer)):
        with pytest.raises(InputError):
            model.export(tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())
