"""Errors that a user can fix: raised anywhere, shown by the command line as one sentence with exit code 2."""

import difflib
import errno
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MOST_COUNTED = 2**53  # of anything: beyond, a float has no whole numbers
LARGEST = 2**31 - 1  # of whole numbers: a seed has 31 bits
DEBUGGING = "TOOLKIT_DEBUG"  # a variable of the environment: set, tracebacks are shown
KILLED = "its process was killed, as systems do when memory runs short; the same command tries again"
OUT_OF_MEMORY = (
    "there was not enough memory for it; the same command computes it again: give fewer --workers, or smaller values "
    "with --set"
)
PASSING = (OUT_OF_MEMORY, KILLED)  # reasons of the moment: the same again may succeed
INTERRUPTED_CODE = 130  # with which the command line ends when it was interrupted, after this:
INTERRUPTED = "toolkit: interrupted; comparisons and reproductions keep finished parts: repeat the command to continue."
FULL = (errno.ENOSPC, errno.EDQUOT)
DISK = (*FULL, errno.EROFS, errno.EIO)
SHOULD_BE = "Input should be "  # begins what pydantic says of a value that it refuses
IN_OUR_WORDS = {  # what may follow: how it begins, and what we say instead
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "a valid string": "a text",
    "a valid dictionary": "a table of settings",
}
HARMLESS = "\n\t\u00ad\u200c\u200d"  # line end, tab, soft hyphen, and what parts or joins letters and emoji


class InputError(ValueError):
    """Bad input or environment; the message says what is wrong, what is allowed, what was given and what to do."""


class CodedDataError(InputError):
    """Coded data that no coder can have written with these distributions, or that ends too early."""


def first_line(error: BaseException) -> str:
    """The first line of an error's message, without the full stop: messages of other packages can be pages long.

    Of pydantic's, whose first line counts its errors, the first of these.

    >>> first_line(ValueError("No such thing.\\nSee the manual."))
    'No such thing'
    """
    pydantic = sys.modules.get("pydantic")  # if it is not loaded, nothing was raised by it
    if pydantic is not None and isinstance(error, pydantic.ValidationError):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}" if place else str(first["msg"])
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def misfit(file: Path, error: BaseException, remedy: str) -> InputError:
    """The error for a file that cannot be read, is damaged, or has the format of another version of this program."""
    why = f"{type(error).__name__}: {first_line(error)}"
    return InputError(f"{file} is damaged or from another version of toolkit ({why}); {remedy}.")


def wanted(said: str) -> str:
    """What is to be given instead, by what pydantic says that a value should be.

    >>> wanted("Input should be a valid integer, unable to parse string as an integer")
    'a whole number'
    >>> wanted("Input should be greater than or equal to 2"), wanted("Input should be 'adam' or 'sgd'")
    ('a number greater than or equal to 2', "'adam' or 'sgd'")
    """
    rest = said.removeprefix(SHOULD_BE)
    if rest.startswith(("greater than ", "less than ")):
        return f"a number {rest}"
    return next((ours for theirs, ours in IN_OUR_WORDS.items() if rest.startswith(theirs)), rest)


def printable(text: str) -> str:
    r"""The text with control characters spelled out, line ends and tabs apart: names may hold commands for a terminal.

    So are the marks that turn the direction of writing; spaces of other widths and what joins letters stay.

    >>> printable("a\x1b[31mred")
    'a\\x1b[31mred'
    """
    if text.isprintable():
        return text
    return "".join(c if is_shown(c) else c.encode("unicode_escape").decode("ascii") for c in text)


def is_shown(character: str) -> bool:
    """Whether a terminal can be given a character as it is."""
    return character.isprintable() or character in HARMLESS or unicodedata.category(character) == "Zs"


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out; TensorFlow's own error for it is known by its name, since importing it takes seconds."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def disk_is_full(error: BaseException | None) -> bool:
    """Whether there is no room on a disk, or none that this user may take."""
    return isinstance(error, OSError) and error.errno in FULL


def of_the_disk(error: BaseException | None) -> bool:
    """Whether a disk is full or cannot be written."""
    return isinstance(error, OSError) and error.errno in DISK


def of_the_machine(error: BaseException | None) -> bool:
    """Whether memory ran out, or a disk is full or cannot be written: nobody's code is to blame."""
    return error is not None and (out_of_memory(error) or of_the_disk(error))


class VerificationError(Exception):
    """Coding held-out text disagreed with the reported bits: the message says where. Exit code 1."""


class ContractError(AssertionError):
    """A tokenizer or strategy breaks its contract, so its bits are no proof of anything: the message says where."""


class OutOfMemoryError(MemoryError):
    """Memory ran out for one column: that one has no result, and nobody's code is to blame."""


class KilledError(Exception):
    """A process that computes was killed, as systems do when memory runs short: nobody's code is to blame."""


def whole_number(name: str, value: int, least: int, most: int = LARGEST) -> int:
    """The value. Raises InputError if it is not a whole number from ``least`` to ``most``; at most, that of a seed."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InputError(f"{name} is {value!r}; give a whole number from {least} to {most}.")
    return value


def within(name: str, value: Any, least: float, most: float, kind: type = float) -> Any:
    """The value. Raises ValueError if it is no number of this kind from ``least`` to ``most``."""
    number = type(value) is int or (kind is float and type(value) is float)
    if not number or not least <= value <= most:
        raise ValueError(f"{name} is {value!r}, not a number from {least:g} to {most:g}")
    return value


def pip_install(*packages: str) -> str:
    """The command that installs packages, wherever this one was installed from.

    >>> pip_install("sudachipy", "sudachidict_core")
    'python -m pip install sudachipy sudachidict_core'
    """
    return f"python -m pip install {' '.join(packages)}"


def nearest(name: str, known: Iterable[str], are: str = "known are") -> str:
    """The known names as part of a sentence, with the most similar one first; they are what ``are`` says.

    >>> nearest("wrod", ["char", "word"])
    "did you mean 'word'? Known are: char, word"
    """
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    begun = f"did you mean {close[0]!r}? {are.capitalize()}: " if close else f"{are}: "
    return begun + ", ".join(names)
