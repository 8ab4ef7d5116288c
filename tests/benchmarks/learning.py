"""What going on learning is worth to networks: bits per character of the validation documents, one after another.

python -m tests.benchmarks.learning RUN... [--rates 0.3]
"""

import argparse
from pathlib import Path

from toolkit.inference.adapting import Adapting
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import own_split


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--rates", default="0.3", type=lambda text: [float(rate) for rate in text.split(",")])
    options = parser.parse_args()
    print("| run | stands still |", " | ".join(f"rate {rate:g}" for rate in options.rates), "|")
    print("| --- | ---: |", " | ".join("---:" for _ in options.rates), "|", flush=True)
    for run in options.runs:
        loaded = load_run(run)
        documents = own_split(loaded.spec).valid
        encodings = [loaded.model.tokenizer.encode(document) for document in documents]
        characters = sum(len(document.text) for document in documents)
        models = [loaded.model, *(Adapting(loaded.model, rate) for rate in options.rates)]
        bits = [sum(scores.total for scores in model.score(encodings)) / characters for model in models]
        print("|", run.name, "|", " | ".join(f"{found:.3f}" for found in bits), "|", flush=True)


if __name__ == "__main__":
    main()
