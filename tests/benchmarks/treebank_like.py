"""A text in the form of the Penn Treebank, made of a corpus of tales: for recipes that are tried on the Treebank.

    python -m tests.benchmarks.treebank_like CORPUS FOLDER

Lower case, words only, numbers as N, a sentence or clause a line; of the training words the 9,998 most frequent are
kept, and all others are <unk>. Of ten documents one is for validation and one is held out. As in the Treebank, each
part is one file, so a network reads the held-out text from end to end with one state.
"""

import argparse
import re
from collections import Counter
from pathlib import Path

from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Document

TYPES = 9_998  # and <unk> and the line end, as in the Treebank
PARTS = {3: "valid", 7: "test"}  # of ten documents; the others are for training
SENTENCE, WORD = re.compile(r"(?<=[.!?;:])\s|\n"), re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+")


def lines(document: Document) -> list[list[str]]:
    """The words of each line of a document."""
    found = [WORD.findall(line.lower()) for line in SENTENCE.split(document.text)]
    return [["N" if word.isdigit() else word for word in line] for line in found if line]


def main() -> None:
    """Write train.txt, valid.txt and test.txt."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    parts: dict[str, list[list[str]]] = {"train": [], "valid": [], "test": []}
    for i, document in enumerate(find_corpus(chosen.corpus).documents):
        parts[PARTS.get(i % 10, "train")] += lines(document)
    counts = Counter(word for line in parts["train"] for word in line)
    kept = {word for word, _ in counts.most_common(TYPES)}
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for part, of_part in parts.items():
        text = "".join(f"{' '.join(word if word in kept else '<unk>' for word in line)}\n" for line in of_part)
        (chosen.folder / f"{part}.txt").write_text(text, "utf-8")
        tokens = sum(map(len, of_part)) + len(of_part)
        print(f"{part}: {len(of_part):,} lines, {tokens:,} tokens with a line end each")


if __name__ == "__main__":
    main()
