"""Record what the program computes, and compare two recordings to the last digit.

    python -m tests.helpers.goldens make DIR [CASE ...] [--python PYTHON]
    python -m tests.helpers.goldens diff OLD NEW [CASE ...]

``PYTHON`` is an interpreter whose environment has the toolkit to record; by default it is this one, with the toolkit of
the working folder. Last digits depend on the machine and on the versions of packages, so compare recordings that one
machine made with the packages of ``.ci/constraints.txt``.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

TALES = Path(__file__).parents[2] / "corpora" / "weird-tales"
SMALL = "--set train.updates=30 --set network.units=32 --set samples.characters=300 --workers 2".split()
FOUR = "char,word:pos,bpe,word:pos@ngram"
EIGHT = (
    "char,word:pos,word:spell,bpe,spaced:unk,char@gru,char@ngram,word:pos@ngram --seeds 2 --verify --adapt 0.3"
)

# Case: number of tales, command, and the case whose folder is copied and then extended.
CASES = {
    "four": (6, f"compare --tokenizers {FOUR} --verify --adapt 0.3", None),
    "columns": (6, f"compare --tokenizers {EIGHT}", None),
    "more": (6, f"compare --tokenizers {EIGHT} --more 2x", "columns"),
    "fractions": (6, f"compare --tokenizers {FOUR} --fractions 0.5,1", None),
    "sweep": (6, "compare --tokenizers char,bpe --sweep columns.bpe.vocabulary_size=300,400", None),
    "match": (6, f"compare --tokenizers {FOUR} --match params", None),
    "folds": (10, "compare --tokenizers char@ngram,word:unk@ngram --folds 5", None),
    "inspect": (6, "inspect --tokenizers char,word:pos,bpe", None),
    "article": (6, "reproduce article --characters 2000", None),
}
JSON_NAMES = {"inspect": "inspect.json", "article": "reproduction.json"}
# Keys that name a place, a day or a package, and the speed of training that `inspect` measures.
VOLATILE_KEYS = {"command", "created", "machine", "version", "versions", "training"}
MEASURED_SUFFIXES = ("seconds", "per_second", "memory_bytes", "process_bytes")
SECONDS = re.compile(r"\b\d+ s\b")  # in a sentence
RUN_FILES = ("weights.safetensors", "samples.jsonl")  # compared byte for byte


def make(folder: Path, cases: list[str], python: str) -> None:
    """Record the cases one after the other, each in a folder of its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        tales, command, extended_case = CASES[case]
        name, *arguments = command.split()
        corpus = str(copied_tales(folder / f"tales-{tales}", tales))
        out = folder / case
        shutil.rmtree(out, ignore_errors=True)
        if extended_case:
            shutil.copytree(folder / extended_case, out)
        corpus_arguments = [corpus] if name == "inspect" else ["--corpus", corpus]
        small = SMALL if name == "compare" else []
        command_line = [
            python,
            "-m",
            "toolkit",
            name,
            *arguments,
            *corpus_arguments,
            *small,
            "--quiet",
            "--out",
            str(out),
        ]
        print(case, flush=True)
        subprocess.run(command_line, check=True, stdout=subprocess.DEVNULL)


def copied_tales(folder: Path, count: int) -> Path:
    """A folder with the first bundled tales."""
    folder.mkdir(exist_ok=True)
    for tale in sorted(TALES.glob("*.txt"))[:count]:
        shutil.copy(tale, folder)
    return folder


def folder_differences(old: Path, new: Path, case: str) -> Iterator[str]:
    """Yield where two recordings of a case differ: in the JSON, in the runs of its cells, or in its later folds."""
    before, after = (read(recording, case) for recording in (old, new))
    yield from value_differences(before, after, case)
    runs = {run_key(cell): new / case / cell["run"] for cell in after.get("cells", []) if cell.get("run")}
    for cell in before.get("cells", []):
        if cell.get("run") and run_key(cell) in runs:
            yield from run_differences(old / case / cell["run"], runs[run_key(cell)])
    for fold in sorted((old / case / "folds").glob("*/comparison.json")):
        yield from folder_differences(old, new, f"{case}/folds/{fold.parent.name}")


def read(recording: Path, case: str) -> Any:
    """The values of a case's JSON, without the folder of the recording and without seconds in sentences."""
    path = recording / case / JSON_NAMES.get(case, "comparison.json")
    text = path.read_text(encoding="utf-8").replace(str(recording), "")
    return json.loads(SECONDS.sub("N s", text))


def run_key(cell: dict[str, Any]) -> tuple[Any, ...]:
    """What tells the cells of a comparison apart."""
    return cell["column"], cell["seed"], cell["fraction"]


def run_differences(old: Path, new: Path) -> Iterator[str]:
    """Yield the files of two runs that differ, and the arrays of their scores that do."""
    for name in RUN_FILES:
        before, after = (run / name for run in (old, new))
        if before.exists() and not (after.exists() and before.read_bytes() == after.read_bytes()):
            yield f"{old.name}/{name}: {'differs' if after.exists() else 'removed'}"
    with np.load(old / "scores.npz") as before, np.load(new / "scores.npz") as after:
        for name in sorted(before.keys() | after.keys()):
            if name not in before or name not in after or before[name].tobytes() != after[name].tobytes():
                yield f"{old.name}/scores.npz/{name}: differs"


def value_differences(old: Any, new: Any, path: str) -> Iterator[str]:
    """Yield the paths at which two JSON values differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if key in VOLATILE_KEYS or key.endswith(MEASURED_SUFFIXES):
                continue
            if key in old and key in new:
                yield from value_differences(old[key], new[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}: {'removed' if key in old else 'added'}"
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from value_differences(*pair, f"{path}[{index}]")
    elif isinstance(old, list) and isinstance(new, list):
        yield f"{path}: {len(old)} and {len(new)} entries"
    elif old != new:
        yield f"{path}: {str(old)[:90]!r} and {str(new)[:90]!r}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["make", "diff"])
    parser.add_argument(
        "names", nargs="+", help="one folder to make, or two to compare; then cases, by default all"
    )
    parser.add_argument("--python", default=sys.executable)
    arguments = parser.parse_args()
    count = 1 if arguments.action == "make" else 2
    folders = [Path(name).resolve() for name in arguments.names[:count]]
    cases = arguments.names[count:] or list(CASES)
    if arguments.action == "make":
        make(folders[0], cases, arguments.python)
        return
    for case in cases:
        print(*(list(folder_differences(*folders, case)) or [f"{case}: unmoved"]), sep="\n")


if __name__ == "__main__":
    main()
