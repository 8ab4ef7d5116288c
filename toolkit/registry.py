"""Registry: a name -> a plug-in, ours or an entry point's; an unknown name is answered with the nearest."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from toolkit.errors import InputError, nearest

T = TypeVar("T")


class Registry(Generic[T]):
    """Factories of one kind, by name.

    Ours are given as ``module:attribute`` and imported when asked for, so that listing them costs nothing; others
    come by the decorator ``add`` or by an entry point of ``group``.
    """

    def __init__(self, kind: str, group: str, ours: dict[str, str]) -> None:
        self.kind = kind
        self.group = group
        self._factories: dict[str, str | Callable[..., T]] = dict(ours)

    def add(self, name: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """A decorator that registers a factory. Raises InputError where the name is taken."""

        def register(factory: Callable[..., T]) -> Callable[..., T]:
            if name in self._factories:
                raise InputError(f"There already is a {self.kind} named {name!r}; choose another name.")
            self._factories[name] = factory
            return factory

        return register

    @contextmanager
    def restored(self) -> Iterator[None]:
        """A block after which the registry has what it had before: what was added within is taken back."""
        before = dict(self._factories)
        try:
            yield
        finally:
            self._factories = before

    def __iter__(self) -> Iterator[str]:
        """All names, ours first."""
        others = (point.name for point in entry_points(group=self.group))
        return iter(dict.fromkeys([*self._factories, *others]))

    def check(self, name: str) -> None:
        """Raises InputError, with the nearest name, where there is nothing of a name."""
        if name not in self:
            raise InputError(f"There is no {self.kind} {name!r}; {nearest(name, self)}.")

    def factory(self, name: str) -> Callable[..., T]:
        """The factory of a name. Raises InputError, with the nearest name, where there is none."""
        found = self._factories.get(name)
        if isinstance(found, str):
            module, _, attribute = found.partition(":")
            return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]
        if found is not None:
            return found
        for point in entry_points(group=self.group):
            if point.name == name:
                return point.load()  # type: ignore[no-any-return]
        raise InputError(f"There is no {self.kind} {name!r}; {nearest(name, self)}.")

    def settings(self, name: str) -> list[str]:
        """The settings that a plug-in takes: its factory's keyword arguments."""
        parameters = inspect.signature(self.factory(name)).parameters.values()
        return [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]

    def make(self, name: str, **settings: Any) -> T:
        """The plug-in of a name. Raises InputError for a setting that it has not, and where it is unfinished."""
        factory = self.factory(name)
        if lacking := sorted(getattr(factory, "__abstractmethods__", ())):
            raise InputError(f"The {self.kind} {name!r} has no {' and no '.join(lacking)}; write what it lacks.")
        known = self.settings(name)
        for setting in settings:
            if setting not in known:
                allowed = nearest(setting, known) if known else "it has none"
                raise InputError(f"The {self.kind} {name!r} has no setting {setting!r}; {allowed}.")
        return factory(**settings)
