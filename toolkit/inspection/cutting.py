"""How a column cuts a text: its tokens with their marks, which words are rare, and the class that stands for each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.comparison.arguments import given_corpus, given_settings, language_of, named_columns
from toolkit.comparison.completing import completed
from toolkit.comparison.sweeping import expanded
from toolkit.errors import InputError, whole_number
from toolkit.evaluation.metrics.coverage import class_name, words_by_class
from toolkit.events.checks import check_encoding, expect
from toolkit.events.encoding import CLASSES, Encoding
from toolkit.events.protocols import NeedsInstalled
from toolkit.plugins import load_code
from toolkit.results.bits import PARTS
from toolkit.results.tokenized import CutToken, FittedOn, RareWord, Tokenized
from toolkit.runs.columns import Column, refuse_rarity_by_documents
from toolkit.runs.isolated import blamed
from toolkit.text.corpus import DEFAULT_LANGUAGE, Corpus, Document, Split, characters
from toolkit.text.segmentation import printable
from toolkit.text.sources import read_document
from toolkit.text.splits import split
from toolkit.tokenizers import Tokenizer


def tokenize(
    file: str | Path,
    tokenizer: str,
    corpus: str | Path | None = None,
    *,
    split_seed: int = 0,
    rare_max_count: int | None = None,
    rare_max_documents: int | None = None,
    spacy_model: str | None = None,
    language: str | None = None,
    text_column: str | None = None,
    settings: Mapping[str, Any] | str | Path | None = None,
    code: Sequence[str | Path] = (),
) -> Tokenized:
    """The text of a file as one column cuts it, whose tokenizer is fitted on a corpus, or on the text itself.

    Of the corpus it sees the training and validation documents, as it does in ``compare`` with this split seed; the
    other arguments are those of ``compare`` too. Nothing is trained.

    Raises InputError for anything wrong with the arguments, and ContractError if someone else's code fails.
    """
    for path in code:
        load_code(Path(path))
    document = read_document(Path(file))
    given = given_settings(settings, None, None)
    completed(given, len(document.text))  # refuses what is no setting
    whole_number("--split-seed", split_seed, 0)
    if corpus is None and (split_seed or text_column is not None):
        option = "--split-seed" if split_seed else "--text-column"
        raise InputError(f"{option} is for a corpus; give --corpus as well, or leave it out.")
    rarity = {"rare_max_count": rare_max_count, "rare_max_documents": rare_max_documents}
    columns = named_columns(expanded(tokenizer, {}, ()).names, given.get("columns", {}), rarity)
    if len(columns) > 1:
        raise InputError(f"--tokenizer {tokenizer!r} names several; give only one.")
    itself = Corpus(
        Path(file).stem or document.name, (document,), language or language_of(spacy_model) or DEFAULT_LANGUAGE
    )
    fitted_on = given_corpus(itself if corpus is None else corpus, language, spacy_model, text_column)
    parts = Split((document,), (), ()) if corpus is None else split(fitted_on, split_seed)
    refuse_rarity_by_documents(columns, fitted_on, parts.train)
    made = columns[0].make(language=fitted_on.language, spacy_model=spacy_model)
    return Tokenized(
        column=columns[0].name,
        document=document.name,
        characters=len(document.text),
        language=fitted_on.language,
        fitted_on=FittedOn(
            name=fitted_on.name,
            itself=corpus is None,
            documents=len(parts.train),
            characters=characters(parts.train),
        ),
        **cut(columns[0], made, parts, document),
    )


def cut(column: Column, tokenizer: Tokenizer, parts: Split, document: Document) -> dict[str, Any]:
    """What a column's tokenizer, fitted on the training documents of a split, makes of a document.

    Raises InputError as the tokenizer does, and ContractError if someone else's code fails or loses some of the text.
    """
    with blamed(column):
        if isinstance(tokenizer, NeedsInstalled):
            tokenizer.check()
        tokenizer.fit(parts.train, parts.valid)
        encoding = tokenizer.encode(document)
        check_encoding(tokenizer.vocabulary, encoding, len(document.text), document.name)
        back = tokenizer.decode(encoding.ids.tolist(), encoding.surfaces)
        expect(back == document.text, f"{document.name}: what is decoded is not what was encoded")
        words = words_by_class(tokenizer, [(document, encoding)])
    return {
        "vocabulary_size": len(tokenizer.vocabulary),
        "tokens": cut_tokens(tokenizer, encoding, document.text),
        "rare": [
            RareWord(name=name, word=word, count=count)
            for name, counts in sorted(words.items())
            for word, count in sorted(counts.items())
        ],
    }


def cut_tokens(tokenizer: Tokenizer, encoding: Encoding, text: str) -> list[CutToken]:
    """The events of an encoding, one after another."""
    vocabulary, offsets = tokenizer.vocabulary, encoding.offsets.tolist()
    return [
        CutToken(
            token=printable(vocabulary.tokens[id_]),
            text=text[offsets[i] : offsets[i + 1]],
            start=offsets[i],
            end=offsets[i + 1],
            part=PARTS[part],
            name=class_name(vocabulary, id_) if part == CLASSES else None,
            spelled=printable(encoding.surfaces[i]) if i in encoding.surfaces else None,
        )
        for i, (id_, part) in enumerate(zip(encoding.ids.tolist(), encoding.parts.tolist(), strict=True))
    ]
