"""What tests of words in scripts without spaces share."""

import pytest

from toolkit.text import neutral


@pytest.fixture
def by_characters(monkeypatch):
    """No segmenter is installed."""
    monkeypatch.setattr(neutral, "missing_segmenter", lambda _: "python -m pip install it")
