"""Comparison -> one self-contained HTML file."""

from toolkit.report.page import render

__all__ = ["render"]
