"""Sweeps as columns: their names, options and places, and invalid sweeps."""

import tomllib

import pytest

import toolkit
from toolkit.comparison.reading import make_request
from toolkit.errors import InputError

OPTIONS = {
    "few": {"tokenizer": "word:cluster@ngram", "k": 3, "rare_max_count": 2},
    "deep": {"tokenizer": "char", "network": {"layers": 2}},
    "plain": {"tokenizer": "whitespace"},
}
FEW = OPTIONS["few"]


@pytest.mark.parametrize(
    ("tokenizers", "sweep", "columns"),
    [
        ("bpe,char", "columns.bpe.vocabulary_size=300,400", {
            "bpe-vocabulary_size-300": {"tokenizer": "bpe", "vocabulary_size": 300},
            "bpe-vocabulary_size-400": {"tokenizer": "bpe", "vocabulary_size": 400}, "char": {},
        }),
        ("char", 'columns."word:cluster".k=4,8', {
            "char": {}, **{f"word-cluster-k-{k}": {"tokenizer": "word:cluster", "k": k} for k in (4, 8)},
        }),
        ("few", "columns.few.k=8,16", {"few-k-8": {**FEW, "k": 8}, "few-k-16": {**FEW, "k": 16}}),
        ("word:unk", 'columns."word:unk".case=keep,mark', {
            f"word-unk-case-{case}": {"tokenizer": "word:unk", "case": case} for case in ("keep", "mark")
        }),
        ("deep", "columns.deep.network.units=8,16", {
            f"deep-units-{units}": {"tokenizer": "char", "network": {"layers": 2, "units": units}} for units in (8, 16)
        }),
        ("plain", "columns.plain.closed=true, false", {
            f"plain-closed-{value}": {"tokenizer": "whitespace:keep", "closed": value == "true"}
            for value in ("true", "false")
        }),
        ("char", ["columns.char.network.dropout=0.25,5e-1", "columns.bpe.vocabulary_size=300,400"], {
            **{f"char-dropout-{rate}": {"tokenizer": "char", "network": {"dropout": rate}} for rate in (0.25, 0.5)},
            **{f"bpe-vocabulary_size-{n}": {"tokenizer": "bpe", "vocabulary_size": n} for n in (300, 400)},
        }),
    ],
)  # fmt: skip
def test_each_value_has_a_column_in_the_place_of_the_swept_one(corpus, tokenizers, sweep, columns):
    swept = {name: table for name, table in OPTIONS.items() if name == tokenizers}
    request = make_request(tokenizers, corpus, sweep=sweep, settings={"columns": swept})
    assert {column.name: column.table for column in request.columns} == columns
    for column in request.columns:
        assert column.slug == column.name
        assert tomllib.loads(f"{column.name} = 0") or "." in column.name


@pytest.mark.parametrize(
    ("sweep", "named"),
    [
        ("columns.bpf.vocabulary_size=300,400", "'bpf'"),
        ("columns.bpe.vocabulary_size=3,400", "3"),
        ("columns.bpe.vocabulary_size=400,400", "'bpe-vocabulary_size-400'"),
        ("columns.bpe.vocabulary_size=400", "--sweep"),
        ("columns.char.network.dropout=0.1,nan", "nan"),
        ("columns.char.train.held=[1],[2]", "--sweep"),
        ("columns.char.network.unit=8,16", "'network.unit'"),
        ("network.units=8,16", "--sweep"),
        ("columns.word:pos.case=keep,mark", "word:cluster"),
        (["columns.word.case=keep,mark", 'columns."word:pos".k=1,2'], "'word:pos'"),
    ],
)
def test_what_cannot_be_swept_is_refused(sweep, named, corpus):
    with pytest.raises(InputError, match=named):
        make_request("char", corpus, sweep=sweep).check()


def test_a_sweep_is_compared_recorded_and_resumed(brief_folder, tmp_path):
    names = [f"bpe-ngram-vocabulary_size-{size}" for size in (260, 300)]
    options = {"tokenizers": "char@ngram", "corpus": brief_folder, "out": tmp_path, "quiet": True}
    options |= {"settings": {"samples": {"characters": 60, "count": 2}}}
    options |= {"sweep": 'columns."bpe@ngram".vocabulary_size=260,300'}
    compared = toolkit.compare(**options)
    assert compared.columns == ["char@ngram", *names]
    (sweep,) = compared.sweeps
    assert [(point.value, point.column) for point in sweep.values] == list(zip((260, 300), names, strict=True))
    assert (sweep.chosen_on, sweep.best) == ("held-out", min(names, key=compared.totals.__getitem__))
    assert toolkit.compare(**options) == compared
