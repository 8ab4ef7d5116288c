"""Plug-ins from Python files, which register tokenizers, strategies and the like."""

import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path

from toolkit.errors import InputError, first_line
from toolkit.registry import RUNNING_FILE

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


def load_code(path: Path) -> str:
    """Run a Python file, which registers its plug-ins, unless it was run before; returns the SHA-256 of its text.

    What it prints goes to standard error: on standard output a command may print JSON. Raises InputError if the file
    cannot be read, raises an exception, or has changed since it was run.
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
    running = RUNNING_FILE.set(True)
    try:
        with redirect_stdout(sys.stderr):
            exec(compile(content, path, "exec"), module.__dict__)  # and not what Python has kept of an earlier text
    except InputError:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(f"The code {path} fails with {type(error).__name__}: {first_line(error)}; fix it.") from error
    finally:
        RUNNING_FILE.reset(running)
    return digest
