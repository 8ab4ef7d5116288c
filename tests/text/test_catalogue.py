"""Corpora by name: what is known is well formed, nothing is fetched unasked, and one's own are found."""

import re
import socket

import pytest

from toolkit.errors import InputError
from toolkit.text import catalogue
from toolkit.text.catalogue import add, find_corpus, known, readable
from toolkit.text.entries import Entry, own_folder, read_entries, write_own
from toolkit.text.sources import read_corpus


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """An empty cache, an empty working folder, and no network."""

    def refuse(*_):
        raise AssertionError("nothing may be fetched here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.mark.parametrize("name", known())
def test_a_known_corpus_says_all_there_is_to_know(name):
    entry = known()[name]
    assert entry.url.startswith("https://")
    assert all(part.checksum for part in entry.parts)
    assert entry.bytes > 0
    assert entry.language
    assert entry.licence
    assert entry.source.endswith(".")
    assert name not in catalogue.bundled()


def test_a_known_corpus_is_not_fetched_unasked_but_said_how():
    with pytest.raises(InputError, match=r"toolkit corpora get tinyshakespeare$"):
        find_corpus("tinyshakespeare")
    assert "tinyshakespeare" not in readable()


def test_what_was_fetched_is_read_by_its_name_in_its_language():
    entry = known()["tinyshakespeare"]
    entry.text.mkdir(parents=True)
    (entry.text / "input.txt").write_text("First Citizen:\nSpeak.\n")
    corpus = find_corpus("tinyshakespeare", otherwise="fr")
    assert (corpus.name, corpus.language, corpus.characters) == ("tinyshakespeare", "en", 22)
    assert find_corpus("tinyshakespeare", "de").language == "de"
    assert "tinyshakespeare" in readable()


def test_a_folder_here_is_read_rather_than_a_corpus_of_its_name(offline):
    (offline / "work" / "tinyshakespeare").mkdir()
    (offline / "work" / "tinyshakespeare" / "a.txt").write_text("Mine.")
    assert find_corpus("tinyshakespeare").documents[0].text == "Mine."


def test_ones_own_corpus_is_found_from_any_folder(offline, monkeypatch):
    (offline / "work" / "tales.jsonl").write_text('{"body": "Il était une fois."}\n')
    path = add("tales.jsonl", language="fr", text_column="body")
    assert path == own_folder() / "tales.toml"
    monkeypatch.chdir(offline)
    corpus = find_corpus("tales")
    assert (corpus.name, corpus.language, corpus.text_column) == ("tales", "fr", "body")
    assert corpus.sha256 == read_corpus(offline / "work" / "tales.jsonl", text_column="body").sha256
    assert "tales" in readable()
    (offline / "work" / "tales.jsonl").unlink()
    with pytest.raises(InputError, match="no longer at"):
        find_corpus("tales")
    assert "tales" not in readable()


def test_a_file_whose_ending_has_capitals_is_added_without_it(offline):
    (offline / "work" / "TALES.TXT").write_text("Once.")
    assert add("TALES.TXT") == own_folder() / "TALES.toml"
    assert add("https://example.org/NIGHT.ZIP") == own_folder() / "NIGHT.toml"


def test_a_url_may_be_added_and_is_named_after_its_file():
    add("https://example.org/a/tales.tar.gz?raw=1", language="fr", sha256="0" * 64)
    assert read_entries(own_folder()) == {
        "tales": Entry("tales", url="https://example.org/a/tales.tar.gz?raw=1", sha256="0" * 64, language="fr")
    }
    with pytest.raises(InputError, match="toolkit corpora get tales"):
        find_corpus("tales")


@pytest.mark.parametrize("name", ["weird-tales", "tinyshakespeare", "mine", "left"])
def test_a_name_that_is_taken_is_refused(offline, name):
    (offline / "work" / "a.txt").write_text("A")
    write_own(Entry("mine", path=str(offline)))
    (own_folder() / "left").mkdir()
    with pytest.raises(InputError, match="give another --name"):
        add("a.txt", name)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"place": "nowhere"}, "No file or folder"),
        ({"place": "a.txt", "name": "../a"}, "cannot name a corpus"),
        ({"place": "a.txt", "name": ".a"}, "cannot name a corpus"),
        ({"place": "a.txt", "language": "english"}, "in the new entry is no code"),
        ({"place": "a.txt", "sha256": "0" * 64}, "is for a URL"),
        ({"place": "b.jsonl"}, "no column 'text'"),
        ({"place": "file:///etc/passwd"}, "in the new entry is no URL of a file"),
        ({"place": "https://example.org/", "name": "a"}, "in the new entry is no URL of a file"),
        ({"place": "https://example.org/a%2F..", "name": "a"}, "in the new entry is no URL of a file"),
        ({"place": "https://example.org/a.txt", "sha256": "0"}, "The sha256 in the new entry is '0'; give 64"),
    ],
)
def test_what_cannot_be_added_is_refused(offline, asked, said):
    (offline / "work" / "a.txt").write_text("A")
    (offline / "work" / "b.jsonl").write_text('{"body": "B"}')
    with pytest.raises(InputError, match=re.escape(said)):
        add(**asked)
    assert read_entries(own_folder()) == {}


URL = 'url = "https://example.org/"\nfiles = '


@pytest.mark.parametrize(
    "content",
    [
        "", "url = ", "url = 3", 'path = "/a"\nbytes = "1"', 'colour = "red"', 'path = "/a"\nurl = "https://a/b"',
        URL + '{"../a.txt" = "' + "0" * 64 + '"}', URL + '{"a.txt" = ""}', URL + '{"a.txt" = "0"}', URL + "{}",
        URL + '{"a.txt" = 3}', URL + '"a.txt"',
    ],
)  # fmt: skip
def test_an_entry_that_is_none_is_refused_naming_its_file(content):
    own_folder().mkdir(parents=True)
    (own_folder() / "a.toml").write_text(content)
    with pytest.raises(InputError, match=r"a\.toml"):
        catalogue.entries()
    assert find_corpus("weird-tales").documents  # which needs no entry


def test_lovecrafts_tales_are_those_that_the_reports_speak_of():
    entry = known()["lovecraft"]
    assert len(entry.files) == len({part.download for part in entry.parts}) == 67
    assert {part.url for part in entry.parts} == {entry.url + name for name in entry.files}
