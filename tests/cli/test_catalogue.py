"""Names, corpora and the cache."""

import hashlib
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from toolkit.files import cache_root


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


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(folder, monkeypatch):
    """The address of a server on this machine that serves the working folder; the cache is empty."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder / "cache"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_corpus_is_fetched_and_listed(toolkit, document, site, folder):
    (folder / "night.txt").write_text("It was a dark and stormy night.\n")
    digest = hashlib.sha256((folder / "night.txt").read_bytes()).hexdigest()
    entry = cache_root() / "corpora" / "night.toml"
    entry.parent.mkdir(parents=True)
    entry.write_text(f'url = "{site}/"\nlanguage = "en"\nbytes = 32\nfiles = {{"night.txt" = "{digest}"}}\n')
    code, out, err = toolkit("corpora", "get", "night")
    assert (code, out) == (0, f"{cache_root() / 'corpora' / 'night' / 'text'}\n")
    assert err.split() == ["night:", "100%", "32/32", "bytes"]
    assert {row["name"]: row for row in document("corpora", "list")}["night"] == {
        "name": "night", "state": "fetched", "bytes": 32, "language": "en", "licence": None, "source": None,
        "path": out.strip(),
    }  # fmt: skip
    lines = {line.split()[0]: line.split() for line in toolkit("corpora", "list")[1].splitlines()}
    assert lines["night"][1:5] == ["fetched", "32", "B", "en"]
