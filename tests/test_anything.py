"""Any corpus or run is refused in a sentence, or can be used."""

import gzip
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import story
from toolkit.errors import InputError
from toolkit.runs.folder import load, load_cell, load_scores
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split

TEXTS = st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
ENDINGS = st.sampled_from([".txt", ".jsonl", ".csv", ".txt.gz", ".toml", ""])


@given(st.lists(st.tuples(ENDINGS, TEXTS), min_size=1, max_size=4), st.booleans())
@settings(max_examples=80)
def test_any_corpus(tmp_path_factory, files, packed):
    place = tmp_path_factory.mktemp("corpus")
    for number, (ending, content) in enumerate(files):
        content = gzip.compress(content) if packed and ending.endswith(".gz") else content
        (place / f"{number}{ending}").write_bytes(content)
    try:
        parts = split(read_corpus(place))
    except InputError:
        return
    assert all(document.text for document in (*parts.train, *parts.valid, *parts.test))


@pytest.mark.nightly
@given(random=st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_any_run(tmp_path_factory, comparison_folder, random):
    """Some bytes of a file are removed, replaced or repeated. tests/runs has a damage for each file."""
    copy = tmp_path_factory.mktemp("anything") / "word-unk-seed0"
    shutil.copytree(comparison_folder / "runs" / copy.name, copy)
    file = random.choice(sorted(path for path in copy.rglob("*") if path.is_file()))
    content = file.read_bytes()
    place, length = random.randrange(len(content) + 1), random.choice([1, 7, 1000])
    middle = random.choice([b"", random.randbytes(length), content[place : place + length] * 2])
    file.write_bytes(content[:place] + middle + content[place + random.choice([length, len(content)]) :])
    for read in (load_cell, load_scores, lambda place: load(place).tokenizer.prompt(story(3, 1))):
        try:
            read(copy)
        except InputError as error:
            assert str(copy) in str(error)  # noqa: PT017 - each of them may be raised, or not
