"""How a column cuts a text: its tokens with their marks and classes, its rare words, and what its model pays."""

from pathlib import Path
from typing import Any, Unpack

from toolkit.comparison.options import ColumnOptions
from toolkit.comparison.reading import make_request
from toolkit.errors import InputError
from toolkit.evaluation.metrics.coverage import class_name, words_by_class
from toolkit.evaluation.passages import expectation, shown_text
from toolkit.events.encoding import CLASSES, Events, Vocabulary
from toolkit.inference.model import Model
from toolkit.results.bits import PARTS
from toolkit.runs.isolated import blamed
from toolkit.text.corpus import DEFAULT_LANGUAGE, Corpus, Document, Split, characters
from toolkit.text.sources import read_document
from toolkit.text.words import printable


def tokenize(
    file: Path, tokenizer: str, corpus: str | None = None, **options: Unpack[ColumnOptions]
) -> dict[str, Any]:
    """Cut the text of a file with a column's tokenizer, fitted on a corpus or, without one, on the text itself.

    Each token has the text that it covers, its part of the ledger, and its class with the word behind it.

    Raises ContractError if the code of a plug-in fails.
    """
    document = read_document(file)
    if corpus is None:
        language = options.get("language") or DEFAULT_LANGUAGE
        text = Corpus(file.stem or document.name, (), language, given=Split((document,), (), ()))
    request = make_request(tokenizer, text if corpus is None else corpus, **options)
    if len(request.columns) > 1:
        raise InputError(f"--tokenizers {tokenizer!r} names {len(request.columns)} columns. Give only one.")
    column, split = request.columns[0], request.split
    cutter = request.tokenizer(column)
    with blamed(column):
        if hasattr(cutter, "check"):
            cutter.check()
        cutter.fit(split.train, split.valid)
        encoding, vocabulary = cutter.encode(document), cutter.vocabulary
        words = words_by_class(cutter, [(document, encoding)])
    return {
        "column": column.name,
        "document": document.name,
        "characters": len(document.text),
        "language": request.corpus.language,
        "fitted_on": {
            "name": request.corpus.name,
            "itself": corpus is None,
            "documents": len(split.train),
            "characters": characters(split.train),
        },
        "vocabulary_size": len(vocabulary),
        "shortfall": getattr(cutter, "shortfall", None),
        "tokens": tokens(document.text, encoding, vocabulary),
        "rare": [
            {"word": word, "class": name, "count": count}
            for name, counts in sorted(words.items())
            for word, count in sorted(counts.items())
        ],
    }


def tokens(text: str, encoding: Events, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Return each event of a text: the name of its id, the text it covers, its part, its class and its spelling."""
    columns = (encoding.ids, encoding.parts, encoding.starts, encoding.ends)
    return [
        {
            "token": printable(vocabulary.tokens[id_]),
            "text": text[start:end],
            "start": start,
            "end": end,
            "part": PARTS[part],
            "class": class_name(vocabulary, id_) if part == CLASSES else None,
            "spelled": printable(encoding.surfaces[i]) if i in encoding.surfaces else None,
        }
        for i, (id_, part, start, end) in enumerate(zip(*(column.tolist() for column in columns), strict=True))
    ]


def read(model: Model, document: Document) -> dict[str, Any]:
    """Return all bits of a document, and its tokens, each with its bits and rank and the likeliest tokens there."""
    (scores,) = model.score_documents([document])
    encoding, tokenizer = scores.encoding, model.tokenizer
    events = tokens(document.text, encoding, tokenizer.vocabulary)
    for _, place, distribution in model.distributions([encoding], [range(len(encoding))]):
        rank, likeliest, probabilities = expectation(distribution, int(encoding.ids[place]))
        names = [shown_text(tokenizer, id_) for id_ in likeliest]
        events[place] |= {"bits": float(scores.bits[place]), "rank": rank}
        events[place] |= {"likeliest": list(zip(names, probabilities, strict=True))}
    return {"characters": document.characters, "bits": scores.total, "tokens": events}
