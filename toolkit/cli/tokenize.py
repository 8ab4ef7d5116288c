"""toolkit tokenize: how a text is cut, before anything is trained."""

from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import Any

import typer

from toolkit.cli import options as cli
from toolkit.comparison.options import ARGUMENTS, ColumnOptions
from toolkit.results.inspection import CutToken, Tokenized
from toolkit.results.text import plural

WIDTH = 80  # characters of a line
SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
NO_BREAK_SPACE = "\u00a0"
LEGEND = "␣ is a space, ↵ a line end and ⇥ a tab; <…> is a mark, or the class or escape of the text after it."


@cli.takes(ColumnOptions)
def tokenize(
    file: Path = typer.Argument(help="A UTF-8 text file, one document."),
    tokenizer: str = typer.Option(..., help=ARGUMENTS["tokenizer"]),
    corpus: str | None = typer.Option(None, help="The corpus to fit it on; by default FILE."),
    *,
    as_json: bool = cli.JSON,
    **options: Any,
) -> None:
    """Show how a text is cut, and which words are rare.

    The tokenizer is fitted on the corpus' training documents, as compare would, or else on FILE, whose words that occur
    once are rare. Nothing is trained. With --json, print one document with the tokens and the rare words.
    """
    from toolkit.inspection import cutting

    tokenized = cutting.tokenize(file, tokenizer, corpus, **cli.as_in_python(options))
    cli.echo(tokenized.model_dump(by_alias=True), as_text(tokenized), as_json=as_json)


def as_text(tokenized: Tokenized) -> str:
    """Return facts, the tokens with spaces between them, and the rare words by class, in lines of 80 characters."""
    fitted, number = tokenized.fitted_on, len(tokenized.tokens)
    documents = f"{plural(fitted.documents, 'training document')} of {fitted.name} ({fitted.characters:,} characters)"
    paragraphs = [
        f"{tokenized.column}, fitted on {'the text itself' if fitted.itself else documents}, has a vocabulary of "
        f"{tokenized.vocabulary_size:,} tokens.",
        f"{visible(tokenized.document)} has {tokenized.characters:,} characters in {number:,} tokens, "
        f"{tokenized.characters / number:.2f} characters each.",
        LEGEND,
        "",
    ]
    line: list[str] = []
    for token in tokenized.tokens:
        line.append(shown(token))
        if "\n" in token.text or token is tokenized.tokens[-1]:
            paragraphs.append(" ".join(line))
            line = []
    for name, words in groupby(tokenized.rare, key=lambda rare: rare.name):
        counts = [visible(rare.word) + (f"×{rare.count}" if rare.count > 1 else "") for rare in words]
        paragraphs += ["", f"<{visible(name)}>, rare or unseen: {' '.join(counts)}"]
    return "\n".join(fill(paragraph, WIDTH, break_on_hyphens=False) for paragraph in paragraphs)


def shown(token: CutToken) -> str:
    """Return the characters of a token, after its name if it is a mark, a class or an escape."""
    if token.text and token.spelled is None and token.name is None:
        return visible(token.text)
    name = token.token if token.token.startswith("<") and token.token.endswith(">") else f"<{token.token}>"
    return visible(name).replace(SIGNS[" "], NO_BREAK_SPACE) + visible(token.text)


def visible(text: str) -> str:
    r"""Return the text with a sign for each space, line end and tab; other control characters are escaped.

    >>> visible("a b\n\x1b")
    'a␣b↵\\x1b'
    """
    return "".join(SIGNS.get(c) or (c if c.isprintable() else c.encode("unicode_escape").decode("ascii")) for c in text)
