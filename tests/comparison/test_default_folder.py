"""The folder for which no name is given: one for each setting, and the same one for the same command."""

import shutil
from pathlib import Path

import pytest

import toolkit
from toolkit.comparison.cell_work import CellWork
from toolkit.comparison.default_folder import default_folder
from toolkit.comparison.library import make_request
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.stages import taken
from toolkit.errors import InputError
from toolkit.out_folder import locked

SAMPLES = {"samples": {"count": 2, "characters": 60}}
PLAIN = Path("reports/tales--char-bpe")
EPOCHS = Path("reports/tales--char-bpe--epochs-2")


def asked(corpus, columns="char,bpe", **others):
    """The request of a command."""
    return make_request(tokenizers=columns, corpus=corpus, **others)


def made(request):
    """The request's default folder, made for it."""
    folder = default_folder(request)
    folder.mkdir(parents=True, exist_ok=True)
    taken(folder, request, Silent(), fresh=False)
    return folder


@pytest.fixture
def plain(corpus, tmp_path, monkeypatch):
    """A working folder in which the columns were compared with the settings of their recipe."""
    monkeypatch.chdir(tmp_path)
    assert made(asked(corpus)) == PLAIN


@pytest.mark.usefixtures("plain")
def test_a_second_setting_has_a_folder_of_its_own_which_it_finds_again(corpus):
    for _ in range(2):
        assert made(asked(corpus, epochs=2)) == EPOCHS
        assert made(asked(corpus)) == PLAIN
    assert made(asked(corpus, epochs=2, seeds=3)) == EPOCHS  # more seeds are no other setting
    assert made(asked(corpus, seeds=2)) == PLAIN
    assert sorted(Path("reports").iterdir()) == [PLAIN, EPOCHS]


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"match": "params"}, "match-params"),
        ({"budget": "90s"}, "budget_seconds-90.0"),
        ({"split_seed": 3}, "split_seed-3"),
        ({"language": "fr"}, "language-fr"),
        ({"settings": {"network": {"units": 64}}}, "units-64"),
        ({"settings": {"columns": {"bpe": {"vocabulary_size": 300}}}}, "vocabulary_size-300"),
        ({"settings": {"samples": {"prompt": "It was a dark and / stormy night in the harbour"}}},
         "prompt-It-was-a-dark-and---stormy-night-"),
    ],
    ids=str,
)  # fmt: skip
def test_it_is_called_after_the_setting_that_differs(corpus, given, name):
    assert made(asked(corpus, **given)) == PLAIN.with_name(f"{PLAIN.name}--{name}")


@pytest.mark.usefixtures("plain")
def test_training_that_is_longer_is_no_other_setting(corpus):
    assert made(asked(corpus, more="2x")) == PLAIN
    assert default_folder(asked(corpus)) == PLAIN  # which is then refused


@pytest.mark.usefixtures("plain")
def test_training_that_began_otherwise_is_another_and_is_called_after_its_length(corpus):
    for more in (None, "2x"):
        assert made(asked(corpus, epochs=2, more=more)) == EPOCHS
    for epochs in (3, 4):  # of which 4 is as long, but at once
        folder = made(asked(corpus, epochs=epochs))
        assert folder.name == f"tales--char-bpe--epochs-{epochs}"
        assert made(asked(corpus, epochs=epochs)) == folder
    before = files(EPOCHS)
    with pytest.raises(InputError, match=r"holds another comparison: there train\.epochs is 4, here it is 3"):
        taken(EPOCHS, asked(corpus, epochs=3), Silent(), fresh=False)
    with pytest.raises(InputError, match=r"was trained in stages, .*; repeat its --more, choose"):
        taken(EPOCHS, asked(corpus, epochs=4), Silent(), fresh=False)
    assert files(EPOCHS) == before


def test_what_is_counted_is_not_trained_further(corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = made(asked(corpus, "char@ngram"))
    before = files(folder)
    with pytest.raises(InputError, match="--more trains networks further, but all columns here are counted"):
        made(asked(corpus, "char@ngram", more="2x"))
    assert files(folder) == before
    taken(folder, asked(corpus, "char"), Silent(), fresh=False)
    wanted = taken(folder, asked(corpus, "char@ngram", more="2x"), Silent(), fresh=False)  # trains the network there
    assert wanted.continued


@pytest.mark.usefixtures("plain")
def test_another_text_of_the_same_name_is_refused_rather_than_set_apart(corpus_folder, tmp_path):
    other = tmp_path / "elsewhere" / "tales"
    other.mkdir(parents=True)
    for path in corpus_folder.iterdir():
        (other / path.name).write_text(path.read_text("utf-8") + "The end.\n", "utf-8")
    request = asked(other)
    assert default_folder(request) == PLAIN
    with pytest.raises(InputError, match=r"there corpus\.sha256 is"):
        taken(PLAIN, request, Silent(), fresh=False)


@pytest.fixture
def computed(monkeypatch):
    """The names of the cells that are computed."""
    names, new = [], CellWork.new

    def noted(work, *arguments):
        names.append(work.spec.name)
        return new(work, *arguments)

    monkeypatch.setattr(CellWork, "new", noted)
    return names


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_new_folder_takes_finished_cells_over_from_those_with_the_same_settings(
    brief_folder, tmp_path, monkeypatch, computed
):
    monkeypatch.chdir(tmp_path)
    tales = shutil.copytree(brief_folder, tmp_path / "tales")  # the folder gives the corpus its name
    assert made(asked(tales)) == PLAIN

    def compared(columns, **given):
        return toolkit.compare(columns, tales, settings=SAMPLES, quiet=True, **given)

    one = compared("char@ngram")
    before = files(one.folder)
    computed.clear()
    with locked(one.folder):  # as while it is being computed
        two = compared("bpe@ngram,char@ngram", seeds=2)
    assert two.folder.name == "tales--bpe-ngram-char-ngram"
    assert sorted(computed) == ["bpe-ngram-seed0", "bpe-ngram-seed1", "char-ngram-seed1"]
    assert two.done[2] == one.done[0]
    assert files(one.folder) == before
    with_temperature = {"settings": SAMPLES | {"samples": SAMPLES["samples"] | {"temperature": 0.5}}}
    toolkit.compare("char@ngram,bpe@ngram", tales, quiet=True, split_seed=3, **with_temperature)
    both = compared("char@ngram,bpe@ngram,whitespace:keep@ngram", split_seed=3)  # none of them at 0.5
    assert all(cell.generated.matched for cell in both.done)
    for given in ({"split_seed": 1}, {"out": "elsewhere"}):  # other settings, and a folder that is not beside
        computed.clear()
        compared("char@ngram", **given)
        assert computed == ["char-ngram-seed0"]


@pytest.mark.slow
def test_what_is_killed_while_it_takes_cells_over_takes_them_over_when_it_is_repeated(
    brief_folder, tmp_path, monkeypatch, computed
):
    monkeypatch.chdir(tmp_path)

    def compared(columns):
        return toolkit.compare(columns, brief_folder, settings=SAMPLES, quiet=True)

    def killed(*_):
        raise KeyboardInterrupt

    compared("char@ngram")
    with monkeypatch.context() as patch:
        patch.setattr("toolkit.comparison.taking_over.copy_finished", killed)
        with pytest.raises(KeyboardInterrupt):
            compared("bpe@ngram,char@ngram")
    computed.clear()
    compared("bpe@ngram,char@ngram")
    assert computed == ["bpe-ngram-seed0"]
