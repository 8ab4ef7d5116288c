"""The speller where spelling costs nothing but the choice of a character: one uniform event."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from toolkit.probability import Distribution, UnseenCharacters


class CodePoints:
    """The speller of single unseen characters: one event, uniform over them. It keeps no state of a document."""

    def __init__(self, seen: Iterable[str]) -> None:
        self.seen = sorted(seen)
        self.unseen = UnseenCharacters(self.seen)

    def start(self) -> Self:
        """Every document begins alike."""
        return self

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:  # noqa: ARG002
        """The character's number among the unseen ones."""
        yield self.unseen.distribution, self.unseen.number(surface)

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:  # noqa: ARG002
        """The unseen character of the picked number."""
        return self.unseen.character(pick(self.unseen.distribution))

    def observe(self, word_class: str, surface: str) -> None:
        """Nothing is learnt."""

    def to_dict(self) -> dict[str, Any]:
        """The characters seen."""
        return {"characters": "".join(self.seen)}
