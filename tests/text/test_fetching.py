"""Fetching from a server that is slow, breaks off, is wrong or means harm; it runs in this process, on this machine."""

import hashlib
import io
import os
import re
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from toolkit.errors import InputError
from toolkit.text import fetching
from toolkit.text.corpus import Document
from toolkit.text.entries import Entry, own_folder, read_entries
from toolkit.text.fetching import fetch
from toolkit.text.sources import read_corpus

TEXT = "".join(f"It was night {n}, dark and stormy.\n\n" for n in range(20_000)).encode()


@dataclass
class Behaviour:
    """What the server does, and the headers of what it was asked."""

    content: bytes = TEXT
    status: int = 200
    location: str = ""
    cut_after: int | None = None  # bytes of an answer, after which the connection is closed
    silent_seconds: float = 0.0  # after which it answers
    pause_seconds: float = 0.0  # between pieces
    ranges: bool = True
    version: str = "one"  # its ETag
    asked: list = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        does = self.server.does
        does.asked.append(dict(self.headers))
        time.sleep(does.silent_seconds)
        begin = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in self.headers else 0
        status = does.status
        same = self.headers.get("If-Range", does.version) == does.version
        if begin and does.ranges and same and status == 200:
            status = 206 if begin < len(does.content) else 416
        begin = begin if status == 206 else 0
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {begin}-{len(does.content) - 1}/{len(does.content)}")
        if does.location:
            self.send_header("Location", does.location)
        content = b"" if status in (302, 404, 416) else does.content[begin:]
        if does.version:
            self.send_header("ETag", does.version)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):  # the client has gone away
            self.send(content[: does.cut_after], does.pause_seconds)

    def send(self, content, pause_seconds):
        for i in range(0, len(content), 2**17):
            self.wfile.write(content[i : i + 2**17])
            self.wfile.flush()
            time.sleep(pause_seconds)


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server on this machine; ``does`` is what it does. The cache is empty."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.does = Behaviour()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def entry(server):
    """A corpus that the server has."""
    url = f"http://127.0.0.1:{server.server_port}/corpora/night.txt"
    return Entry("night", url=url, sha256=hashlib.sha256(TEXT).hexdigest(), bytes=len(TEXT), language="en")


def nothing(_have, _whole):
    """No progress is shown."""


def refusal(entry):
    """The sentence that fetching is refused with; nothing can be read then."""
    with pytest.raises(InputError) as error:
        fetch(entry, nothing)
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert str(entry.download) in text
    assert not entry.here
    return text


def test_what_is_fetched_is_the_text_and_its_progress_is_told(server, entry):
    told = []
    assert fetch(entry, lambda have, whole: told.append((have, whole))) == entry
    assert read_corpus(entry.text).documents[0].text == TEXT.decode()
    assert told == sorted(told)
    assert told[-1] == (len(TEXT), len(TEXT))
    assert [path.name for path in entry.folder.iterdir()] == ["text"]
    assert fetch(entry, nothing) == entry
    assert len(server.does.asked) == 1


def test_a_download_that_was_cut_off_goes_on_where_it_was(server, entry):
    server.does.cut_after = 300_000
    refusal(entry)
    server.does.cut_after = None
    fetch(entry, nothing)
    begin = int(server.does.asked[-1]["Range"].removeprefix("bytes=").removesuffix("-"))
    assert 200_000 < begin <= 300_000
    assert (entry.text / "night.txt").read_bytes() == TEXT


@pytest.mark.parametrize(("first", "second"), [("one", "two"), ("", "")])
def test_two_versions_of_a_file_are_not_spliced(server, entry, first, second):
    """The server says by ETag which one it has, or, if it says nothing, the download starts anew."""
    unknown = replace(entry, sha256="", bytes=0)
    server.does.version, server.does.cut_after = first, 300_000
    refusal(unknown)
    server.does.version, server.does.cut_after, server.does.content = second, None, TEXT[::-1]
    fetch(unknown, nothing)
    assert (entry.text / "night.txt").read_bytes() == TEXT[::-1]


def test_where_the_server_cannot_go_on_it_begins_anew(server, entry):
    server.does.cut_after = 300_000
    refusal(entry)
    server.does.cut_after, server.does.ranges = None, False
    fetch(entry, nothing)
    assert (entry.text / "night.txt").read_bytes() == TEXT


