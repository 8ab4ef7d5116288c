"""toolkit tokenize: how a text is cut, before anything is trained."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from toolkit.cli import options as cli
from toolkit.comparison.options import ARGUMENTS, WHICH_CORPUS, ColumnOptions
from toolkit.results.text import plural

if TYPE_CHECKING:
    from toolkit.results.inspection import CutToken, Tokenized

WIDTH = 80  # characters of a line
SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
NO_BREAK_SPACE = "\u00a0"
LEGEND = (
    "␣ is a space, ↵ a line end and ⇥ a tab; <…> is a mark, or the class or escape that stands for what follows it."
)
BYTES = (
    "Some <…> are bytes of a character, as a tokenizer.json writes them; what completes it is shown as the character."
)


@cli.takes(ColumnOptions)
def tokenize(
    file: Path = typer.Argument(help="A UTF-8 text file, one document."),
    tokenizer: str = typer.Option(..., help=ARGUMENTS["tokenizer"]),
    corpus: str | None = typer.Option(None, help=f"What to fit it on: {WHICH_CORPUS}; by default FILE."),
    *,
    as_json: bool = cli.JSON,
    **options: Any,
) -> None:
    """Show how a text is cut: its tokens and marks, which words are rare, and the class that stands for each.

    The tokenizer is fitted on the corpus' training documents, as compare would, or else on FILE itself, where the words
    that occur once are rare; nothing is trained. With --json, print one document with the tokens and the rare words.
    """
    from toolkit.inspection import cutting

    tokenized = cutting.tokenize(file, tokenizer, corpus, **cli.as_in_python(options))
    if as_json:
        cli.echo_json(tokenized.model_dump(by_alias=True))
    else:
        show(tokenized)


def show(tokenized: "Tokenized") -> None:
    """Print the facts, the tokens with spaces between them, and the rare words by class."""
    for sentence in facts(tokenized):
        cli.say(wrapped(sentence))
    cli.say()
    line: list[str] = []
    for token in tokenized.tokens:
        line.append(shown(token))
        if "\n" in token.text or token is tokenized.tokens[-1]:
            cli.say(wrapped(" ".join(line)))
            line = []
    if tokenized.rare:
        cli.say()
    for name, words in groupby(tokenized.rare, key=lambda rare: rare.name):
        counts = [visible(rare.word) + (f"×{rare.count}" if rare.count > 1 else "") for rare in words]
        cli.say(wrapped(f"<{visible(name)}>, rare or unseen: {' '.join(counts)}", "  "))


def facts(tokenized: "Tokenized") -> Sequence[str]:
    """Return sentences on the text that the tokenizer was fitted on, on the tokens, and on their signs."""
    fitted, number, rare = tokenized.fitted_on, len(tokenized.tokens), len(tokenized.rare)
    documents = f"{plural(fitted.documents, 'training document')} of {fitted.name} ({fitted.characters:,} characters)"
    replaced = sum(word.count for word in tokenized.rare)
    counts = f"{plural(replaced, 'rare or unseen word')} ({rare:,} different)"
    # A token of a byte covers no character, and is neither a mark nor a class.
    is_bytes = any(not (t.text or t.name or t.spelled or t.token.startswith("<")) for t in tokenized.tokens)
    return [
        f"{tokenized.column}, fitted on {'the text itself' if fitted.itself else documents}, has a vocabulary of "
        f"{tokenized.vocabulary_size:,} tokens.",
        f"{visible(tokenized.document)} has {tokenized.characters:,} characters in {number:,} tokens, "
        f"{tokenized.characters / number:.2f} characters each{f'; {counts}' if replaced else ''}.",
        LEGEND,
        *([BYTES] if is_bytes else []),
    ]


def shown(token: "CutToken") -> str:
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


def wrapped(text: str, indent: str = "") -> str:
    """Return the text in lines of at most 80 characters."""
    return fill(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
