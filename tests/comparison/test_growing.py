"""A comparison grows: more columns, seeds, fractions or rows are computed, and what its folder has stays as it is."""

import tomllib
from dataclasses import replace

import pytest

from toolkit.comparison.cell import Work
from toolkit.comparison.comparison import compare
from toolkit.comparison.library import make_request
from toolkit.comparison.matching import matching_for
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.stages import taken
from toolkit.errors import InputError
from toolkit.results.comparison import Comparison
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.training import trainer

pytestmark = pytest.mark.slow

TINY = {
    "network": {"units": 12},
    "train": {"updates": 6, "checks": 2, "batch": 2, "towers": 1, "window_characters": 60, "checkpoint_seconds": 0.0},
    "samples": {"count": 2, "characters": 60, "temperature": 0.8},
}
CLOCK = ("seconds", "train_seconds", "characters_per_second")


def asked(corpus, columns, command="toolkit compare", **others):
    """The request of a command."""
    settings = TINY | others.pop("settings", {})
    if {"epochs", "budget"} & others.keys():
        settings = settings | {"train": {key: value for key, value in TINY["train"].items() if key != "updates"}}
    return make_request(tokenizers=columns, corpus=corpus, settings=settings, **others, command=command)


def marked(folder):
    """What compare.toml says."""
    return tomllib.loads((folder / "compare.toml").read_text("utf-8"))


