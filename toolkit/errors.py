"""Errors that a user can fix: raised anywhere, the command line shows a sentence and ends with exit code 2."""

import difflib
import errno
import reprlib
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

MAX_NAMES = 12  # listed in an error
MAX_SEED = 2**31 - 1
DEBUGGING = "TOOLKIT_DEBUG"  # an environment variable: if it is set, tracebacks are shown
KILLED = "its process was killed, as systems do when memory runs short; the same command tries again"
OUT_OF_MEMORY = (
    "there was not enough memory for it; repeat the command with fewer --workers or smaller values of --set"
)
PASSING = (OUT_OF_MEMORY, KILLED)  # reasons that may be gone when the command is repeated
FULL = (errno.ENOSPC, errno.EDQUOT)  # a disk, or the user's share of it
UNWRITABLE = (*FULL, errno.EROFS, errno.EIO)
INVISIBLE = "\n\t\u00ad\u200c\u200d"  # harmless: line end, tab, soft hyphen, and the joiners of letters and emoji


class InputError(ValueError):
    """Bad input or environment: the message names the fault, the choices and the remedy."""


class VerificationError(Exception):
    """Coding held-out text disagreed with the reported bits: the message says where. Exit code 1."""


class ContractError(AssertionError):
    """A tokenizer or strategy breaks its contract, so its bits prove nothing: the message says where."""


class KilledError(Exception):
    """Memory ran out for a column, or its process was killed for it. It has no result; its code is not at fault."""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, without the full stop; for pydantic, its first error.

    >>> first_line(ValueError("No such thing.\\nSee the manual."))
    'No such thing'
    """
    if type(error).__name__ == "ValidationError":  # known by its name, since importing pydantic takes long
        details: Any = error
        first = details.errors()[0]
        got = f", not {reprlib.repr(first['input'])}" if first["msg"].startswith("Input should be") else ""
        place = ".".join(map(str, first["loc"]))
        fault = f"{first['msg']}{got}"
        return f"{place}: {fault}" if place else fault
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def misfit(file: Path, error: BaseException, remedy: str) -> InputError:
    """Return the error for a file that is damaged or has the format of another version of this program."""
    why = f"{type(error).__name__}: {first_line(error)}"
    return InputError(f"{file} is damaged or from another version of toolkit ({why}); {remedy}.")


def unknown(
    kind: str, name: str, known: Iterable[str], example: Callable[[str], str] | None = None
) -> InputError:
    """Return the error for an unknown name. It lists the known ones, the nearest first; of many the nearest ones.

    ``example`` writes what was meant with the nearest name.

    >>> unknown("tokenizer", "wrod", ["char", "word"])
    InputError("Unknown tokenizer 'wrod'. Choose from: word, char.")
    """
    names = difflib.get_close_matches(name, list(known), n=MAX_NAMES, cutoff=0.0)
    meant = f" For example: {example(names[0])}." if example and names else ""
    return InputError(f"Unknown {kind} {name!r}. Choose from: {', '.join(names) or '(none)'}.{meant}")


def printable(text: str) -> str:
    r"""Return the text with escaped control characters, since a name may hold commands for a terminal.

    >>> printable("a\x1b[31mred")
    'a\\x1b[31mred'
    """
    shown = (c.isprintable() or c in INVISIBLE or unicodedata.category(c) == "Zs" for c in text)
    return "".join(c if ok else c.encode("unicode_escape").decode() for c, ok in zip(text, shown, strict=True))


def out_of_memory(error: BaseException) -> bool:
    """Return whether memory ran out; TensorFlow's error is known by its name, since importing it takes seconds."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def of_the_machine(error: BaseException | None) -> bool:
    """Return whether memory ran out, or a disk is full or unwritable: no code is at fault."""
    return error is not None and (out_of_memory(error) or getattr(error, "errno", None) in UNWRITABLE)


def whole_number(name: str, value: int, least: int, most: int = MAX_SEED) -> int:
    """Return the value. Raises InputError unless it is a whole number from ``least`` to ``most``."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InputError(f"{name} is {value!r}; give a whole number from {least} to {most}.")
    return value
