"""The edge: whatever is raised, a person reads one sentence, and whatever the terminal is, characters reach it."""

import errno
import json
import os
import subprocess
import sys

import pytest

import toolkit.cli as edge
from toolkit.errors import DEBUGGING, printable


class PanicException(BaseException):
    """As the tokenizers library raises it."""


@pytest.fixture
def raising(monkeypatch, capsys):
    """What the command line says, and its exit code, if a command raises this."""

    monkeypatch.delenv(DEBUGGING, raising=False)

    def run(error, *more):
        def app(**_):
            raise error

        monkeypatch.setattr(edge, "app", app)
        monkeypatch.setattr(sys, "argv", ["toolkit", "compare", *more])
        with pytest.raises(SystemExit) as ended:
            edge.main()
        return ended.value.code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "there is not enough memory for this; finished cells are kept"),
        (OverflowError("int too large\nmore"), "OverflowError: int too large. This was not expected"),
        (PanicException("called `Option::unwrap()`"), "PanicException: called `Option::unwrap()`. This was not"),
        (RecursionError("maximum depth"), "RecursionError: maximum depth. This was not expected"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "reports/a"), "reports/a cannot be used: No space left on"),
    ],
)
def test_whatever_is_raised_is_one_sentence_without_a_traceback(raising, error, said):
    code, err = raising(error)
    assert code == 2
    assert err.startswith(f"toolkit: {said}")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_debug_shows_where_it_arose(raising):
    code, err = raising(OverflowError("int too large"), edge.DEBUG)
    assert code == 2
    assert err.startswith("Traceback")
    assert err.splitlines()[-1].startswith("toolkit: OverflowError: int too large.")


def test_names_cannot_command_a_terminal(raising):
    _, err = raising(edge.InputError("No file or folder: \x1b[2J\x07é\u202e; give a path that exists."))
    assert err == "toolkit: No file or folder: \\x1b[2J\\x07é\\u202e; give a path that exists.\n"
    assert printable("日本\n\t漢") == "日本\n\t漢"


def ran(command, before="", **more):
    return subprocess.run(
        ["bash", "-c", f"{before}'{sys.executable}' -m toolkit {command}"], text=True, timeout=300, check=False,
        stderr=subprocess.PIPE, **more,
    )  # fmt: skip


def test_what_comes_through_a_pipe_is_a_file():
    done = ran("tokenize /dev/stdin --tokenizer char", before="printf 'The owl.' | ", stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nT h e ␣ o w l . <doc>\n")


def test_closed_full_and_narrow_outputs_are_no_traceback():
    for command, code, said in (
        ("list strategies >&-", 0, ""),
        ("list strategies 2>&-", 0, ""),
        (
            "list strategies > /dev/full",
            2,
            "toolkit: standard output, or a file, cannot be used: No space left on device.\n",
        ),
        ("list strategies | head -n 1 > /dev/null", 0, ""),
    ):
        done = ran(command)
        assert (done.returncode, done.stderr) == (code, said), command


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_json_is_json_in_every_encoding(tmp_path, encoding):
    (tmp_path / "t.txt").write_text(text := "é\x9b😀 \u202e漢", "utf-8")
    as_told = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "tokenize", str(tmp_path / "t.txt"), "--tokenizer", "char", "--json"],
        capture_output=True, timeout=300, check=False, env=as_told,
    )  # fmt: skip
    printed = done.stdout.decode(encoding)
    assert "".join(token["text"] for token in json.loads(printed)["tokens"]) == text
    assert printable(printed) == printed  # nor does it command a terminal
    assert ("é" in printed) == (encoding != "ascii")
