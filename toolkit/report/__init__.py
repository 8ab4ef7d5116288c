"""Comparison -> one self-contained HTML file."""

import sys

from toolkit.errors import InputError

if sys.flags.optimize > 1:  # said here, before anything is trained
    raise InputError(
        "Python runs without docstrings (-OO), and the charts' library, Altair, reads them; leave out -OO."
    )

from toolkit.report.page import render  # noqa: E402 - it imports Altair

__all__ = ["render"]
