"""Names, corpora and the cache."""

import pytest

from tests.helpers.registries import restored
from toolkit import MEASURES, RARE_WORDS, TOKENIZERS
from toolkit.cli.completion import BEFORE


@pytest.mark.parametrize(
    ("kind", "some"),
    [("tokenizers", {"char", "word"}), ("strategies", {"pos", "unk"}), ("corpora", {"weird-tales"}),
     ("measures", {"letters_jsd", "real_word_rate", "distinct_1"})],
)  # fmt: skip
def test_list_has_a_line_for_each_name(toolkit, document, kind, some):
    names = [entry["name"] if kind == "corpora" else entry for entry in document("list", kind)]
    assert some <= set(names)
    described = dict(line.split(maxsplit=1) for line in toolkit("list", kind)[1].splitlines())
    assert list(described) == names


PLUG_INS = """
from toolkit import MEASURES, RARE_WORDS, TOKENIZERS

for registry in (MEASURES, RARE_WORDS, TOKENIZERS):
    registry.add("mine")(registry.factory(list(registry)[0]))
"""


def test_list_has_the_names_of_a_file_of_code(document, folder):
    (folder / "mine.py").write_text(PLUG_INS)
    kinds = ("tokenizers", "strategies", "measures")
    names = {kind: document("list", kind) for kind in kinds}
    with restored(MEASURES, RARE_WORDS, TOKENIZERS):
        assert {kind: document("list", kind, "--code", "mine.py") for kind in kinds} == {
            kind: [*names[kind], "mine"] for kind in kinds
        }


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["compare", "--tokenizers", "wo"], {"word"}),
        (["train", "--tokenizers", "char,wo"], {"char,word"}),
        (["tokenize", "a.txt", "--tokenizers", "char,word:sp"], {"char,word:spell"}),
        (["compare", "--tokenizers", "char,word", ":", "sp"], {"spell"}),  # as bash cuts it
        (["compare", "--tokenizers", "word", ":"], {"spell", "pos"}),
        (["compare", "--tokenizers", "word", ":", "unk,wo"], {"unk,word"}),
        (["compare", "--corpus", "we"], {"weird-tales"}),
        (["inspect", "we"], {"weird-tales"}),
        (["inspect", "./we"], set()),  # files are the shell's own
        (["generate", ""], {"reports/a/runs/char-seed0"}),
        (["decompress", "reports/b"], set()),
    ],
)
def test_a_shell_offers_columns_corpora_and_runs(toolkit, folder, monkeypatch, words, offered):
    for name in ("a/runs/char-seed0/cell.json", "b/runs/char-seed0/config.toml"):
        (folder / "reports" / name).parent.mkdir(parents=True)
        (folder / "reports" / name).touch()
    bash = {"_TOOLKIT_COMPLETE": "complete_bash", "COMP_CWORD": str(len(words)), BEFORE: ""}
    for name, value in (bash | {"COMP_WORDS": "\n".join(["toolkit", *words])}).items():
        monkeypatch.setenv(name, value)
    code, out, err = toolkit()
    assert (code, err) == (0, "")
    assert offered <= set(out.split()) if words[-1] == ":" else offered == set(out.split())


def test_the_cache_is_shown_limited_and_cleared_and_nothing_else_is(toolkit, document, folder, monkeypatch):
    """``TOOLKIT_CACHE`` may name a folder that has other things in it."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder))
    (folder / "tags").mkdir()
    (folder / "tags" / "ab.json").write_text("x" * 2**20)
    (folder / "thesis.docx").write_text("years of work")
    facts = {"folder": str(folder), "files": 1, "bytes": 2**20, "removed": 0, "cleared": False}
    assert document("cache", "--limit", "2 MiB") == facts
    assert toolkit("cache")[1] == f"{folder}: 1 file, 1.0 MiB\n"
    assert document("cache", "clear") == facts | {"cleared": True}
    assert document("cache") == facts | {"files": 0, "bytes": 0}
    assert (folder / "thesis.docx").is_file()


def test_a_corpus_gets_a_name_and_is_listed(toolkit, document, folder, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder / "cache"))
    (folder / "night.txt").write_text("It was a dark and stormy night.\n")
    facts = {"name": "night", "state": "added", "bytes": 32, "language": "en", "licence": None, "source": None}
    facts["path"] = str(folder / "night.txt")
    for command in (("add", "night.txt", "--language", "en"), ("get", "night")):
        assert document("corpora", *command) == facts
    assert facts in document("corpora", "list")
    assert toolkit("corpora", "get", "night")[1] == f"{folder / 'night.txt'}\n"
    lines = {line.split()[0]: line.split() for line in toolkit("corpora", "list")[1].splitlines()}
    assert lines["night"][1:5] == ["added", "32", "B", "en"]
