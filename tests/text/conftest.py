"""What tests of words in scripts without spaces share."""

import pytest

from toolkit.text import unspaced


@pytest.fixture
def by_characters(monkeypatch):
    """No segmenter is installed."""
    monkeypatch.setattr(unspaced, "missing_segmenter", lambda _: "python -m pip install it")
