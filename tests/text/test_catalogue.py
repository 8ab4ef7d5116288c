"""Corpora by name: nothing is fetched unasked, what is fetched is verified, and one's own are found."""

import hashlib
import io
import socket
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from toolkit.errors import InputError
from toolkit.text.catalogue import Entry, add, bundled, entries, fetch, find_corpus, own_folder, read_entry, write_own
from toolkit.text.corpus import Document, canonical
from toolkit.text.sources import read_corpus

TEXT = "".join(f"It was night {n}, dark and stormy.\n\n" for n in range(20_000)).encode()
TALES = {"tales/a.txt": b"Once.", "tales/deep/b.txt": b"Twice."}


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    """An empty working folder and an empty cache."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("nothing may be fetched here"))


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked += 1
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
    server.content, server.status, server.cut_after, server.asked = TEXT, 200, None, 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def entry(server, file="night.txt", **fields):
    """A corpus that the server has."""
    return Entry(name="night", url=f"http://127.0.0.1:{server.server_port}/{file}", language="en", **fields)


def fetched(corpus):
    return fetch(corpus, lambda *_: None)


def refused(corpus):
    with pytest.raises(InputError):
        fetched(corpus)
    assert not corpus.here


def packed(files, end):
    """The bytes of an archive."""
    out = io.BytesIO()
    if end == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", ["lovecraft", "tinyshakespeare", "machado", "genesis-french"])
def test_a_known_corpus_says_all_there_is_to_know_and_is_not_fetched_unasked(name):
    known = entries()[name]
    assert all(url.startswith("https://") and checksum for url, checksum in known.checksums.items())
    assert len(known.checksums) == (67 if name == "lovecraft" else 1)
    assert all([known.bytes, known.language, known.licence, known.source.endswith("."), name not in bundled()])
    with pytest.raises(InputError, match=f"corpora get {name}"):
        find_corpus(name)
    known.text.mkdir(parents=True)
    (known.text / "input.txt").write_text("First Citizen:\nSpeak.\n")
    corpus = find_corpus(name, otherwise="xx")
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
    assert add("TALES.jsonl", language="fr") == own_folder() / "TALES.toml"
    monkeypatch.chdir(work.parent)
    corpus = find_corpus("TALES")
    assert (corpus.name, corpus.language) == ("TALES", "fr")
    assert (len(corpus.documents), entries()["TALES"].state) == (1, "added")
    (work / "TALES.jsonl").unlink()
    with pytest.raises(InputError, match="TALES"):
        find_corpus("TALES")
    assert entries()["TALES"].state == "missing"


def test_a_url_may_be_added_and_is_named_after_its_file():
    url = "https://example.org/a/tales.tar.gz?raw=1"
    path = add(url, language="fr")
    assert read_entry(path) == Entry(name="tales", url=url, language="fr")
    assert entries()["tales"].state == "not fetched"


@pytest.mark.parametrize(
    "arguments",
    [
        {"place": "nowhere"}, {"place": "a.txt", "name": "../a"}, {"place": "a.txt", "name": ".a"},
        {"place": "a.txt", "language": "english"}, {"place": "b.jsonl"}, {"place": "file:///etc/passwd"},
        {"place": "https://example.org/", "name": "a"}, {"place": "https://example.org/..", "name": "a"},
        {"place": "a.txt", "name": "weird-tales"},
        {"place": "a.txt", "name": "lovecraft"}, {"place": "a.txt", "name": "mine"},
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_refused(work, arguments):
    (work / "a.txt").write_text("A")
    (work / "b.jsonl").write_text('{"body": "B"}')
    write_own(Entry(name="mine", path=str(work)))
    with pytest.raises(InputError):
        add(**arguments)
    assert [path.name for path in own_folder().iterdir()] == ["mine.toml"]


@pytest.mark.parametrize(
    "content",
    [
        "", "url = ", "url = 3", 'path = "/a"\nbytes = "x"', 'colour = "red"', 'path = "/a"\nurl = "https://a/b"',
        'url = "https://a/"\nfiles = {"../a.txt" = "' + "0" * 64 + '"}', 'url = "https://a/"\nfiles = {"a" = "0"}',
        'url = "https://a/b"\nsha512 = "0"',
    ],
)  # fmt: skip
def test_an_invalid_entry_is_refused_naming_its_file(content):
    own_folder().mkdir(parents=True)
    (own_folder() / "a.toml").write_text(content)
    with pytest.raises(InputError, match=r"a\.toml"):
        entries()
    assert find_corpus("weird-tales").documents  # which needs no entry


def test_what_is_fetched_is_verified_and_fetched_once(server):
    progress, corpus = [], entry(server, sha256=hashlib.sha256(TEXT).hexdigest(), bytes=len(TEXT))
    assert fetch(corpus, lambda *numbers: progress.append(numbers)) == corpus
    assert read_corpus(corpus.text).documents[0].text == TEXT.decode()
    assert progress == [(len(TEXT), len(TEXT))]
    assert [path.name for path in corpus.folder.iterdir()] == ["text"]
    assert (fetched(corpus), server.asked) == (corpus, 1)


def test_the_first_checksum_of_a_file_without_one_is_kept(server):
    corpus = fetched(entry(server))
    assert corpus.sha256 == hashlib.sha256(TEXT).hexdigest()
    assert read_entry(own_folder() / "night.toml") == corpus


@pytest.mark.parametrize(
    ("answer", "fields"),
    [({"status": 404}, {}), ({"status": 302}, {}), ({"cut_after": 300_000}, {}), ({}, {"sha256": "0" * 64})],
)
def test_a_failed_download_can_be_repeated_or_replaced_by_hand(server, answer, fields):
    for name, value in answer.items():
        setattr(server, name, value)
    corpus = entry(server, **fields)
    refused(corpus)
    assert list(corpus.downloads.iterdir()) == []
    (corpus.downloads / "night.txt").write_bytes(TEXT)
    if not fields:
        assert fetched(corpus).here


def test_a_corpus_of_several_files_goes_on_after_the_last(server):
    digest = hashlib.sha256(TEXT).hexdigest()
    refused(entry(server, "", files={"a.txt": digest, "b.txt": "0" * 64}))
    several = entry(server, "", files={"a.txt": digest, "b.txt": digest})
    assert fetched(several) == several
    assert [path.name for path in sorted(several.text.iterdir())] == ["a.txt", "b.txt"]
    assert server.asked == 3


@pytest.mark.parametrize("end", ["zip", "tar.gz", "tgz"])
def test_an_archive_is_unpacked_inside_its_folder_and_refused_when_damaged(server, end):
    server.content = packed(TALES, end)[:-30]
    refused(entry(server, f"tales.{end}"))
    server.content = packed(TALES, end)
    corpus = entry(server, f"night.{end}", sha256=hashlib.sha256(server.content).hexdigest())
    assert fetched(corpus).here
    files = {p.relative_to(corpus.text).as_posix(): p.read_bytes() for p in corpus.text.rglob("*") if p.is_file()}
    assert files == TALES


@pytest.mark.parametrize("name", ["../../../../out.txt", "a/../../../../../out.txt", "/tmp/toolkit-out.txt"])
@pytest.mark.parametrize("end", ["zip", "tar.gz"])
def test_nothing_is_written_outside_the_folder(server, work, name, end):
    server.content = packed({"a.txt": b"A", name: b"B"}, end)
    try:
        fetched(entry(server, f"night.{end}"))
    except InputError:
        assert not entry(server).here
    assert not list(work.parent.rglob("out.txt"))
    assert not Path("/tmp/toolkit-out.txt").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_links_that_lead_out_and_devices_are_refused(server, kind):
    out, info = io.BytesIO(), tarfile.TarInfo("a.txt")
    info.type, info.linkname = kind, "../../out.txt"
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(info)
    server.content = out.getvalue()
    refused(entry(server, "night.tar.gz"))


def test_texts_in_another_encoding_are_kept_as_utf8(server):
    server.content = packed({"books/un.txt": "Créé, à l'été.\r\n".encode("latin-1"), "two.txt": b"Cr\xe9\xe9."}, "zip")
    digest = hashlib.sha512(server.content).hexdigest()
    refused(entry(server, "night.zip", sha512=digest, encoding="utf-8"))
    fetched(entry(server, "night.zip", sha512=digest, encoding="latin-1"))
    one = entry(server, "night.zip", sha512=digest, encoding="latin-1", only="books/un.txt").model_copy(
        update={"name": "one"}
    )
    assert read_corpus(entry(server).text).documents[1] == Document("two", "Créé.")
    assert read_corpus(fetched(one).text).documents == (Document("books/un", "Créé, à l'été.\n"),)
