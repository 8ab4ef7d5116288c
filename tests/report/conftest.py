"""Chromium, and the flag that writes the rendered sentences anew."""

import pytest

from .browsing import browser  # noqa: F401 - a fixture


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest tests/report --rendered`` writes sentences.txt anew, to be reviewed as a diff."""
    parser.addoption("--rendered", action="store_true", help="write tests/report/sentences.txt anew")
