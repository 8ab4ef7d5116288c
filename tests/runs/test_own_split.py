"""The split of a run is the one it was made with."""

from dataclasses import replace

import pytest

from toolkit.comparison.library import make_request
from toolkit.errors import InputError
from toolkit.runs.decoding import copied
from toolkit.runs.folder import load_spec
from toolkit.runs.own_split import own_split
from toolkit.runs.spec import CellSpec
from toolkit.text.splits import split

TEXT = "".join(f"Paragraph {n}, of some length or other{' and more' * (n % 7)}.\n\n" for n in range(100))


@pytest.fixture
def request_of_one(tmp_path):
    (tmp_path / "novel.txt").write_text(TEXT, "utf-8")
    return make_request(tokenizers="char", corpus=tmp_path / "novel.txt", split_seed=3)


def test_a_run_names_how_its_text_was_cut(request_of_one):
    spec = CellSpec.from_toml(request_of_one.specs()[0].to_toml())
    assert spec.basis.cut == "30 blocks, every fifth held out"
    assert own_split(spec) == request_of_one.split


def test_a_run_of_another_version_that_cut_its_text_differently_is_refused(request_of_one):
    (spec,) = request_of_one.specs()
    with pytest.raises(InputError, match="Another version"):
        own_split(replace(spec, basis=replace(spec.basis, cut="")))


def test_other_corpora_know_no_cut(corpus_folder):
    request = make_request(tokenizers="char", corpus=corpus_folder)
    assert "cut" not in request.asked()["corpus"]
    assert own_split(request.specs()[0]) == request.split == split(request.corpus)


def test_what_another_process_decodes_with_does_not_say_where_the_corpus_is(tmp_path, comparison_folder):
    (run,) = (comparison_folder / "runs").glob("char-seed0")
    spec = load_spec(run)
    assert spec.basis.corpus_path
    copied(run, spec, tmp_path / "copy")
    assert load_spec(tmp_path / "copy").basis.corpus_path == ""
    assert not (tmp_path / "copy" / "scores.npz").exists()
