"""Corpora by name: nothing is fetched unasked, what is fetched is verified, and one's own are found."""

import hashlib
import io
import socket
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from toolkit.errors import InputError
from toolkit.text.catalogue import Entry, add, entries, fetch, find_corpus, own_folder
from toolkit.text.corpus import Document, canonical
from toolkit.text.sources import read_corpus

TEXT = "".join(f"It was night {n}, dark and stormy.\n\n" for n in range(20_000)).encode()
DIGEST = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.requests += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.send_header("Location", "file:///etc/passwd")
        self.end_headers()
        self.wfile.write(self.server.content[: self.server.cut_after])


@pytest.fixture
def server(monkeypatch):
    """A server on this machine, which answers with its ``content``."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.content, server.status, server.cut_after, server.requests = TEXT, 200, None, 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def entry(server, files, **fields):
    """A corpus that the server has."""
    return Entry(
        name="night", url=f"http://127.0.0.1:{server.server_port}/", language="en", files=files, **fields
    )


def read(corpus):
    """Fetch a corpus and read it."""
    fetch(corpus, lambda *_: None)
    return read_corpus(corpus.text)


def refused(corpus):
    with pytest.raises(InputError):
        read(corpus)
    assert not corpus.here


@pytest.mark.parametrize("name", ["lovecraft", "machado"])
def test_a_known_corpus_says_all_there_is_to_know_and_is_not_fetched_unasked(name, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("nothing may be fetched here"))
    known = entries()[name]
    assert known.url.startswith("https://")
    assert len(known.files) == (67 if name == "lovecraft" else 1)
    assert all([*known.files.values(), known.bytes, known.language, known.licence, known.source])
    with pytest.raises(InputError, match=f"corpora get {name}"):
        find_corpus(name)
    known.text.mkdir(parents=True)
    (known.text / "input.txt").write_text("First Citizen:\nSpeak.\n")
    corpus = find_corpus(name)
    assert (corpus.name, corpus.language, corpus.characters) == (name, known.language, 22)
    assert (find_corpus(name, "de").language, known.state) == ("de", "fetched")


def test_bundled_corpora_and_paths_come_before_other_names(work):
    corpus = find_corpus("weird-tales")
    assert (len(corpus.documents), corpus.name, corpus.language) == (45, "weird-tales", "en")
    assert all(canonical(document.text) == document.text for document in corpus.documents)
    assert find_corpus(corpus.path).sha256 == corpus.sha256
    (work / "lovecraft").mkdir()
    (work / "lovecraft" / "a.txt").write_text("Mine.")
    assert find_corpus("lovecraft").documents[0].text == "Mine."
    for name in ("wierd-tales", ""):
        with pytest.raises(InputError):
            find_corpus(name)


def test_ones_own_corpus_is_found_from_any_folder(work, monkeypatch):
    (work / "TALES.jsonl").write_text('{"text": "Il était une fois."}\n')
    assert add("TALES.jsonl", language="French") == own_folder() / "TALES.toml"
    monkeypatch.chdir(work.parent)
    corpus = find_corpus("TALES")
    assert (corpus.name, corpus.language) == ("TALES", "fr")
    assert (len(corpus.documents), entries()["TALES"].state) == (1, "added")
    (work / "TALES.jsonl").unlink()
    with pytest.raises(InputError, match="TALES"):
        find_corpus("TALES")
    assert entries()["TALES"].state == "missing"


def test_what_cannot_be_added_is_refused(work):
    (work / "a.txt").write_text("A")
    (work / "b.jsonl").write_text('{"body": "B"}')
    for place, *more in (
        ("nowhere",),
        ("a.txt", "../a"),
        ("a.txt", None, "inglish"),
        ("b.jsonl",),
        ("https://example.org/a.txt",),
        ("a.txt", "weird-tales"),
    ):
        with pytest.raises(InputError):
            add(place, *more)
    assert not own_folder().exists()


def test_an_invalid_entry_is_refused_naming_its_file():
    own_folder().mkdir(parents=True)
    for content in ("url = ", 'colour = "red"', 'files = {"../a.txt" = "0"}', 'url = "ftp://a/"'):
        (own_folder() / "a.toml").write_text(content)
        with pytest.raises(InputError, match=r"a\.toml"):
            entries()
    assert find_corpus("weird-tales").documents  # which needs no entry


def test_what_is_fetched_is_verified_and_fetched_once(server):
    progress, corpus = [], entry(server, {"night.txt": DIGEST}, bytes=len(TEXT))
    fetch(corpus, lambda *numbers: progress.append(numbers))
    assert progress == [(len(TEXT), len(TEXT))]
    assert read(corpus).documents == (Document("night", TEXT.decode()),)
    assert [path.name for path in corpus.folder.iterdir()] == ["text"]
    assert server.requests == 1


@pytest.mark.parametrize(
    ("answer", "digest"),
    [({"status": 404}, DIGEST), ({"status": 302}, DIGEST), ({"cut_after": 300_000}, DIGEST), ({}, "0" * 64)],
)
def test_a_failed_download_can_be_repeated_or_replaced_by_hand(server, answer, digest):
    for name, value in answer.items():
        setattr(server, name, value)
    corpus = entry(server, {"night.txt": digest})
    refused(corpus)
    assert list((corpus.folder / "download").iterdir()) == []
    (corpus.folder / "download" / "night.txt").write_bytes(TEXT)
    if digest == DIGEST:
        assert read(corpus).characters == len(TEXT)


def test_a_corpus_of_several_files_continues_after_the_last(server):
    refused(entry(server, {"a.txt": DIGEST, "b.txt": "0" * 64}))
    documents = read(entry(server, {"a.txt": DIGEST, "b.txt": DIGEST})).documents
    assert [document.name for document in documents] == ["a", "b"]
    assert server.requests == 3


def test_texts_of_an_archive_in_another_encoding_are_kept_as_utf8(server):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("books/un.txt", "Créé, à l'été.\r\n".encode("latin-1"))
        archive.writestr("../two.txt", b"Cr\xe9\xe9.")
    server.content = out.getvalue()
    files = {"night.zip": "sha512:" + hashlib.sha512(server.content).hexdigest()}
    texts = {
        document.name: document.text for document in read(entry(server, files, encoding="latin-1")).documents
    }
    assert texts["books/un"] == "Créé, à l'été.\n"
    one = entry(server, files, encoding="latin-1", only="books/un.txt").model_copy(update={"name": "one"})
    assert read(one).documents == (Document("books/un", "Créé, à l'été.\n"),)
