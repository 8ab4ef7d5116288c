"""Registry: maps a name to a plug-in, built in or from an entry point; an unknown name is met with the nearest one."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from toolkit.errors import InputError, nearest

T = TypeVar("T")
RUNNING_FILE = ContextVar("whether a file of --code is being run (plugins.py)", default=False)


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
            if not RUNNING_FILE.get():
                self._only_here.add(name)
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
        others = (point.name for point in entry_points(group=self.group))
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

    def factory(self, name: str) -> Callable[..., T]:
        """The factory with a name. Raises InputError, with the nearest name, if there is none."""
        factory = self._factories.get(name)
        if isinstance(factory, str):
            module, _, attribute = factory.partition(":")
            return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]
        if factory is not None:
            return factory
        for point in entry_points(group=self.group):
            if point.name == name:
                return point.load()  # type: ignore[no-any-return]
        raise InputError(f"There is no {self.kind} {name!r}; {nearest(name, self)}.")

    def settings(self, name: str) -> list[str]:
        """The settings of a plug-in: its factory's keyword arguments."""
        parameters = inspect.signature(self.factory(name)).parameters.values()
        return [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]

    def make(self, name: str, /, **settings: Any) -> T:
        """The plug-in with a name. Raises InputError for a setting that it does not have, or if it is unfinished."""
        factory = self.factory(name)
        if lacking := sorted(getattr(factory, "__abstractmethods__", ())):
            raise InputError(f"The {self.kind} {name!r} has no {' and no '.join(lacking)}; implement what is missing.")
        known = self.settings(name)
        for setting in settings:
            if setting not in known:
                allowed = nearest(setting, known) if known else "it has none"
                raise InputError(f"The {self.kind} {name!r} has no setting {setting!r}; {allowed}.")
        return factory(**settings)
