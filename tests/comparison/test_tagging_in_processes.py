"""Texts tagged in several processes leave in the cache what one process would."""

import pytest

from toolkit.comparison import tagging
from toolkit.runs.process import Crew
from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger
from toolkit.tokenizers import TOKENIZERS

DOCUMENTS = [Document(str(i), f"The moon rose {i} times--and Eldreth don't ask (why).\n\nIt sank.") for i in range(6)]


class Stages:
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stage(self, text: str) -> None:
        self.told.append(text)


@pytest.mark.slow
@pytest.mark.parametrize("dashes", [False, True])
def test_several_processes_leave_the_tags_that_one_leaves(tmp_path, monkeypatch, dashes):
    alone = Tagger(tags=False, cuts_dashes=dashes)
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "alone"))
    expected = [alone.tag(document.text) for document in DOCUMENTS]
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "several"))
    stages = Stages()
    tagger = Tagger(tags=False, cuts_dashes=dashes)
    with Crew(2, {}) as crew:
        tagging.tag(tagger, DOCUMENTS, crew, stages, least=0)
        assert "6 of 6 texts" in stages.told[0]
        assert all(map(tagger.cached, (document.text for document in DOCUMENTS)))
        monkeypatch.setattr(tagger, "tag_anew", lambda _: pytest.fail("it was not in the cache"))
        assert [tagger.tag(document.text) for document in DOCUMENTS] == expected
        tagging.tag(tagger, DOCUMENTS, crew, stages := Stages())
        assert not stages.told


@pytest.mark.parametrize("name", ["whitespace", "spaced"])
def test_a_tokenizer_whose_words_a_pattern_cuts_asks_a_tagger_for_tags_alone(name):
    """Thai, Korean and Vietnamese need packages for spaCy's words, but none for these."""
    unasked = TOKENIZERS.make(name, strategy="unk", language="th")
    assert tagging.tagger_of(unasked, ()) is None
    unasked.check()
    assert tagging.tagger_of(TOKENIZERS.make(name, strategy="pos"), ()).tags
