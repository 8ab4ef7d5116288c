"""toolkit tokenize: how a text is cut, before anything is trained."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import typer

from toolkit.cli import options
from toolkit.cli.saying import say
from toolkit.results.text import plural

if TYPE_CHECKING:
    from toolkit.results.inspection import CutToken, Tokenized

WIDTH = 80  # characters of a line
SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
UNBROKEN = "\u00a0"  # the space in a name, which no line ends at
LEGEND = (
    "␣ is a space, ↵ a line end and ⇥ a tab; <…> is a mark, or the class or escape that stands for what follows it."
)
BYTES = (
    "Some <…> are bytes of a character, as a tokenizer.json writes them; what completes it is shown as the character."
)


def tokenize(
    file: Path = typer.Argument(help="A UTF-8 text file, one document."),
    tokenizer: str = typer.Option(..., help="What cuts it: NAME[:STRATEGY]."),
    corpus: str | None = typer.Option(None, help=f"What to fit it on: {options.WHICH_CORPUS}; by default FILE."),
    split_seed: int = options.SPLIT_SEED,
    rare_max_count: int | None = options.RARE_MAX_COUNT,
    rare_max_documents: int | None = options.RARE_MAX_DOCUMENTS,
    spacy_model: str | None = options.SPACY_MODEL,
    language: str | None = options.LANGUAGE,
    text_column: str | None = options.TEXT_COLUMN,
    config: Path | None = options.CONFIG,
    set_: list[str] = options.SET,
    code: list[Path] = options.CODE,
    as_json: bool = options.JSON,
) -> None:
    """Show how a text is cut: its tokens and marks, which words are rare, and the class that stands for each.

    The tokenizer is fitted on the corpus' training documents, as compare would, or else on FILE itself, where the words
    that occur once are rare; nothing is trained. With --json, print one document with the tokens and the rare words.
    """
    from toolkit.cli.settings import assigned_settings
    from toolkit.comparison.arguments import Arguments
    from toolkit.inspection import cutting

    arguments = Arguments(
        tokenizers=tokenizer,
        corpus=corpus or "",
        split_seed=split_seed,
        rare_max_count=rare_max_count,
        rare_max_documents=rare_max_documents,
        spacy_model=spacy_model,
        language=language,
        text_column=text_column,
        settings=assigned_settings(config, set_),
        code=code,
    )
    tokenized = cutting.tokenize(file, arguments)
    if as_json:
        options.echo_json(tokenized.model_dump(by_alias=True))
    else:
        show(tokenized)


def show(tokenized: "Tokenized") -> None:
    """Print what was cut by what, the tokens with spaces between them, and the rare words by class."""
    for sentence in (*facts(tokenized), LEGEND, *[BYTES] * any(map(is_bytes, tokenized.tokens))):
        say(wrapped(sentence))
    say()
    for line in lines(tokenized.tokens):
        say(wrapped(" ".join(map(shown, line))))
    if tokenized.rare:
        say()
    for name, words in groupby(tokenized.rare, key=lambda rare: rare.name):
        said = [visible(rare.word) + (f"×{rare.count}" if rare.count > 1 else "") for rare in words]
        say(wrapped(f"<{visible(name)}>, rare or unseen: {' '.join(said)}", "  "))


def facts(tokenized: "Tokenized") -> Iterator[str]:
    """What cut the text, what it learned from, and how many tokens came out."""
    fitted = tokenized.fitted_on
    source = (
        "the text itself"
        if fitted.itself
        else f"{plural(fitted.documents, 'training document')} of {fitted.name} ({fitted.characters:,} characters)"
    )
    yield f"{tokenized.column}, fitted on {source}, has a vocabulary of {tokenized.vocabulary_size:,} tokens."
    number, replaced = len(tokenized.tokens), sum(rare.count for rare in tokenized.rare)
    are = "word is" if replaced == 1 else "words are"
    different = f" ({len(tokenized.rare):,} different ones)" if replaced > 1 else ""
    rare = f"; {replaced:,} {are} rare or unseen{different}" if replaced else ""
    each = f"{tokenized.characters / number:.2f} characters each"
    yield f"{visible(tokenized.document)} has {tokenized.characters:,} characters in {number:,} tokens, {each}{rare}."


def lines(tokens: "Sequence[CutToken]") -> "Iterator[list[CutToken]]":
    """The tokens, with a new line after each that ends one."""
    line: list[CutToken] = []
    for token in tokens:
        line.append(token)
        if "\n" in token.text:
            yield line
            line = []
    if line:
        yield line


def shown(token: "CutToken") -> str:
    """A token as printed: the characters that it covers, with its name where they do not say what it is.

    That is so of a mark, which covers none, and of a class or an escape, which stands for any.
    """
    if token.text and token.spelled is None and token.name is None:
        return visible(token.text)
    name = token.token if token.token.startswith("<") and token.token.endswith(">") else f"<{token.token}>"
    return visible(name).replace(SIGNS[" "], UNBROKEN) + visible(token.text)


def is_bytes(token: "CutToken") -> bool:
    """Whether a token is bytes that complete no character: it covers none, and is neither a mark nor a class."""
    return not (token.text or token.name or token.spelled or token.token.startswith("<"))


def visible(text: str) -> str:
    r"""The text with a sign for each character that cannot be seen; other control characters are escaped.

    >>> visible("a b\n\x1b")
    'a␣b↵\\x1b'
    """
    return "".join(SIGNS.get(c) or (c if c.isprintable() else c.encode("unicode_escape").decode("ascii")) for c in text)


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines of at most 80 characters."""
    return fill(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
