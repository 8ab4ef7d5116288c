"""Comparison -> one self-contained HTML file."""

import sys
from pathlib import Path

from toolkit.errors import InputError

if sys.flags.optimize > 1:  # said here, before anything is trained
    raise InputError("Python runs without docstrings (-OO), which Altair, the charts' library, reads; leave out -OO.")

try:
    Path.home()
except RuntimeError as error:
    raise InputError(
        "This user has no home folder, which Altair, the charts' library, looks for; set HOME to a folder."
    ) from error

from toolkit.report.page import render

__all__ = ["render"]
