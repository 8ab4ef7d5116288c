"""A sample as it is kept: a text filled both ways, with what is marked in it."""

from collections.abc import Mapping

from toolkit.evaluation.author import Author
from toolkit.inference.continuation import Source
from toolkit.results.generated import SHOWN, Fill, Filled, Sample


def sample(prompt: str, seed: int, temperature: float, filled: Mapping[Source, Filled], author: Author) -> Sample:
    """A continuation of the prompt, with words seen in training and, if there is any placeholder, spelled."""
    seen, spelled = (marked(filled[source], author) for source in ("seen", "spelled"))
    return Sample(
        prompt=prompt,
        seed=seed,
        temperature=temperature,
        text=seen.text,
        fills=seen.fills,
        marks=seen.marks,
        spelled=spelled if seen.fills or spelled.fills else None,
    )


def marked(filled: Filled, author: Author) -> Filled:
    """A text with the marks that a report shows."""
    shown = [mark for mark in author.marks(filled.text) if mark.start < SHOWN]
    return Filled(text=filled.text, fills=filled.fills, marks=shown)


def beginning(filled: Filled, characters: int) -> Filled:
    """The first characters of a text that has nothing marked, with the fills in them.

    >>> beginning(Filled(text="an owl", fills=[Fill(start=3, end=6, name="NOUN")]), 5)
    Filled(text='an ow', fills=[Fill(start=3, end=5, name='NOUN')], marks=[])
    """
    fills = [
        Fill(start=fill.start, end=min(fill.end, characters), name=fill.name)
        for fill in filled.fills
        if fill.start < characters
    ]
    return Filled(text=filled.text[:characters], fills=fills)
