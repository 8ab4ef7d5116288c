"""An inspection of the ten tales with n-grams, which take no TensorFlow."""

import pytest

import toolkit
from toolkit.results.inspection import INSPECTION, Inspection


@pytest.fixture
def inspection(corpus_folder, made_once) -> Inspection:
    """The inspection of three columns, loaded from its file."""

    def make(folder):
        toolkit.inspect(corpus_folder, "char@ngram,word@ngram,bpe@ngram", out=folder / "out", quiet=True)

    return Inspection.model_validate_json((made_once("inspected", make) / "out" / INSPECTION).read_bytes())
