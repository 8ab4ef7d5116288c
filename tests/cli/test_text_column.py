"""--text-column wherever a corpus is named, and in a run, which finds its documents again."""

import json

import pytest


@pytest.fixture
def tales(brief_folder, folder):
    """The ten tales as rows of one file, beside a column of numbers and another of texts."""
    rows = [
        {"id": path.stem, "text": "Another text.", "body": path.read_text("utf-8"), "words": 7}
        for path in sorted(brief_folder.glob("*.txt"))
    ]
    (folder / "tales.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return "tales.jsonl"


def test_a_run_on_a_column_finds_its_documents_again(toolkit, tales, folder):
    arguments = ["--tokenizer", "char@ngram", "--corpus", tales, "--text-column", "body", "--out", "run", "--quiet"]
    assert toolkit("train", *arguments, "--set", "samples.characters=60")[0] == 0
    config = (folder / "run" / "config.toml").read_text("utf-8")
    assert 'text_column = "body"' in config
    code, _, err = toolkit("verify", "run", "--characters", 100, "--quiet")
    assert (code, err) == (0, "")
    (folder / "run" / "config.toml").write_text(config.replace('text_column = "body"\n', ""), "utf-8")
    code, _, err = toolkit("verify", "run", "--characters", 100, "--quiet")
    assert code == 2
    assert "too few" in err or "not the one" in err


@pytest.mark.slow
def test_the_column_is_an_option_of_inspect_and_tokenize(toolkit, tales, folder):
    code, out, _ = toolkit("inspect", tales, "--tokenizers", "char@ngram", "--text-column", "body", "--quiet", "--json")
    assert code == 0
    assert json.loads(out)["text"]["corpus"]["documents"] == 10
    (folder / "a.txt").write_text("The lamp", "utf-8")
    tokenize = ["tokenize", "a.txt", "--tokenizer", "char", "--corpus", tales]
    code, out, _ = toolkit(*tokenize, "--text-column", "body")
    assert code == 0
    assert "7 training documents of tales" in out
    code, _, err = toolkit(*tokenize, "--text-column", "words")
    assert code == 2
    assert "has a number as 'words'" in err


@pytest.mark.parametrize("command", ["compare", "inspect", "reproduce"])
def test_a_column_that_is_missing_is_refused_naming_those_that_there_are(toolkit, tales, folder, command):
    named = {"compare": ["--corpus", tales], "inspect": [tales], "reproduce": ["article", "--corpus", tales]}
    code, out, err = toolkit(command, *named[command], "--text-column", "bodi")
    assert (code, out) == (2, "")
    assert "did you mean 'body'? Known are: id, text, body, words" in err
    assert not (folder / "reports").exists()


def test_a_run_on_a_corpus_by_name_finds_it_where_it_was_moved_to(toolkit, tales, folder, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder / "cache"))
    add = ["corpora", "add", tales, "--name", "ten", "--text-column", "body"]
    assert toolkit(*add)[0] == 0
    train = ["train", "--tokenizer", "char@ngram", "--corpus", "ten", "--out", "run", "--quiet"]
    assert toolkit(*train, "--set", "samples.characters=60")[0] == 0
    (folder / tales).rename(folder / "moved.jsonl")
    verify = ["verify", "run", "--characters", 100, "--quiet"]
    assert "is no longer at" in toolkit(*verify)[2]
    (folder / "cache" / "corpora" / "ten.toml").unlink()
    assert toolkit("corpora", "add", "moved.jsonl", "--name", "ten", "--text-column", "body")[0] == 0
    assert toolkit(*verify)[0] == 2  # its documents have other names now
    (folder / "elsewhere").mkdir()
    (folder / "moved.jsonl").rename(folder / "elsewhere" / tales)
    (folder / "cache" / "corpora" / "ten.toml").unlink()
    assert toolkit("corpora", "add", f"elsewhere/{tales}", "--name", "ten", "--text-column", "body")[0] == 0
    assert toolkit(*verify)[0] == 0
