"""The split of a run is the one it was made with, also by an older version."""

from dataclasses import replace

import pytest

from toolkit.comparison.arguments import Arguments
from toolkit.comparison.folder import take
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
    return Arguments(tokenizers="char", corpus=tmp_path / "novel.txt", split_seed=3).request()


def older(request):
    """The request as an older version saved it: without how the text was cut."""
    spec = request.specs()[0]
    return replace(spec, basis=replace(spec.basis, cut=""))


def test_a_run_names_how_its_text_was_cut(request_of_one):
    spec = CellSpec.from_toml(request_of_one.specs()[0].to_toml())
    assert spec.basis.cut == "30 blocks, every fifth held out"
    assert own_split(spec) == request_of_one.split


def test_a_run_of_an_older_version_has_the_split_of_then(request_of_one):
    spec = CellSpec.from_toml(older(request_of_one).to_toml())
    assert spec.basis.cut == ""
    then = own_split(spec)
    assert [d.name for d in then.valid] == [f"novel#{n}" for n in (11, 13, 28)]  # as that version split it
    assert [d.name for d in then.test] == ["novel#07", *(f"novel#{n}" for n in (10, 23, 27, 29, 30))]
    assert then.test != request_of_one.split.test


def test_going_on_with_an_older_cut_is_refused_with_the_reason(request_of_one, tmp_path):
    asked = request_of_one.asked()
    corpus = {key: value for key, value in asked["corpus"].items() if key != "cut"}
    (tmp_path / "out").mkdir()
    take(tmp_path / "out", asked | {"corpus": corpus}, fresh=False)
    with pytest.raises(InputError) as error:
        take(tmp_path / "out", asked, fresh=False)
    assert (
        "there corpus.cut is '30 blocks, a random fifth held out', here it is '30 blocks, every fifth held out'"
        in str(error.value)
    )


def test_other_corpora_know_no_cut(corpus_folder):
    request = Arguments(tokenizers="char", corpus=corpus_folder).request()
    assert "cut" not in request.asked()["corpus"]
    assert own_split(older(request)) == request.split == split(request.corpus)


def test_what_another_process_decodes_with_does_not_say_where_the_corpus_is(tmp_path, comparison_folder):
    (run,) = (comparison_folder / "runs").glob("char-seed0")
    spec = load_spec(run)
    assert spec.basis.corpus_path
    copied(run, spec, tmp_path / "copy")
    assert load_spec(tmp_path / "copy").basis.corpus_path == ""
    assert not (tmp_path / "copy" / "scores.npz").exists()
