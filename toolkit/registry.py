"""Registry: maps a name to a plug-in, built in or from an entry point; an unknown name is met with the nearest one."""

import hashlib
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar

from toolkit.errors import InputError, first_line, nearest, out_of_memory

T = TypeVar("T")


UNDO: ContextVar[list[Callable[[], object]] | None] = ContextVar(
    "functions that remove the names added by the file of --code that is being run", default=None
)


@cache  # what this process runs is what the files were when they were first asked for
def source_sha256(module: str) -> str:
    """The SHA-256 of the package that a module is in, by all its files with their places, or of the module's one file.

    Nothing is imported. The folders of a namespace that several packages share are passed over.
    Raises InputError if the module is not there.
    """
    names = module.split(".")
    origin = None
    for depth in range(1, len(names) + 1):
        spec = find_spec(".".join(names[:depth]))
        if spec is None:
            raise InputError(f"The module {module!r} of an installed plug-in is not there; install its package again.")
        if origin := spec.origin:
            break
    digest = hashlib.sha256()
    for file, place in sources(Path(str(origin)), whole=bool(spec and spec.submodule_search_locations)):
        digest.update(f"{place} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def sources(file: Path, *, whole: bool) -> list[tuple[Path, str]]:
    """A module's file, or all files of the package whose first one it is, except bytecode; with their places."""
    if not whole:
        return [(file, file.name)]
    files = (path for path in file.parent.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted((path, path.relative_to(file.parent).as_posix()) for path in files)


def distribution_of(point: EntryPoint) -> str:
    """The distribution of an entry point, with its version; its module if it has none."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module


def plug_ins(group: str) -> EntryPoints:
    """The entry points of a group that are installed now.

    To find them, what is said of every installed package is read, so only once a folder of packages has changed.
    """
    return _plug_ins(group, tuple((folder, _last_changed(folder)) for folder in sys.path))


@lru_cache(maxsize=64)
def _plug_ins(group: str, folders: tuple[tuple[str, int], ...]) -> EntryPoints:  # noqa: ARG001
    """The entry points of a group, as long as the folders of packages stay as they are."""
    return entry_points(group=group)


def _last_changed(folder: str) -> int:
    """When a folder of packages last got or lost one, in nanoseconds; −1 if it is not there."""
    try:
        return os.stat(folder or os.curdir).st_mtime_ns
    except OSError:
        return -1


class Registry(Generic[T]):
    """Factories of one kind, by name.

    Built-in ones are given as ``module:attribute`` and imported on first use, so listing them costs nothing; others
    come from the decorator ``add`` or an entry point of ``group``.
    """

    def __init__(self, kind: str, group: str, ours: dict[str, str]) -> None:
        self.kind = kind
        self.group = group
        self._factories: dict[str, str | Callable[..., T]] = dict(ours)
        self._only_here: set[str] = set()

    def add(self, name: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """A decorator that registers a factory. Raises InputError if the name is taken."""

        def register(factory: Callable[..., T]) -> Callable[..., T]:
            if name in self._factories:
                raise InputError(f"There is already a {self.kind} named {name!r}; choose another name.")
            self._factories[name] = factory
            if (undo := UNDO.get()) is None:
                self._only_here.add(name)
            else:
                undo.append(partial(self._factories.pop, name))
            return factory

        return register

    @contextmanager
    def restored(self) -> Iterator[None]:
        """A block after which the registry is as before: what was added within is removed."""
        before, only_here = dict(self._factories), set(self._only_here)
        try:
            yield
        finally:
            self._factories, self._only_here = before, only_here

    def __iter__(self) -> Iterator[str]:
        """All names, built-in ones first."""
        others = (point.name for point in plug_ins(self.group))
        return iter(dict.fromkeys([*self._factories, *others]))

    def built_in(self, name: str) -> bool:
        """Whether a plug-in is one of this package's own."""
        return isinstance(self._factories.get(name), str)

    def only_here(self, name: str) -> bool:
        """Whether a plug-in was added by what this process runs itself, rather than by a file that any can run."""
        return name in self._only_here

    def check(self, name: str) -> None:
        """Raises InputError, with the nearest name, if a name is unknown."""
        if name not in self:
            raise InputError(f"There is no {self.kind} {name!r}; {nearest(name, self)}.")

    def entry_point(self, name: str) -> EntryPoint | None:
        """The entry point of an installed plug-in; None if a name is built in, was added, or is unknown."""
        if name in self._factories:
            return None
        return next((point for point in plug_ins(self.group) if point.name == name), None)

    def factory(self, name: str) -> Callable[..., T]:
        """The factory with a name. Raises InputError if there is none, naming the nearest, or if it fails to load.

        Only lack of memory is raised as it is: another install would not help.
        """
        factory = self._factories.get(name)
        if isinstance(factory, str):
            return imported(factory)  # type: ignore[no-any-return]
        if factory is not None:
            return factory
        if point := self.entry_point(name):
            try:
                return point.load()  # type: ignore[no-any-return]
            except (Exception, SystemExit) as error:  # someone else's code may raise anything
                if out_of_memory(error):
                    raise
                raise InputError(
                    f"The {self.kind} {name!r} cannot be loaded from the package {distribution_of(point)}: "
                    f"{type(error).__name__}: {first_line(error)}; install the package again, or remove it."
                ) from error
        raise InputError(f"There is no {self.kind} {name!r}; {nearest(name, self)}.")

    def installed(self, name: str | None) -> dict[str, str]:
        """What an installed plug-in is, by its kind and name: distribution, version and the SHA-256 of its source.

        Empty for any other name, and for None.
        """
        point = None if name is None else self.entry_point(name)
        if point is None:
            return {}
        return {f"{self.kind} {name}": f"{distribution_of(point)} {source_sha256(point.module)}"}

    def settings(self, name: str) -> list[str]:
        """The settings of a plug-in: its factory's keyword arguments."""
        parameters = inspect.signature(self.factory(name)).parameters.values()
        return [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]

    def make(self, name: str, /, **settings: Any) -> T:
        """The plug-in with a name. Raises InputError for a setting that it does not have."""
        factory = self.factory(name)
        known = self.settings(name)
        for setting in settings:
            if setting not in known:
                allowed = nearest(setting, known) if known else "it has none"
                raise InputError(f"The {self.kind} {name!r} has no setting {setting!r}; {allowed}.")
        return factory(**settings)


def imported(place: str) -> Any:
    """What a place, ``module:attribute``, has."""
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
