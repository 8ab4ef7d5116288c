"""Specs: config.toml, digests, stages, the split and the plug-ins of a cell."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.config import TrainSettings
from toolkit.errors import InputError
from toolkit.plugins import load_code
from toolkit.runs.columns import parse_column
from toolkit.runs.spec import CellSpec, lengthened, own_split
from toolkit.text.folds import Fold, fold_split
from toolkit.text.fractions import part_of
from toolkit.text.sources import read_corpus
from toolkit.tokenizers import TOKENIZERS

NAMES = st.text(st.one_of(st.sampled_from("\"'\\#=[]\n\t\x7f\u2028é😀."), st.characters(exclude_categories=["Cs"])))
CHANGES = {
    "seed": 1,
    "fraction": 0.5,
    "stages": (1.0, 2.0),
    "fold": Fold(2, 5),
    "versions": {"spacy": "3"},
    "file_sha256": "cd",
    "corpus_sha256": "cd",
    "split": {"train": [["a", 8]]},
    "cut": "30 blocks, every fifth held out",
    "plug_ins": {"measure rhymes": "rhymes 1.0 5e1f"},
    "workers": 2,
    "column": parse_column("word:unk", {}),
}


@given(
    NAMES, st.lists(st.tuples(NAMES, st.integers(0, 9))), st.dictionaries(NAMES, st.one_of(st.integers(0, 9), NAMES))
)
def test_config_toml_keeps_the_spec_and_its_digest_with_any_names(spec_of, name, documents, options):
    column = replace(parse_column("word", {}), name=name, options=options)
    spec = replace(spec_of("char"), column=column, corpus_path=name, split={"train": list(map(list, documents))})
    again = CellSpec.from_toml(spec.to_toml())
    assert again.to_dict() == spec.to_dict()
    assert (again.column, again.digest) == (spec.column, spec.digest)


@pytest.mark.parametrize("key", CHANGES)
def test_config_toml_and_digest_have_each_value_that_decides_a_cell(spec_of, key):
    spec, changed = spec_of("char"), replace(spec_of("char"), **{key: CHANGES[key]})
    assert CellSpec.from_toml(changed.to_toml()).to_dict() == changed.to_dict()
    assert changed.digest != spec.digest
    assert key in spec.difference(changed)


def test_the_digest_leaves_out_places_and_the_seconds_between_checkpoints(spec_of):
    spec = spec_of("char", code={"/here/mine.py": "ab"})
    train = spec.settings.train.model_copy(update={"checkpoint_seconds": 1.0})
    settings = spec.settings.model_copy(update={"train": train})
    moved = replace(spec, settings=settings, corpus_path="/there", text_column="body", code={"/there/mine.py": "ab"})
    assert moved.digest == spec.digest
    assert spec.difference(moved) is None
    assert replace(spec, code={"/here/mine.py": "cd"}).digest != spec.digest


def test_stages_lengthen_training_and_count_for_networks_alone(spec_of):
    settings = spec_of("char").settings.model_copy(update={"train": TrainSettings(updates=10)})
    spec = replace(spec_of("char"), settings=settings, stages=(1.0, 2.5))
    assert spec.training_settings.train.updates == 25
    assert spec.parent.training_settings.train.updates == 10
    assert spec.parent.parent is None
    counted = spec_of("char@ngram")
    assert replace(counted, stages=(1.0, 2.0)).digest == counted.digest


@pytest.mark.parametrize(
    ("train", "factor", "length"),
    [
        (TrainSettings(updates=3), 1, 3),
        (TrainSettings(updates=3), 1.5, 4),  # rounded half to even
        (TrainSettings(epochs=10), 1.1, 11),  # exactly, unlike floats
        (TrainSettings(budget_seconds=1.5), 3, 4.5),
        (TrainSettings(updates=3), 1.1, None),
        (TrainSettings(epochs=2), 1.25, None),
    ],
    ids=str,
)
def test_a_lengthened_training_has_whole_updates_or_epochs(train, factor, length):
    if length is None:
        with pytest.raises(InputError):
            lengthened(train, factor)
    else:
        assert lengthened(train, factor).length == length


def test_the_key_of_training_is_spec_tokenizer_and_parent(spec_of, split):
    spec = spec_of("char")
    some, all_texts = (spec.make_tokenizer().fit(part, split.valid) for part in (split.train[:1], split.train))
    keys = [spec.key(some), spec.key(all_texts), spec.key(some, b"ab"), replace(spec, seed=1).key(some)]
    assert keys[0] == spec.key(spec.make_tokenizer().restore(some.state()))
    assert all(key not in keys[:number] for number, key in enumerate(keys))


def test_encodings_are_shared_by_seeds_and_models_and_not_by_options(spec_of):
    specs = [
        spec_of("word:unk"), replace(spec_of("word:unk@ngram"), seed=1),
        replace(spec_of("word:unk"), column=parse_column("word:unk", {"rare_max_count": 2})),
    ]  # fmt: skip
    shared, other, options = (spec.encoded_from(spec.make_tokenizer()) for spec in specs)
    assert shared == other != options


@pytest.mark.parametrize(("fraction", "fold"), [(1.0, Fold(1, 1)), (0.5, Fold(1, 1)), (1.0, Fold(2, 5))])
def test_the_split_of_a_spec_is_the_one_that_its_corpus_gives(spec_of, corpus, fraction, fold):
    spec = spec_of("char", corpus_path=corpus.path, fraction=fraction, fold=fold)
    spec = replace(spec, corpus_sha256=corpus.sha256, split_seed=3)
    assert own_split(spec) == part_of(fold_split(corpus, 3, fold), fraction)


def test_a_text_that_is_missing_or_has_changed_is_an_input_error_that_names_it(spec_of, tmp_path):
    (tmp_path / "novel.txt").write_text("Moon.\n\n" * 500, "utf-8")
    corpus = read_corpus(tmp_path / "novel.txt", "novel")
    spec = replace(spec_of("char", corpus_path=corpus.path), corpus="novel", corpus_sha256=corpus.sha256)
    assert own_split(spec) == fold_split(corpus, 0, Fold(1, 1))
    (tmp_path / "novel.txt").write_text("Lamp.\n\n" * 500, "utf-8")
    with pytest.raises(InputError, match=r"novel\.txt"):
        own_split(spec)
    (tmp_path / "novel.txt").unlink()
    with pytest.raises(InputError, match="novel"):
        own_split(spec)


CODE = """
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters
TOKENIZERS.add("mine")(Characters)
"""


def test_a_column_from_a_file_needs_the_file_as_it_was(spec_of, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(CODE, "utf-8")
    with TOKENIZERS.restored():
        digest = load_code(file)
        spec = spec_of("mine@ngram", code={"elsewhere/mine.py": digest})
        assert not spec.column.ours
        assert not spec.column.only_here
        spec.make_tokenizer()
        with pytest.raises(InputError, match=r"mine\.py"):
            replace(spec, code={"elsewhere/mine.py": "0" * 64}).make_tokenizer()
    with pytest.raises(InputError, match=r"--code elsewhere/mine\.py"):
        spec.make_tokenizer()
