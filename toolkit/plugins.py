"""Plug-ins from Python files, which register tokenizers, strategies and the like."""

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from traceback import walk_tb
from typing import NamedTuple

from toolkit import registry
from toolkit.errors import InputError, first_line, out_of_memory

PREFIX = "toolkit_code_"  # of the names of modules that were loaded this way


def digests() -> dict[Path, str]:
    """The SHA-256 of every file run so far, by the file's path."""
    modules = [module for name, module in sys.modules.items() if name.startswith(PREFIX)]
    return {Path(str(module.__file__)): module.__dict__["__digest__"] for module in modules}


def changed(code: Mapping[str, str]) -> str | None:
    """The first path in ``code`` (paths with their SHA-256) whose file was run with different text, or None.

    A file is identified by its text, wherever it is. If no file with that text was run, one with the same name counts
    as its changed version, unless it is another file in ``code``.
    """
    by_path = digests()
    others = {path.name for path, digest in by_path.items() if digest not in code.values()}
    missing = (path for path, digest in code.items() if digest not in by_path.values())
    return next((path for path in missing if Path(path).name in others), None)


class Place(NamedTuple):
    """A line of a file that was run, and the name of the function that it is in."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        """The place as part of a sentence.

        >>> str(Place("mine.py", 14, "class_of")), str(Place("mine.py", 3, "<module>"))
        ('class_of (mine.py, line 14)', 'mine.py, line 3')
        """
        place = f"{self.file}, line {self.line}"
        return f"{self.function} ({place})" if self.function.isidentifier() else place


def place_of(error: BaseException) -> Place | None:
    """Where in the files run so far an error arose: the innermost line of one of them; None if it was in none."""
    place = None
    for frame, line in walk_tb(error.__traceback__):
        if str(frame.f_globals.get("__name__")).startswith(PREFIX):
            place = Place(frame.f_code.co_filename, line, frame.f_code.co_name)
    return place


def shown(path: str | Path) -> str:
    """A file's path as a person writes it: from the working folder on, unless that is longer."""
    return min(str(path), os.path.relpath(path), key=len)


def load_code(path: Path, called: str | None = None) -> str:
    """Run a Python file, which registers its plug-ins, unless it was run before; returns the SHA-256 of its text.

    In what is said of an error in it, it is ``called`` so, by default as ``shown`` says. What it prints goes to
    standard error: on standard output a command may print JSON. Raises InputError if the file cannot be read, raises
    an exception, or has changed since it was run; only lack of memory is raised as it is.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"The code {path} cannot be read: {error.strerror}; give a Python file.") from error
    digest = hashlib.sha256(content).hexdigest()
    name = f"{PREFIX}{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    if name in sys.modules:
        if sys.modules[name].__dict__["__digest__"] != digest:
            raise InputError(f"The code {path} has changed since it was run; start again in a new process.")
        return digest
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"The code {path} is not a Python file; give one whose name ends in .py.")
    module = importlib.util.module_from_spec(spec)
    module.__dict__["__digest__"] = digest
    sys.modules[name] = module
    undo: list[Callable[[], object]] = []
    before = registry.UNDO.set(undo)
    try:
        with redirect_stdout(sys.stderr):
            exec(compile(content, called or shown(path), "exec"), module.__dict__)  # not what Python kept of older text
    except BaseException as error:
        del sys.modules[name]
        for remove in undo:  # so that the mended file can be run
            remove()
        if isinstance(error, InputError) or not isinstance(error, Exception | SystemExit) or out_of_memory(error):
            raise
        line = f" in line {place.line}" if (place := place_of(error)) else ""
        what = f"{type(error).__name__}: {first_line(error)}"
        raise InputError(f"The code {path} fails{line} with {what}; fix it.") from error
    finally:
        registry.UNDO.reset(before)
    return digest
