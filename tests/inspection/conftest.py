"""An inspection of the ten tales, with two networks that are trained for a second each."""

from pathlib import Path

import pytest

TINY = {"network": {"units": 8}, "train": {"updates": 40, "batch": 2, "window_characters": 40}}


@pytest.fixture(scope="session")
def inspected_folder(corpus_folder, made_once) -> Path:
    """The folder of an inspection of char, word:pos and char@ngram."""
    from toolkit.inspection.library import inspect

    def make(folder):
        inspect(corpus_folder, "char,word,char@ngram", settings=TINY, out=folder / "out", quiet=True)

    return made_once("inspected", make) / "out"


@pytest.fixture
def inspection(inspected_folder):
    """The inspection, loaded from its file."""
    from toolkit.results.inspection import INSPECTION, Inspection

    return Inspection.load(inspected_folder / INSPECTION)


@pytest.fixture
def counted(tmp_path):
    """Inspect a corpus with a column that is counted, which takes no TensorFlow."""
    from toolkit.inspection.library import inspect

    def inspected(corpus, tokenizers="char@ngram", **asked):
        return inspect(corpus, tokenizers, out=tmp_path / "inspected", quiet=True, **asked)

    return inspected
