"""How models are made from text: the trainer of networks, and the kinds of models by name."""

from typing import TYPE_CHECKING

from toolkit.registry import Registry

if TYPE_CHECKING:
    from toolkit.training.kinds import ModelKind

DEFAULT_MODEL = "lstm"  # of a column that names no model
MODELS: "Registry[ModelKind]" = Registry(
    "model",
    "toolkit.models",
    {
        "lstm": "toolkit.training.kinds:lstm",
        "gru": "toolkit.training.kinds:gru",
        "ngram": "toolkit.training.kinds:Counted",
    },
)
