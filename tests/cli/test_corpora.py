"""toolkit corpora: what a user sees of it."""

import hashlib
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from toolkit.cache import cache_root
from toolkit.cli.corpora import Line
from toolkit.text import catalogue


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(folder, monkeypatch):
    """The address of a server on this machine that serves the working folder; the cache is empty."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder / "cache"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def listed(toolkit):
    """What ``list`` says, by name."""
    code, out, _ = toolkit("corpora", "list", "--json")
    assert code == 0
    return {row["name"]: row for row in json.loads(out)}


def test_a_corpus_at_a_url_is_added_fetched_and_read(toolkit, site, folder):
    (folder / "night.txt").write_text("It was a dark and stormy night.\n")
    digest = hashlib.sha256((folder / "night.txt").read_bytes()).hexdigest()
    code, out, err = toolkit("corpora", "add", f"{site}/night.txt", "--language", "en", "--sha256", digest)
    assert (code, out, err) == (0, f"{cache_root() / 'corpora' / 'night.toml'}\n", "")
    assert listed(toolkit)["night"]["state"] == "not fetched"
    code, _, err = toolkit("tokenize", "night.txt", "--tokenizer", "char", "--corpus", "night")
    assert (code, err[-len("toolkit corpora get night\n") :]) == (2, "toolkit corpora get night\n")
    code, out, err = toolkit("corpora", "get", "night")
    assert (code, out) == (0, f"{cache_root() / 'corpora' / 'night' / 'text'}\n")
    assert err == "night:      32 B of 32 B, 100%\n"
    assert listed(toolkit)["night"] == {
        "name": "night", "state": "fetched", "bytes": 32, "language": "en", "licence": None, "source": None,
        "path": out.strip(),
    }  # fmt: skip
    assert toolkit("corpora", "get", "night", "--quiet")[2] == ""


def test_the_list_shows_what_is_here_and_how_large_it_is(toolkit, site):  # noqa: ARG001
    code, out, _ = toolkit("corpora", "list")
    assert code == 0
    tales, genesis, lovecraft, machado, shakespeare = out.splitlines()
    assert tales.split()[:5] == ["weird-tales", "bundled", "432", "KiB", "en"]
    assert "CC0-1.0" in tales
    assert genesis.startswith("genesis-french   not fetched    462 KiB  fr  public domain, ")
    assert lovecraft.startswith("lovecraft        not fetched    2.8 MiB  en  ")
    assert machado.startswith("machado          not fetched    5.9 MiB  pt  public domain, ")
    assert shakespeare.startswith("tinyshakespeare  not fetched    1.1 MiB  en  public domain, ")
    assert listed(toolkit).keys() == set(catalogue.entries())


def test_a_corpus_that_was_added_without_a_language_is_listed(toolkit, site, folder):  # noqa: ARG001
    (folder / "mine.txt").write_text("Once.")
    toolkit("corpora", "add", "mine.txt")
    code, out, err = toolkit("corpora", "list")
    assert (code, err) == (0, "")
    assert f"\nmine             added              5 B      {folder / 'mine.txt'}\n" in out


def test_what_is_added_is_here_and_needs_no_fetching(toolkit, site, folder):  # noqa: ARG001
    (folder / "mine").mkdir()
    (folder / "mine" / "a.txt").write_text("Once.")
    code, out, _ = toolkit("corpora", "add", "mine", "--name", "fables", "--json")
    assert code == 0
    assert json.loads(out) == listed(toolkit)["fables"]
    assert json.loads(out)["state"] == "added"
    assert toolkit("corpora", "get", "fables")[:2] == (0, f"{folder / 'mine'}\n")
    (folder / "mine").rename(folder / "other")
    assert listed(toolkit)["fables"]["state"] == "missing"
    code, out, err = toolkit("corpora", "get", "fables")
    assert (code, out) == (2, "")
    assert "no longer at" in err


def test_a_corpus_that_nobody_knows_gets_the_nearest(toolkit, site):  # noqa: ARG001
    code, out, err = toolkit("corpora", "get", "tinyshakespear")
    assert (code, out) == (2, "")
    assert "did you mean 'tinyshakespeare'?" in err


def test_progress_is_one_line_in_a_terminal_and_few_elsewhere(capsys, monkeypatch):
    line = Line("night")
    for have in range(0, 3_000_001, 1_000_000):
        line(have, 3_000_000)
    Line("night")(5_000_000, 0)
    assert capsys.readouterr().err.splitlines() == [
        "night:       0 B of 2.9 MiB, 0%", "night:   2.9 MiB of 2.9 MiB, 100%", "night:   4.8 MiB",
    ]  # fmt: skip
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    Line("night")(1_000_000, 3_000_000)
    assert capsys.readouterr().err == "night:   977 KiB of 2.9 MiB, 33%\r"


def test_the_cache_is_cleared_without_them(toolkit, site, folder):
    (folder / "a.txt").write_text("A")
    toolkit("corpora", "add", f"{site}/a.txt")
    toolkit("corpora", "get", "a", "--quiet")
    assert toolkit("cache", "clear")[0] == 0
    assert listed(toolkit)["a"]["state"] == "fetched"