def files(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def without_clock(record):
    if isinstance(record, dict):
        return {key: without_clock(value) for key, value in record.items() if key not in CLOCK}
    return [without_clock(value) for value in record] if isinstance(record, list) else record


@pytest.fixture
def folder(tmp_path):
    """An empty folder."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_a_grown_comparison_is_the_one_that_is_asked_for_at_once(brief, folder, tmp_path):
    compare(asked(brief, "char@ngram"), folder, Silent())
    kept = files(folder / "runs")
    more = asked(brief, "word:unk@ngram,char@ngram", seeds=2, fractions="0.5,1", adapt=0.3)
    grown = compare(more, folder, Silent())
    assert {path: content for path, content in files(folder / "runs").items() if path in kept} == kept
    once = compare(more, tmp_path / "once", Silent())
    assert (folder / "compare.toml").read_bytes() == (tmp_path / "once" / "compare.toml").read_bytes()
    for part in (
        "cells",
        "rows",
        "contrasts",
        "leads",
        "settings",
        "corpus",
        "passages",
        "words",
        "scaling",
        "command",
    ):
        ours, theirs = (without_clock(one.model_dump()[part]) for one in (grown, once))
        assert ours == theirs, part
    assert Comparison.load(folder / "comparison.json") == grown
    assert "word:unk@ngram" in (folder / "index.html").read_text("utf-8")
    assert (folder / "metrics.csv").read_text("utf-8").count("\n") == 1 + 8


def test_a_comparison_grows_though_a_later_version_notes_what_was_not_read(brief, folder):
    first = compare(asked(brief, "char@ngram"), folder, Silent())
    note = "1 file in brief was not read: 1 .docx (save it as plain text, UTF-8)."
    grown = compare(asked(replace(brief, notes=(note,)), "char@ngram,word:unk@ngram"), folder, Silent())
    assert grown.cells[0] == first.cells[0]
    assert grown.corpus.notes[0] == note
    assert "1 .docx (save it as plain text, UTF-8)." in (folder / "index.html").read_text("utf-8")


def test_what_a_folder_has_stays_though_less_is_asked_for(brief, folder):
    asked_first = asked(brief, "char@ngram,word:unk@ngram", seeds=2, adapt=0.3, command="toolkit compare one")
    first = compare(asked_first, folder, Silent())
    kept = files(folder)
    assert compare(asked(brief, "char@ngram", first_seed=1), folder, Silent()) == first
    assert {path: content for path, (_, content) in files(folder).items()} == {
        path: content for path, (_, content) in kept.items()
    }
    third = asked(brief, "char@ngram", first_seed=2, command="toolkit compare two")
    grown = compare(third, folder, Silent())
    assert [(cell.column, cell.seed) for cell in grown.cells] == [
        (column, seed) for column in ("char@ngram", "word:unk@ngram") for seed in (0, 1, 2)
    ]
    assert [(row.kind, row.seeds) for row in grown.rows] == [("adapting", [0, 1, 2])] * 2
    assert grown.command == "toolkit compare one; toolkit compare two"
    assert compare(third, folder, Silent()) == grown


def test_rows_that_learn_at_another_rate_give_way_to_those_that_are_asked_for(brief, folder):
    compare(asked(brief, "char@ngram", adapt=1.0), folder, Silent())
    after = compare(asked(brief, "char@ngram", adapt=0.5), folder, Silent())
    assert {row.rate for row in after.rows if row.rate is not None} == {0.5}


@pytest.fixture
def marked_folder(brief, folder):
    """A folder in which two columns with one seed were asked for, and nothing was computed yet."""
    taken(folder, asked(brief, "char,word:unk"), Silent(), fresh=False)
    return folder


def test_columns_stand_as_they_are_asked_for_or_new_ones_last(brief, marked_folder):
    for columns, order in (
        ("word:unk,char", ["word:unk", "char"]),
        ("bpe,char", ["word:unk", "char", "bpe"]),
        ("char", ["word:unk", "char", "bpe"]),
    ):
        request = taken(marked_folder, asked(brief, columns), Silent(), fresh=False)
        assert [column.name for column in request.columns] == marked(marked_folder)["tokenizers"] == order


def test_seeds_and_fractions_ascend_whatever_comes_first(brief, marked_folder):
    for given in ({"first_seed": 5}, {"seeds": 2, "fractions": "0.5,1"}, {"first_seed": 1, "seeds": 2}):
        request = taken(marked_folder, asked(brief, "char,word:unk", **given), Silent(), fresh=False)
        assert list(request.seeds) == marked(marked_folder)["seeds"]
        assert [f"{fraction:g}" for fraction in request.fractions] == ["0.5", "1"][-len(request.fractions) :]
    assert marked(marked_folder)["seeds"] == [0, 1, 2, 5]
    assert marked(marked_folder)["fractions"] == [0.5, 1.0]


@pytest.mark.parametrize(
    ("columns", "given", "said"),
    [
        ("char,bpe", {"settings": {"network": {"units": 13}}}, r"there network\.units is 12, here it is 13"),
        ("char,bpe", {"split_seed": 1, "seeds": 3}, r"there corpus\.split_seed is 0, here it is 1"),
        ("char,bpe", {"epochs": 2}, r"there train\.epochs is 'not set', here it is 2"),
        ("word:unk,bpe", {"rare_max_count": 2}, r"there columns\.word:unk\.rare_max_count is 'not set', here it is 2"),
        ("char,bpe", {"match": "params"}, "there match is 'not set', here it is 'params'"),
        ("char,bpe", {"settings": {"columns": {"char": {"network": {"units": 8}}}}}, r"there columns\.char\.network"),
    ],
)
def test_what_changes_the_cells_there_is_refused_by_the_first_difference(brief, marked_folder, columns, given, said):
    before = files(marked_folder)
    with pytest.raises(InputError, match=f"holds another comparison: {said}.*; choose another folder with --out"):
        taken(marked_folder, asked(brief, columns, **given), Silent(), fresh=False)
    assert files(marked_folder) == before


def test_options_of_other_columns_change_none_there(brief, marked_folder):
    request = asked(brief, "few", settings={"columns": {"few": {"tokenizer": "word:unk", "rare_max_count": 3}}})
    together = taken(marked_folder, request, Silent(), fresh=False)
    assert [column.table for column in together.columns] == [{}, {}, {"tokenizer": "word:unk", "rare_max_count": 3}]
    again = taken(marked_folder, asked(brief, "char"), Silent(), fresh=False)  # its options come from compare.toml
    assert [column.name for column in again.columns] == ["char", "word:unk", "few"]
    assert again.columns[2].table == together.columns[2].table


def test_a_sweep_has_more_values_and_stays(brief, folder):
    def swept(*values, tokenizers="char@ngram"):
        sweep = f"columns.bpe@ngram.vocabulary_size={','.join(values)}".replace("bpe@ngram", '"bpe@ngram"')
        return asked(brief, tokenizers, sweep=sweep)

    compare(swept("300", "320"), folder, Silent())
    more = taken(folder, swept("310", "320"), Silent(), fresh=False)
    assert [[one.value for one in sweep.values] for sweep in more.sweeps] == [[300, 320, 310]]
    assert [column.name.rpartition("-")[2] for column in more.columns] == ["char@ngram", "300", "320", "310"]
    compare(swept("310", "320"), folder, Silent())
    found = compare(asked(brief, "char@ngram", seeds=2), folder, Silent())
    assert [len(sweep.values) for sweep in found.sweeps] == [3]
    assert found.sweeps[0].best is not None


def matched(corpus, columns, match="params", **others):
    return asked(corpus, columns, match=match, **others)


def test_more_columns_are_matched_to_what_the_others_were_given_or_refused(brief, folder):
    """All have as many parameters as the largest network: a smaller one more changes none, one of two layers would."""
    request = taken(folder, matched(brief, "word:unk,bpe"), Silent(), fresh=False)
    before = matching_for(request, "params", Work(request, folder, Silent()))
    more = taken(folder, matched(brief, "word:unk,bpe,bpe@gru,char@ngram", seeds=2), Silent(), fresh=False)
    after = matching_for(more, "params", Work(more, folder, Silent()))
    assert after.settings["bpe@gru"]["network"]["units"] > 12
    assert {name: after.settings[name] for name in before.settings} == before.settings
    assert list(after.left_out) == ["char@ngram"]
    kept = files(folder)
    larger = {"columns": {"large": {"tokenizer": "word:unk", "network": {"layers": 2}}}}
    with pytest.raises(InputError, match=r"if there were more of them: there bpe\.network\.units is 12"):
        taken(folder, matched(brief, "large,bpe", settings=larger), Silent(), fresh=False)
    assert files(folder) == kept


class KilledError(Exception):
    """What ends a training from within, as SIGKILL would from without."""


def test_a_killed_training_goes_on_in_a_comparison_that_grows(brief, folder, monkeypatch):
    def killed(store, checkpoint):
        save(store, checkpoint)
        raise KilledError

    save = CheckpointFile.save
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointFile, "save", killed)
        with pytest.raises(KilledError):
            compare(asked(brief, "char"), folder, Silent())
    loaded = []
    load = CheckpointFile.load
    monkeypatch.setattr(CheckpointFile, "load", lambda store: loaded.append(load(store)) or loaded[-1])
    grown = compare(asked(brief, "char,char@ngram", seeds=2), folder, Silent())
    assert loaded[0] is not None
    assert [cell.status for cell in grown.cells] == ["done"] * 4
    longer = compare(asked(brief, "char", seeds=3, more="2x"), folder, Silent())
    assert [cell.updates for cell in longer.done if cell.column == "char"] == [12] * 3
    assert marked(folder)["continued"] == [6]
    monkeypatch.setattr(trainer, "train", None)
    assert compare(asked(brief, "char", more="2x"), folder, Silent()) == longer
    with pytest.raises(InputError, match="has been trained further"):
        compare(asked(brief, "char", seeds=4), folder, Silent())


def test_code_may_be_added_but_neither_left_out_nor_changed(brief, marked_folder):
    request = asked(brief, "char")
    added = taken(marked_folder, replace(request, code={"/here/mine.py": "ab"}), Silent(), fresh=False)
    assert marked(marked_folder)["code"] == ["mine.py ab"]
    assert added.columns[0].name == "char"
    for code in ({}, {"/here/mine.py": "cd"}):
        with pytest.raises(InputError, match=r"there code is \['mine.py ab'\], here it is"):
            taken(marked_folder, replace(request, code=code), Silent(), fresh=False)
