"""Plug-ins that a test adds and that end with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy

from toolkit.plugins import Registry


@contextmanager
def restored(*registries: Registry) -> Iterator[None]:
    """Remove at the end of a block the names that were added in it."""
    states = [{name: copy(value) for name, value in vars(registry).items()} for registry in registries]
    try:
        yield
    finally:
        for registry, state in zip(registries, states, strict=True):
            vars(registry).update(state)
