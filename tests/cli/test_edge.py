"""The edge: whatever is raised, a person reads one sentence, and whatever the terminal is, characters reach it."""

import errno
import io
import json
import os
import subprocess
import sys
import tomllib

import pytest

import toolkit.cli as edge
from toolkit.cli import listing
from toolkit.cli.saying import say
from toolkit.cli.tables import console, print_table
from toolkit.comparison.plain_console import PlainConsole
from toolkit.comparison.progress import Bars, Lines
from toolkit.errors import DEBUGGING, INTERRUPTED, printable
from toolkit.training.progress import Progress


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


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_gets_advice(raising, number):
    _, err = raising(OSError(number, os.strerror(number), "reports/a"))
    assert err == (
        f"toolkit: reports/a cannot be used: {os.strerror(number)}; free some room there and repeat the command.\n"
    )


def test_debug_shows_where_it_arose(raising):
    code, err = raising(OverflowError("int too large"), edge.DEBUG)
    assert code == 2
    assert err.startswith("Traceback")
    assert err.splitlines()[-1].startswith("toolkit: OverflowError: int too large.")


def test_what_debug_has_set_does_not_outlast_the_command(raising, monkeypatch):
    raising(OverflowError("int too large"), edge.DEBUG)
    assert sys.argv == ["toolkit", "compare", edge.DEBUG]
    assert DEBUGGING not in os.environ
    assert "Traceback" not in raising(OverflowError("int too large"))[1]
    monkeypatch.setenv(DEBUGGING, "yes")
    assert "Traceback" in raising(OverflowError("int too large"), edge.DEBUG)[1]
    assert os.environ[DEBUGGING] == "yes"


def test_names_cannot_command_a_terminal(raising):
    _, err = raising(edge.InputError("No file or folder: \x1b[2J\x07é\u202e; give a path that exists."))
    assert err == "toolkit: No file or folder: \\x1b[2J\\x07é\\u202e; give a path that exists.\n"
    assert printable("日本\n\t漢") == "日本\n\t漢"


HOSTILE = "a\x1b[2J\x9b31m\u202eb"
SPELLED = "a\\x1b[2J\\x9b31m\\u202eb"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


def test_spaces_and_what_joins_letters_are_no_commands():
    assert printable("\u3000a\xa0b\u200d\u200cc\xadd") == "\u3000a\xa0b\u200d\u200cc\xadd"
    assert printable("\u200e\u2066\ue000\r") == "\\u200e\\u2066\\ue000\\r"


def test_lines_of_a_command_cannot_command_a_terminal(monkeypatch, capsys):
    say(HOSTILE)  # to a pipe or a file: whoever reads it wants it as it is
    assert capsys.readouterr().out == f"{HOSTILE}\n"
    monkeypatch.setattr(sys, "stdout", out := Terminal())
    say(HOSTILE)
    assert out.getvalue() == f"{SPELLED}\n"


def test_tables_and_sentences_cannot_command_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    shown = console(200)
    print_table(shown, f"title {HOSTILE}", [[f"head {HOSTILE}"], [f"cell {HOSTILE}"]])
    shown.print(f"said {HOSTILE}", markup=False)
    for place in ("title", "head", "cell", "said"):
        assert f"{place} {SPELLED}" in out.getvalue()
    assert printable(out.getvalue()) == out.getvalue()


def test_progress_cannot_command_a_terminal(monkeypatch):
    half = Progress(0.5, 1.0, 6, ())
    monkeypatch.setattr(sys, "stderr", out := io.StringIO())
    for reporter in (Lines(), Bars(PlainConsole(file=(bars := io.StringIO()), width=200))):
        reporter.stage(f"said {HOSTILE}")
        reporter.training(f"cell {HOSTILE}", half)
        reporter.stage(f"cell {HOSTILE}: next")
    for text in (out.getvalue(), bars.getvalue()):
        assert f"said {SPELLED}" in text
        assert f"cell {SPELLED}:" in text
        assert printable(text) == text


