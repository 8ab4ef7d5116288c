"""The edge: an exit code and one sentence for any error, and any character reaches any terminal."""

import errno
import json
import os
import subprocess
import sys

import pytest

from toolkit.cli import explain
from toolkit.errors import ContractError, InputError, VerificationError


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
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 2, "No space left"),
    ],
)
def test_every_error_has_a_code_and_a_sentence(error, code, named):
    explained, sentence = explain(error)
    assert explained == code
    assert named in sentence
    assert "more" not in sentence


def ran(command, before="", **more):
    """Run a command in a shell, after another text."""
    return subprocess.run(
        ["bash", "-c", f"{before}'{sys.executable}' -m toolkit {command}"], text=True, timeout=300, check=False,
        stderr=subprocess.PIPE, **more,
    )  # fmt: skip


def test_debug_shows_a_traceback_and_then_the_sentence(folder):
    (folder / "code.py").write_text("1 / 0\n")
    for option, shown in (("", False), ("--debug", True)):
        done = ran(f"compare --code code.py {option}", cwd=folder)
        assert done.returncode == 2
        assert ("Traceback" in done.stderr) == shown
        assert done.stderr.splitlines()[-1].startswith("toolkit: ")


def test_an_interrupt_ends_with_130(folder):
    (folder / "code.py").write_text("raise KeyboardInterrupt\n")
    done = ran("compare --code code.py", cwd=folder)
    assert (done.returncode, done.stderr.count("\n")) == (130, 1)
    assert list(folder.iterdir()) == [folder / "code.py"]


def test_names_cannot_command_a_terminal(refused):
    assert r"\x1b[2J\x07é\u202e" in refused("tokenize", "\x1b[2J\x07é\u202e", "--tokenizer", "char")


def test_a_pipe_is_a_file():
    done = ran("tokenize /dev/stdin --tokenizer char", before="printf 'The owl.' | ", stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nT h e ␣ o w l . <doc>\n")


@pytest.mark.parametrize(("redirected", "code"), [("> /dev/full", 2), ("| head -n 1 > /dev/null", 0)])
def test_an_output_that_is_full_or_read_no_further_is_no_traceback(redirected, code):
    done = ran(f"list strategies {redirected}")
    assert done.returncode == code
    assert done.stderr.count("\n") == (code != 0)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_json_is_json_in_every_encoding(folder, encoding):
    (folder / "t.txt").write_text(text := "é\x9b😀 \u202e漢", "utf-8")
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = ran("tokenize t.txt --tokenizer char --json", cwd=folder, env=environment, stdout=subprocess.PIPE)
    assert "".join(token["text"] for token in json.loads(done.stdout)["tokens"]) == text
    assert done.stdout.isascii()
