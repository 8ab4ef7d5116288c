"""A model that is made of several others."""

import hashlib
from collections.abc import Sequence
from typing import ClassVar

from toolkit.inference.model import Model


class Several(Model):
    """What models made of others have in common: they are as large as all of these together."""

    models: Sequence[Model]
    sign: ClassVar[bytes] = b""  # of what is made of them, in its fingerprint

    @property
    def parameters(self) -> int:
        """Of all models together."""
        return sum(model.parameters for model in self.models)

    @property
    def embedding_parameters(self) -> int:
        """Of all models together."""
        return sum(model.embedding_parameters for model in self.models)

    @property
    def multiply_adds(self) -> int:
        """Of one event of each model."""
        return sum(model.multiply_adds for model in self.models)

    def fingerprint(self) -> bytes:
        """Eight bytes that identify the models' runs, their order, and what is made of them.

        Raises InputError if one was not loaded.
        """
        return hashlib.sha256(b"".join([self.sign, *(model.fingerprint() for model in self.models)])).digest()[:8]