def ran(command, before="", **more):
    return subprocess.run(
        ["bash", "-c", f"{before}'{sys.executable}' -m toolkit {command}"], text=True, timeout=300, check=False,
        stderr=subprocess.PIPE, **more,
    )  # fmt: skip


@pytest.mark.parametrize("imported", ["toolkit.cli", "typer", "toolkit.cli.cache"])
def test_the_command_is_interrupted_without_a_traceback_while_it_is_imported(request, imported):
    entry = tomllib.loads((request.config.rootpath / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, function = entry["toolkit"].split(":")
    code = f"""
import sys
class Interrupted:
    def find_spec(name, *_):
        if name == {imported!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted)
from {module} import {function}
{function}()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, f"{INTERRUPTED}\n")


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


@pytest.mark.slow
def test_workers_train_where_outputs_are_closed(tmp_path, brief_folder):
    columns = f"--tokenizers char,char@gru --workers 2 --corpus '{brief_folder}' --set network.units=4"
    settings = "--set train.updates=1 --set samples.characters=50 --set samples.count=2 --set samples.temperature=1.0"
    done = ran(f"compare {columns} {settings} --out found >&- 2>&-", cwd=tmp_path)
    assert done.returncode == 0
    assert len(list((tmp_path / "found" / "runs").glob("*/cell.json"))) == 2


@pytest.mark.slow
def test_a_network_can_be_imported_where_standard_error_is_closed():
    code = "import toolkit, sys; from toolkit import LSTM; print(LSTM.__name__)"
    command = ["bash", "-c", f"'{sys.executable}' -c '{code}' 2>&-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "LSTM\n"


def test_a_working_folder_that_has_been_removed_is_said(tmp_path):
    (tmp_path / "gone").mkdir()
    done = ran("list strategies", before=f'cd "{tmp_path}/gone"; rmdir "{tmp_path}/gone";')
    assert done.returncode == 2
    assert "toolkit: The working folder has been removed; change to another one." in done.stderr


def test_charts_say_so_where_a_user_has_no_home():
    code = "from pathlib import Path\ndef home(): raise RuntimeError\nPath.home = home\nimport toolkit.report"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "set HOME to a folder" in done.stderr


def test_an_encoding_without_a_character_spells_it_out():
    ascii_only = os.environ | {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"}
    done = ran("report 'ünknown'", env=ascii_only)
    assert done.returncode == 2
    assert "There is no folder \\xfcnknown;" in done.stderr


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


def test_a_list_fits_into_any_terminal(monkeypatch):
    described = {"char": "characters, one by one", "word": ""}
    for width, lines in (
        (14, ["char  …", "word"]),
        (7, ["char  …", "word"]),
        (6, ["char", "word"]),
        (1, ["char", "word"]),
    ):
        monkeypatch.setattr(listing, "line_width", lambda width=width: width)
        assert listing.lines(described) == lines
    monkeypatch.undo()
    monkeypatch.setattr(sys, "stdout", out := Terminal())
    out.fileno = lambda: 1
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((0, 0)))  # it does not know
    assert listing.lines(described)[0] == "char  characters, one by one"


def test_a_user_without_a_home_is_told_of_the_cache(monkeypatch):
    from pathlib import Path

    from toolkit.cache import cache_root

    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("TOOLKIT_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(edge.InputError, match="set TOOLKIT_CACHE"):
        cache_root()


@pytest.mark.slow
def test_without_docstrings_what_draws_charts_says_so_and_the_rest_works(tmp_path):
    without = os.environ | {"PYTHONOPTIMIZE": "2"}
    done = ran(f"report '{tmp_path}'", env=without)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "leave out -OO" in done.stderr
    assert ran("list strategies", env=without, stdout=subprocess.DEVNULL).returncode == 0
