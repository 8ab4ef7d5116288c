"""An error is an exit code and one sentence that names it, and no file is made; any character reaches any terminal."""

import errno
import json
import os
import subprocess
import sys

import pytest

from toolkit.cli import explain
from toolkit.errors import DEBUGGING, ContractError, InputError, VerificationError

FILES = {
    "tales/0.txt": "Tale 0.\n\n" + "It was a dark and stormy night, and the rain fell.\n\n" * 9,
    "tales/1.txt": "Tale 1.\n\n" + "The moon rose over the sea.\n\n" * 9,
    "tales/2.txt": "Tale 2.\n\n" + "The lamp burned low.\n\n" * 9,
    "one.txt": "It was a dark and stormy night.\n\n" * 60,
    "two/0.txt": "The moon.",
    "two/1.txt": "The sea.",
    "binary/bad.txt": "a\x00b",
    "rows.jsonl": '{"text": "The harbour lay still."}\n',
    "empty.txt": "",
    "reports/photos/me.jpg": "jpg",
    "mine/config.toml": "mine",
    "broken/comparison.json": "[",
    "mixed.toml": "tokenizers = 3\n",
}
COMPARE = "compare --corpus tales"
TRAIN = "train --corpus tales --tokenizers char"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("compare --corpus wierd-tales", "'wierd-tales'"),
        ("compare --corpus two", "17 characters"),
        ("compare --corpus binary", "bad"),
        ("compare --corpus one.txt --rare-max-documents 1", "--rare-max-count"),
        (f"{COMPARE} --out reports/photos", "photos"),
        (f"{COMPARE} --tokenizers char,wrod", "'wrod'"),
        (f"{COMPARE} --set network.unit=3", "'network.unit'"),
        (f"{COMPARE} --set network.units", "'network.units'"),
        (f"{COMPARE} --set columns.word:pos.rare_max_count=2", "columns.word:pos"),
        (f"{COMPARE} --config mixed.toml", "tokenizers"),
        (f"{COMPARE} --seeds three", "--seeds"),
        (f"{COMPARE} --spacy-model no_such_model", "'no_such_model'"),
        (f"{COMPARE} --language fi --tokenizers word:pos", "'fi'"),
        (f"{COMPARE} --more 2x --out new", "new"),
        (f"{COMPARE} --folds 5", "3 documents"),
        ("compair", "compair"),
        ("cache --limit much", "--limit"),
        ("corpora get nowhere", "'nowhere'"),
        (f"{TRAIN},bpe", "'char,bpe'"),
        ("train --corpus tales", "--tokenizers"),
        (f"{TRAIN} --out ..", "--out"),
        (f"{TRAIN} --out mine --fresh", "mine"),
        ("tokenize nowhere.txt --tokenizers char", "nowhere.txt"),
        ("tokenize \x1b[2J\x07é\u202e --tokenizers char", r"\x1b[2J\x07é\u202e"),  # it cannot command a terminal
        ("report nowhere", "nowhere"),
        ("report broken", "comparison.json"),
        ("score RUN one.txt", "RUN"),
        ("verify RUN --characters 0", "--characters"),
        ("generate RUN --fill never", "seen"),
        ("compress RUN one.txt -o one.txt", "one.txt"),
        ("compress RUN one.txt -o below/b", "below"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(refused, folder, command, named):
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    assert named in refused(*command.split())
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == set(FILES)


def test_the_error_of_a_damaged_comparison_has_the_command_that_makes_it_again(refused, folder):
    (folder / "comparison.json").write_text("{", "utf-8")
    command = "toolkit compare tales; toolkit compare tales --seeds 3 --fresh"
    (folder / "compare.toml").write_text(f'command = "{command}"\n', "utf-8")
    assert refused("report", folder).endswith("toolkit compare tales --seeds 3.\n")


@pytest.mark.parametrize(
    ("command", "contents"),
    [
        ("score RUN a.txt", [b"", b"\xff", b"\x00"]),
        ("compress RUN a.txt -o b", [b"a\r\nb", b"\xef\xbb\xbfa", b"e\xcc\x81", b"\xff"]),  # it would change
    ],
)
def test_texts_that_cannot_be_read_or_come_back_are_refused(refused, runs, folder, command, contents):
    for content in contents:
        (folder / "a.txt").write_bytes(content)
        assert "a.txt" in refused(*command.replace("RUN", str(runs / "char-seed0")).split())
    assert not (folder / "b").exists()


class PanicException(BaseException):
    """As the tokenizers library raises it."""


@pytest.mark.parametrize(
    ("error", "code", "named"),
    [
        (InputError("Unknown. Give one."), 2, "Unknown. Give one."),
        (VerificationError("char"), 1, "char"),
        (ContractError("decode"), 1, "decode"),
        (MemoryError(), 2, "--workers"),
        (OverflowError("int too large\nmore"), 2, "int too large"),
        (PanicException("called `Option::unwrap()`"), 2, "PanicException"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "reports/a"), 2, "reports/a"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 2, os.strerror(errno.ENOSPC)),
    ],
)
def test_every_error_has_a_code_and_a_sentence(error, code, named):
    explained, sentence = explain(error)
    assert explained == code
    assert named in sentence
    assert "more" not in sentence


@pytest.mark.parametrize(
    ("raised", "options", "code"),
    [("1 / 0", (), 2), ("1 / 0", ("--debug",), 2), ("raise KeyboardInterrupt", (), 130)],
)
def test_an_error_or_an_interrupt_ends_with_a_sentence_and_its_code(
    toolkit, folder, monkeypatch, raised, options, code
):
    """``--debug`` shows a traceback before it."""
    monkeypatch.setenv(DEBUGGING, "")
    (folder / "code.py").write_text(f"{raised}\n")
    ended, out, err = toolkit("compare", "--code", "code.py", *options)
    assert (ended, out) == (code, "")
    assert ("Traceback" in err) == bool(options)
    assert (err.count("\n") == 1) == (not options)
    assert err.splitlines()[-1].startswith("toolkit: ")
    assert list(folder.iterdir()) == [folder / "code.py"]


def ran(command, before="", **more):
    """Run a command in a shell, after another text."""
    return subprocess.run(
        ["bash", "-c", f"{before}'{sys.executable}' -m toolkit {command}"], text=True, timeout=300, check=False,
        stderr=subprocess.PIPE, **more,
    )  # fmt: skip


def test_a_pipe_is_a_file():
    done = ran("tokenize /dev/stdin --tokenizers char", before="printf 'The owl.' | ", stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nT h e ␣ o w l . <doc>\n")


@pytest.mark.parametrize(("redirected", "code"), [("> /dev/full", 2), ("| true", 0)])
def test_an_output_that_is_full_or_read_no_further_is_no_traceback(redirected, code):
    done = ran(f"list strategies {redirected}")
    assert done.returncode == code
    assert done.stderr.count("\n") == (code != 0)


def test_text_and_json_are_printed_in_every_encoding(folder):
    (folder / "t.txt").write_text(text := "é\x9b😀 \u202e漢", "utf-8")
    streams = {"cwd": folder, "env": os.environ | {"PYTHONIOENCODING": "ascii"}, "stdout": subprocess.PIPE}
    assert ran("tokenize t.txt --tokenizers char", **streams).returncode == 0  # characters are spelled out
    done = ran("tokenize t.txt --tokenizers char --json", **streams)
    assert "".join(token["text"] for token in json.loads(done.stdout)["tokens"]) == text
    assert done.stdout.isascii()
