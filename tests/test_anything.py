"""Any corpus, column, setting or run is refused in a sentence, or can be used."""

import gzip
import shutil

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import story
from toolkit.cli.options import assigned_settings
from toolkit.comparison.reading import make_request
from toolkit.errors import InputError
from toolkit.runs.folder import load, load_cell, load_scores
from toolkit.runs.spec import parse_columns
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split

pytestmark = pytest.mark.slow

CHECKS = list(HealthCheck)
FEW = settings(max_examples=40, suppress_health_check=CHECKS)
MANY = settings(max_examples=150, suppress_health_check=CHECKS)

PIECES = st.sampled_from(["char", "word", "bpe", "hf", "whitespace", "spaced", "unk", "pos", "ngram", "lstm", ":", "@",
                          ".", "/", "", " ", "\x1b[2J", "é", "\ud800", "\0", "../.."])  # fmt: skip
NAMES = st.lists(PIECES, max_size=5).map("".join)
KEYS = st.sampled_from(["network", "train", "samples", "columns", "char", "word:unk", "units", "batch", "updates",
                        "precision", "rare_max_count", "tokenizer", "recipe", "layers", "temperature"])  # fmt: skip
LEAVES = st.one_of(st.integers(), st.floats(), st.booleans(), NAMES, st.lists(st.integers(), max_size=2))
TABLES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=8)
TEXTS = st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
ENDINGS = st.sampled_from([".txt", ".jsonl", ".csv", ".txt.gz", ".txt.zst", ".parquet", ".toml", ""])


@given(st.lists(NAMES, max_size=3), st.dictionaries(NAMES, st.dictionaries(KEYS, LEAVES, max_size=2), max_size=2))
@MANY
def test_any_columns(names, options):
    try:
        columns = parse_columns(names, options)
        for column in columns:
            column.make(language="en", spacy_model=None)
    except InputError:
        return
    assert [column.name for column in columns]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that each example empties."""
    return tmp_path_factory.mktemp("anything")


@given(st.one_of(st.dictionaries(KEYS, TABLES, max_size=4).map(tomli_w.dumps), st.text(max_size=40)))
@FEW
def test_any_settings(folder, corpus_folder, content):
    file = folder / "settings.toml"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    try:
        request = make_request(
            tokenizers="char,word:unk", corpus=corpus_folder, settings=assigned_settings(file, [])
        )
    except InputError:
        return
    assert request.specs()


@given(st.lists(st.tuples(ENDINGS, TEXTS), min_size=1, max_size=4), st.booleans())
@MANY
def test_any_corpus(folder, files, packed):
    place = folder / "corpus"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for number, (ending, content) in enumerate(files):
        content = gzip.compress(content) if packed and ending.endswith(".gz") else content
        (place / f"{number}{ending}").write_bytes(content)
    try:
        parts = split(read_corpus(place))
    except InputError:
        return
    assert all(document.text for document in (*parts.train, *parts.valid, *parts.test))


def damaged(content, random):
    """The bytes of a file, some of them removed, replaced or repeated."""
    if not content:
        return b"\0"
    place, length = random.randrange(len(content)), random.choice([1, 7, 1000])
    how = random.choice(["cut", "missing", "other", "twice"])
    if how == "cut":
        return content[:place]
    middle = {"missing": b"", "other": random.randbytes(length), "twice": content[place : place + length] * 2}[
        how
    ]
    return content[:place] + middle + content[place + length :]


@given(random=st.randoms(use_true_random=False))
@FEW
def test_any_run(folder, comparison_folder, random):
    whole, copy = comparison_folder / "runs" / "word-unk-seed0", folder / "word-unk-seed0"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(whole, copy)
    file = random.choice(sorted(path for path in copy.rglob("*") if path.is_file()))
    file.write_bytes(damaged(file.read_bytes(), random))
    for read in (load_cell, load_scores, lambda place: load(place).tokenizer.prompt(story(3, 1))):
        try:
            read(copy)
        except InputError as error:
            assert str(copy) in str(error)  # noqa: PT017 - each of them may be raised, or not
