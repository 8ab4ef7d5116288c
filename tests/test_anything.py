"""Any corpus, column, setting, comparison or run is refused in a sentence, or can be used."""

import gzip
import io
import json
import shutil
from contextlib import redirect_stdout

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.changing import changed
from tests.conftest import story
from toolkit.cli.settings import assigned_settings
from toolkit.cli.summary import show, show_learning
from toolkit.comparison.arguments import Arguments
from toolkit.errors import InputError
from toolkit.report import render
from toolkit.results.comparison import Comparison
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import load_cell, load_run, load_scores
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
    """A folder in which an example leaves nothing."""
    return tmp_path_factory.mktemp("anything")


@given(st.one_of(st.dictionaries(KEYS, TABLES, max_size=4).map(tomli_w.dumps), st.text(max_size=40)))
@FEW
def test_any_settings(folder, corpus_folder, content):
    file = folder / "settings.toml"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    try:
        request = Arguments(
            tokenizers="char,word:unk", corpus=corpus_folder, settings=assigned_settings(file, [])
        ).request()
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


@given(random=st.randoms(use_true_random=False))
@FEW
def test_any_comparison(folder, comparison_folder, random):
    document = json.loads((comparison_folder / "comparison.json").read_text("utf-8"))
    file = folder / "comparison.json"
    file.write_text(json.dumps(changed(document, random)), "utf-8")
    try:
        comparison = Comparison.load(file)
    except ValueError:  # which the command line tells in a sentence
        return
    try:
        page = render(comparison)
    except InputError:  # a column of another name has no contrast, which is told in a sentence, too
        return
    assert page.startswith("<!doctype html>")
    with redirect_stdout(io.StringIO()):
        show(comparison)
        show_learning(comparison)


def damaged(content, random):
    """The bytes of a file, of which some are missing, are others, or are there twice."""
    if not content:
        return b"\0"
    place, length = random.randrange(len(content)), random.choice([1, 7, 1000])
    how = random.choice(["cut", "missing", "other", "twice"])
    if how == "cut":
        return content[:place]
    middle = {"missing": b"", "other": random.randbytes(length), "twice": content[place : place + length] * 2}[how]
    return content[:place] + middle + content[place + length :]


@given(random=st.randoms(use_true_random=False))
@FEW
def test_any_run(folder, comparison_folder, random):
    whole, copy = comparison_folder / "runs" / "word-unk-seed0", folder / "word-unk-seed0"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(whole, copy)
    file = random.choice(sorted(path for path in copy.rglob("*") if path.is_file()))
    file.write_bytes(damaged(file.read_bytes(), random))
    for read in (load_cell, load_scores, lambda place: load_run(place).model.tokenizer.prompt(story(3, 1))):
        try:
            read(copy)
        except InputError as error:
            assert str(copy) in str(error)  # noqa: PT017 - each of them may be raised, or not


def test_a_number_beyond_all_is_refused_in_a_comparison(comparison_folder, tmp_path):
    document = json.loads((comparison_folder / "comparison.json").read_text("utf-8"))
    places = (
        lambda d: d["contrasts"][0].update(low=float("inf")),
        lambda d: d["baselines"][0].update(bits_per_character=1e9),
        lambda d: d["corpus"].update(test_characters=0),
        lambda d: d["settings"].update(columns=3),
        lambda d: d["cells"][0]["by_frequency"].pop(),
    )
    for change in places:
        other = json.loads(json.dumps(document))
        change(other)
        (tmp_path / "comparison.json").write_text(json.dumps(other), "utf-8")
        with pytest.raises(InputError, match="ValidationError"):
            Comparison.load(tmp_path / "comparison.json")
