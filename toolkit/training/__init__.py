"""How models are made from text: the trainer of networks, and the kinds of models by name."""

from typing import TYPE_CHECKING

from toolkit.network import CELLS
from toolkit.plugins import Registry

if TYPE_CHECKING:
    from toolkit.training.kinds import ModelKind

DEFAULT_MODEL = "lstm"  # of a column that names no model
MODELS: "Registry[ModelKind]" = Registry("model", "toolkit.models", {"ngram": "toolkit.training.kinds:Counted"})


def model_names() -> list[str]:
    """Return the models that a column can name: networks by their cell, then other models."""
    return [*CELLS, *MODELS]


def model_kind(name: str) -> "ModelKind":
    """Return the kind of a model. Raises InputError for an unknown name."""
    from toolkit.training.kinds import Neural

    return Neural(name) if name in CELLS else MODELS.make(name)