def test_a_partial_file_that_is_longer_than_the_whole_is_dropped(server, entry):
    server.does.cut_after = 300_000
    refusal(entry)
    server.does.cut_after, server.does.content = None, TEXT[:1000]
    short = replace(entry, sha256=hashlib.sha256(TEXT[:1000]).hexdigest())
    fetch(short, nothing)
    assert (entry.text / "night.txt").read_bytes() == TEXT[:1000]
    assert len(server.does.asked) == 3


def test_another_text_is_refused_and_removed(server, entry):
    server.does.content = TEXT[:-1] + b"!"
    text = refusal(entry)
    assert entry.sha256 in text
    assert list(entry.download.parent.iterdir()) == []


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(server, entry, monkeypatch):
    monkeypatch.setattr(fetching, "SILENT_SECONDS", 0.5)
    server.does.pause_seconds = 0.15
    fetch(entry, nothing)
    monkeypatch.setattr(fetching, "SILENT_SECONDS", 0.1)
    server.does.silent_seconds = 0.5
    assert "timed out" in refusal(replace(entry, name="other"))


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:text/plain,abc", "gopher://a/b"])
def test_no_redirect_leads_out_of_the_web(server, entry, location):
    server.does.status, server.does.location = 302, location
    refusal(entry)
    assert list(entry.download.parent.iterdir()) == []


def test_a_file_that_the_server_has_not_is_said(server, entry):
    server.does.status = 404
    assert "404" in refusal(entry)


def test_without_a_network_it_is_said_where_the_file_can_be_put_and_then_it_is_taken(server, entry):
    gone = replace(entry, url="http://127.0.0.1:1/corpora/night.txt")
    refusal(gone)
    gone.download.write_bytes(TEXT[:-1])
    assert entry.sha256 in refusal(gone)
    assert gone.download.exists()
    gone.download.write_bytes(TEXT)
    fetch(gone, nothing)
    assert (gone.text / "night.txt").read_bytes() == TEXT
    assert server.does.asked == []


def test_the_first_checksum_of_a_file_without_one_is_kept(entry):
    unknown = replace(entry, sha256="", bytes=0)
    found = fetch(unknown, nothing)
    assert found.sha256 == entry.sha256
    assert read_entries(own_folder()) == {"night": found}


def test_two_processes_fetch_a_corpus_once(server, entry):
    """The second waits for the first: it would go on with a file that the first is writing."""
    server.does.pause_seconds = 0.05
    unknown = replace(entry, sha256="", bytes=0)
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(fetch, [unknown, unknown], [nothing, nothing]))
    assert len(server.does.asked) == 1
    assert {one.sha256 for one in found} <= {entry.sha256, ""}
    (text,) = entry.text.iterdir()
    assert text.read_bytes() == TEXT


def test_what_a_killed_process_left_half_unpacked_is_in_nobodys_way(entry):
    """In containers all processes have the same number."""
    entry.folder.mkdir(parents=True)
    (entry.folder / f".text.{os.getpid()}").mkdir()
    assert fetch(entry, nothing).here


def test_a_cache_that_cannot_be_written_is_said(server, entry, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="set TOOLKIT_CACHE to another folder"):
        fetch(entry, nothing)
    assert server.does.asked == []


def test_a_corpus_of_several_files_is_fetched_file_by_file_and_goes_on_after_the_last(server, entry):
    told, digest = [], entry.sha256
    url = entry.url.removesuffix("night.txt")
    several = replace(entry, url=url, sha256="", files={"a.txt": digest, "b.txt": digest}, bytes=2 * len(TEXT))
    with pytest.raises(InputError, match="its checksum is not sha256:"):
        fetch(replace(several, files={"a.txt": digest, "b.txt": "0" * 64}), nothing)
    assert not several.here
    assert fetch(several, lambda have, whole: told.append((have, whole))) == several
    assert [path.name for path in sorted(several.text.iterdir())] == ["a.txt", "b.txt"]
    assert len(server.does.asked) == 3  # the first was whole
    assert told[-1] == (2 * len(TEXT), 2 * len(TEXT))
    assert told == sorted(told)


