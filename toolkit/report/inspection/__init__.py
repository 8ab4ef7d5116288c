"""Inspection -> one self-contained HTML file."""

from toolkit.report.inspection.page import render

__all__ = ["render"]
