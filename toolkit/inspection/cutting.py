"""How a column cuts a text: its tokens with their marks, its rare words, and the class of each."""

from dataclasses import replace
from pathlib import Path

from toolkit.comparison.arguments import Arguments, language_of
from toolkit.errors import InputError
from toolkit.evaluation.metrics.coverage import class_name, words_by_class
from toolkit.events.checks import check_encoding, expect
from toolkit.events.encoding import CLASSES
from toolkit.events.protocols import NeedsInstalled
from toolkit.results.bits import PARTS
from toolkit.results.inspection import CutToken, FittedOn, RareWord, Tokenized
from toolkit.runs.columns import refuse_rarity_by_documents
from toolkit.runs.isolated import blamed
from toolkit.text.corpus import DEFAULT_LANGUAGE, Corpus, Split, characters
from toolkit.text.segmentation import printable
from toolkit.text.sources import read_document


def tokenize(file: Path, arguments: Arguments) -> Tokenized:
    """Cut the text of a file with a column's tokenizer, fitted on a corpus or, without one, on the text itself.

    Raises ContractError if the code of a plug-in fails, or loses some of the text.
    """
    document, itself = read_document(file), not arguments.corpus
    if itself:
        language = arguments.language or language_of(arguments.spacy_model) or DEFAULT_LANGUAGE
        corpus = Corpus(file.stem or document.name, (), language, given=Split((document,), (), ()))
        arguments = replace(arguments, corpus=corpus)
    request = arguments.request()
    if itself and (arguments.split_seed or arguments.text_column is not None):
        option = "--split-seed" if arguments.split_seed else "--text-column"
        raise InputError(f"{option} is for a corpus; give --corpus as well, or leave it out.")
    if len(request.columns) > 1:
        raise InputError(f"--tokenizer {arguments.tokenizers!r} names several; give only one.")
    column, split = request.columns[0], request.split
    refuse_rarity_by_documents([column], request.corpus, split.train)
    tokenizer = request.tokenizer(column)
    with blamed(column):
        if isinstance(tokenizer, NeedsInstalled):
            tokenizer.check()
        tokenizer.fit(split.train, split.valid)
        encoding, vocabulary = tokenizer.encode(document), tokenizer.vocabulary
        check_encoding(vocabulary, encoding, len(document.text), document.name)
        decoded = tokenizer.decode(encoding.ids.tolist(), encoding.surfaces)
        expect(decoded == document.text, f"{document.name}: the decoded text differs from the encoded text")
        words = words_by_class(tokenizer, [(document, encoding)])
    ids, parts, offsets = encoding.ids.tolist(), encoding.parts.tolist(), encoding.offsets.tolist()
    return Tokenized(
        column=column.name,
        document=document.name,
        characters=len(document.text),
        language=request.corpus.language,
        fitted_on=FittedOn(
            name=request.corpus.name, itself=itself, documents=len(split.train), characters=characters(split.train)
        ),
        vocabulary_size=len(vocabulary),
        tokens=[
            CutToken(
                token=printable(vocabulary.tokens[id_]),
                text=document.text[offsets[i] : offsets[i + 1]],
                start=offsets[i],
                end=offsets[i + 1],
                part=PARTS[part],
                name=class_name(vocabulary, id_) if part == CLASSES else None,
                spelled=printable(encoding.surfaces[i]) if i in encoding.surfaces else None,
            )
            for i, (id_, part) in enumerate(zip(ids, parts, strict=True))
        ],
        rare=[
            RareWord(name=name, word=word, count=count)
            for name, counts in sorted(words.items())
            for word, count in sorted(counts.items())
        ],
    )
