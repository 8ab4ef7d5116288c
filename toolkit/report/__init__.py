"""Comparison -> one self-contained HTML file."""

import sys

from toolkit.errors import InputError

if sys.flags.optimize > 1:  # said here, before anything is trained
    raise InputError("Python runs without docstrings (-OO), which Altair, the charts' library, reads; leave out -OO.")

from toolkit.report.page import render

__all__ = ["render"]
