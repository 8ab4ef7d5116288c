"""Gradients of our own in a graph, which go when the graph does."""

import weakref
from collections.abc import Callable
from typing import Any

from toolkit.network.backend import gradient_registry, tf


def own_gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """``tf.custom_gradient`` of a function, whose gradient is held by the graph that it is called in.

    TensorFlow registers the gradient of every call by a new name, for good, and the gradient holds its graph: a process
    that makes many graphs would keep them all, some megabytes each. Nothing public takes a name back, so in the
    registry the gradient is held weakly. Where TensorFlow keeps it otherwise, nothing but memory is lost.
    """
    with_gradient = tf.custom_gradient(function)

    def called(*arguments: Any) -> Any:
        registered: dict[str, dict[str, Any]] = getattr(gradient_registry, "_registry", {})
        before = set(registered)
        outputs = with_gradient(*arguments)
        for name in registered.keys() - before:
            gradient = registered[name]["type"]
            tf.compat.v1.get_default_graph().add_to_collection("own gradients", gradient)
            registered[name]["type"] = weakly(gradient)
        return outputs

    return called


def weakly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Calls the function as long as somebody else holds it. Raises ReferenceError once nobody does."""
    held = weakref.ref(function)

    def called(*arguments: Any) -> Any:
        if (alive := held()) is None:
            raise ReferenceError("The graph of this gradient is gone.")
        return alive(*arguments)

    return called
