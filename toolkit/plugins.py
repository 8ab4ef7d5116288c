"""Plug-ins by name: built in, registered by a script or a file of ``--code``, or installed as entry points."""

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from contextvars import ContextVar
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

from toolkit.errors import InputError, first_line, out_of_memory, unknown

T = TypeVar("T")

PREFIX = "toolkit_code_"  # of the names of modules that are files of --code
_RUNNING: ContextVar[str | None] = ContextVar("the module of the file of --code that is running", default=None)


class Registry(Generic[T]):
    """Factories of one kind, by name.

    Built-in ones are given as ``module:attribute`` and imported on first use, so listing them costs nothing. Further
    ones come from the decorator ``add`` or an entry point of ``group``.
    """

    def __init__(self, kind: str, group: str, ours: dict[str, str]) -> None:
        self.kind, self.group = kind, group
        self._factories: dict[str, str | Callable[..., T]] = dict(ours)
        # Of added names: the module of a file of --code; None for a script.
        self._modules: dict[str, str | None] = {}

    def add(self, name: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """Return a decorator that registers a factory. A file of ``--code`` that has failed may add its names again.

        Raises InputError if the name is taken.
        """

        def register(factory: Callable[..., T]) -> Callable[..., T]:
            module = _RUNNING.get()
            if name in self._factories and (module is None or self._modules.get(name) != module):
                raise InputError(f"There is already a {self.kind} named {name!r}; choose another name.")
            self._factories[name], self._modules[name] = factory, module
            return factory

        return register

    def __iter__(self) -> Iterator[str]:
        """Iterate over all names, built-in ones first."""
        names = (point.name for point in self._installed)
        return iter(dict.fromkeys([*self._factories, *names]))

    def built_in(self, name: str) -> bool:
        """Return whether a plug-in belongs to this package."""
        return isinstance(self._factories.get(name), str)

    def factory(self, name: str) -> Callable[..., T]:
        """Return the factory with a name. Raises InputError for an unknown name."""
        factory = self._factories.get(name)
        if isinstance(factory, str):
            module, _, attribute = factory.partition(":")
            return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]
        if factory is not None:
            return factory
        if (point := self._entry_point(name)) is None:
            raise unknown(self.kind, name, self)
        return point.load()  # type: ignore[no-any-return]

    def origin(self, name: str) -> str | None:
        """Return the place of foreign code and its SHA-256: a file of ``--code``, or an installed package and version.

        None stands for our own code. Raises InputError for code that this script has registered: no other process,
        and so no proof, can run it.
        """
        if name in self._modules and self._modules[name] is None:
            raise InputError(
                f"Other processes do not know the {self.kind} {name!r} of this script. Give its file as code."
            )
        if module := sys.modules.get(self._modules.get(name) or ""):
            return f"{Path(str(module.__file__)).name} {module.__dict__['__digest__']}"
        if name in self._factories or not (point := self._entry_point(name)):
            return None
        package = f"{point.dist.name} {point.dist.version}" if point.dist else point.module
        return f"{package} {source_sha256(point.module)}"

    @property
    def _installed(self) -> EntryPoints:
        return installed(self.group, tuple(sys.path))

    def _entry_point(self, name: str) -> EntryPoint | None:
        return next(iter(self._installed.select(name=name)), None)

    def settings(self, name: str) -> list[str]:
        """Return the settings of a plug-in: its factory's keyword arguments."""
        parameters = inspect.signature(self.factory(name)).parameters.values()
        return [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]

    def make(self, name: str, /, **settings: Any) -> T:
        """Return the plug-in with a name and settings."""
        return self.factory(name)(**settings)


@cache  # to read the files of all installed packages takes milliseconds
def installed(group: str, path: tuple[str, ...]) -> EntryPoints:  # noqa: ARG001 - the cache's key
    """Return the entry points of a group in all packages on a path, which is ``sys.path``."""
    return entry_points(group=group)


@cache  # this process keeps running the files that it has first asked for
def source_sha256(module: str) -> str:
    """Return the SHA-256 of all files, with their paths, of the package that a module is in, or of its single file.

    Nothing is imported. The folders of a namespace shared by several packages are skipped.
    """
    names = module.split(".")
    specs = (find_spec(".".join(names[:depth])) for depth in range(1, len(names) + 1))
    spec = next((spec for spec in specs if spec and spec.origin), None)
    if spec is None:
        raise InputError(f"The module {module!r} of a plug-in is missing. Install its package again.")
    file = Path(str(spec.origin))
    files = sorted(file.parent.rglob("*")) if spec.submodule_search_locations else [file]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file() and "__pycache__" not in path.parts:
            place = path.relative_to(file.parent).as_posix()
            digest.update(f"{place} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def load_code(path: Path) -> str:
    """Run a Python file, which registers its plug-ins, unless it was run before. Return the SHA-256 of its text.

    Its output goes to standard error: on standard output a command may print JSON. Raises InputError if the file
    raises an exception or has changed since it was run; only lack of memory is raised as it is.
    """
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    name = f"{PREFIX}{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    if name in sys.modules:
        if sys.modules[name].__dict__["__digest__"] != digest:
            raise InputError(f"The code {path} has changed since it was run; start again in a new process.")
        return digest
    module = sys.modules[name] = ModuleType(name)
    module.__dict__.update(__file__=str(path), __digest__=digest)
    token = _RUNNING.set(name)
    try:
        with redirect_stdout(sys.stderr):
            exec(compile(content, str(path), "exec"), module.__dict__)
    except BaseException as error:
        del sys.modules[name]  # so that the corrected file can be run
        if isinstance(error, InputError) or not isinstance(error, Exception | SystemExit) or out_of_memory(error):
            raise
        raise InputError(f"The code {path} fails with {type(error).__name__}: {first_line(error)}.") from error
    finally:
        _RUNNING.reset(token)
    return digest


def digests() -> dict[Path, str]:
    """Return the SHA-256 of every file run so far, by the file's path."""
    modules = [module for name, module in sys.modules.items() if name.startswith(PREFIX)]
    return {Path(str(module.__file__)): module.__dict__["__digest__"] for module in modules}