def test_an_archive_is_unpacked_inside_its_folder(server, entry):
    for name, inside in (("good", "tales/a.txt"), ("bad", "../../../a.txt")):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(inside, "Once.")
        server.does.content = content.getvalue()
        digest = hashlib.sha256(server.does.content).hexdigest()
        url = entry.url.replace("night.txt", "tales.zip")
        packed = Entry(name, url=url, sha256=digest)
        if name == "good":
            fetch(packed, nothing)
            assert read_corpus(packed.text).documents == (Document("tales/a", "Once."),)
        else:
            fetch(packed, nothing)
            assert [path.relative_to(packed.text).as_posix() for path in packed.text.rglob("*.txt")] == ["a.txt"]


@pytest.fixture
def latin(server, entry):
    """An archive of two texts, of which one is not in UTF-8, with a checksum of another kind."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("books/un.txt", "Créé, à l'été.\r\n".encode("latin-1"))
        archive.writestr("books/two.TXT", "Créé.".encode("latin-1"))
    server.does.content = content.getvalue()
    digest = hashlib.sha512(server.does.content).hexdigest()
    return Entry("latin", url=entry.url.replace("night.txt", "books.zip"), sha512=digest, encoding="latin-1")


def test_one_text_of_an_archive_in_another_encoding_is_kept_as_utf8(latin):
    one = replace(latin, only="books/un.txt")
    assert fetch(one, nothing) == one
    assert [path.name for path in one.text.rglob("*")] == ["books", "un.txt"]
    assert (one.text / "books" / "un.txt").read_bytes() == "Créé, à l'été.\r\n".encode()
    assert read_corpus(one.text).documents == (Document("books/un", "Créé, à l'été.\n"),)


def test_all_texts_of_an_archive_are_turned_into_utf8(latin):
    fetch(latin, nothing)
    assert [d.text for d in read_corpus(latin.text).documents] == ["Créé.", "Créé, à l'été.\n"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"only": "books/trois.txt"}, "has no file 'books/trois.txt'"),
        ({"only": "books"}, "has no file 'books'"),
        ({"only": "../latin.toml"}, "has no file '../latin.toml'"),
        ({"only": "/etc/passwd"}, "has no file '/etc/passwd'"),
        ({"only": "../download/books.zip"}, "has no file '../download/books.zip'"),
        ({"encoding": "utf-8"}, "un.txt of the corpus 'latin' is not in the encoding utf-8"),
        ({"sha512": "0" * 128}, "its checksum is not sha512:"),
    ],
)
def test_an_entry_that_does_not_fit_its_archive_is_refused(latin, changed, said):
    wrong = replace(latin, **changed)
    with pytest.raises(InputError, match=re.escape(said)):
        fetch(wrong, nothing)
    assert not wrong.here
    assert not list(wrong.folder.glob(".text.*"))


def test_a_text_that_is_none_in_its_encoding_is_refused(server, entry):
    server.does.content = rb"\ud800"
    wrong = replace(entry, sha256="", bytes=0, encoding="raw_unicode_escape")
    with pytest.raises(InputError, match=r"night.txt of the corpus 'night' is not in the encoding"):
        fetch(wrong, nothing)
    assert not wrong.here


@pytest.mark.parametrize(
    "fields",
    [
        'path = "a"\nencoding = "latin-1"',
        'path = "a"\nonly = "a.txt"',
        f'url = "https://example.org/a.zip"\nsha256 = "{"0" * 64}"\nsha512 = "{"0" * 128}"',
        f'url = "https://example.org/"\nsha512 = "{"0" * 128}"\nfiles = {{ "a.txt" = "{"0" * 64}" }}',
    ],
)
def test_what_would_not_be_used_is_refused(tmp_path, fields):
    (tmp_path / "a.toml").write_text(fields)
    with pytest.raises(InputError, match="contradicts itself"):
        read_entries(tmp_path)


@pytest.mark.parametrize(("key", "value"), [("sha512", "0" * 64), ("encoding", "zip"), ("encoding", "latin-99")])
def test_an_entry_with_no_such_checksum_or_encoding_is_refused(tmp_path, key, value):
    (tmp_path / "a.toml").write_text(f'url = "https://example.org/a.zip"\n{key} = "{value}"\n')
    with pytest.raises(InputError, match=f"The {key} .*a.toml"):
        read_entries(tmp_path)
