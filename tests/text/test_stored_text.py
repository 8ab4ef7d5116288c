"""A stored text that is asked for again and again is read once."""

from pathlib import Path

from toolkit.text.stored import LAST, StoredDocument


def test_a_text_asked_for_again_is_not_read_again(tmp_path, monkeypatch):
    file = tmp_path / "texts"
    file.write_text("one two")
    opened = []
    original = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *args, **kw: opened.append(path) or original(path, *args, **kw))
    one, two = (StoredDocument(name, name, file, start, start + 3, 3) for name, start in (("a", 0), ("b", 4)))
    assert [one.text[i] + two.text[i] for i in range(3)] == ["ot", "nw", "eo"]
    assert len(opened) == 2
    assert LAST >= 2
