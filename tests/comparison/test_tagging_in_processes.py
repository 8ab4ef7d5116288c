"""Texts tagged in several processes leave in the cache what one process would."""

import pytest

from toolkit.comparison.progress import Reporter
from toolkit.comparison.work import tag
from toolkit.runs.process import Crew
from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger

DOCUMENTS = [Document(str(i), f"The moon rose {i} times--and Eldreth don't ask (why).\n\nIt sank.") for i in range(6)]


@pytest.mark.slow
@pytest.mark.parametrize("dashes", [False, True])
def test_several_processes_leave_the_tags_that_one_leaves(tmp_path, monkeypatch, dashes):
    tagger = Tagger(tags=False, cuts_dashes=dashes)
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "alone"))
    expected = [tagger.tag(document.text) for document in DOCUMENTS]
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "several"))
    assert not any(tagger.cached(document.text) for document in DOCUMENTS)
    with Crew(2, {}) as crew:
        tag(tagger, DOCUMENTS, crew, Reporter(), least=0)
    assert all(tagger.cached(document.text) for document in DOCUMENTS)
    assert [tagger.tag(document.text) for document in DOCUMENTS] == expected
