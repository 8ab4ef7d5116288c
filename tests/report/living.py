"""What tests of the living page share: its scripts in Node, small models of any column, and texts with odd things."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from toolkit.comparison.live_column import Candidate
from toolkit.config import NetworkSettings
from toolkit.report.html import TEMPLATES
from toolkit.report.sections.live import SCRIPTS
from toolkit.runs.columns import parse_columns
from toolkit.text.corpus import Document, Split
from toolkit.tokenizers.portable import tables

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no Node here; apt-get install nodejs")

ODD = [
    "The old house — “It’s 1890,” said Mr. O'Neil-Smith; don't go!\n\n  Two  spaces\tand a tab… ñandú ☃ 😀 x²",
    "a",
    "He'll can't I'm U.S.A. e.g. 3.14 $5 10km (so)... --he said--and left.",
    "Hello world\n",
    "xyzzyx qwfpg. “Zounds!” cried Mc'Gonagall's aunt_in_law @home #3 http://example.com/a--b?c=d www.foo.com",
    "THE OLD House's  \n \n end ",
    "Ünïcode Straße ΣΊΣΥΦΟΣ ǅ Ⅷ ١٢٣ \u00a0\u2003“‘nested’”—a-b--c---d e.g.it's 'tis o'clock y'all'd've",
    "A glass isthmus: analysis of foxes, bosses; looooong eeee lll hmmm",
    "quincunxes, astrolabe 12-like Fen (FEN) fen; the harbour lay still. The HARBOUR LAY",
]


def in_node(call: str, value: Any, folder: Path) -> Any:
    """What a JavaScript expression gives for a value, which it calls ``value``, with the page's scripts loaded."""
    scripts = "".join((TEMPLATES / name).read_text("utf-8") for name in SCRIPTS if name != "live.js")
    harness = f"""{scripts}
    const fs = require("fs"), value = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
    (async () => fs.writeFileSync(process.argv[3], JSON.stringify(await ({call}))))();"""
    script, given, got = folder / "run.js", folder / "given.json", folder / "got.json"
    script.write_text(harness, "utf-8")
    given.write_text(json.dumps(value), "utf-8")
    subprocess.run([str(NODE), script, given, got], check=True, timeout=100)
    return json.loads(got.read_text("utf-8"))


READ = """(async () => {
  const column = new live.Column(await live.unpacked(value.packed));
  return value.texts.map((text) => {
    const reader = new live.Reader(column);
    reader.take(text);
    reader.advance();
    const { bits, end, events } = reader;
    return { bits, end, pieces: reader.pieces(), ids: events.map(({ chosen }) => chosen) };
  });
})()"""


def read(packed: str, texts: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """What the page's scripts say of each text: bits, the end's bits, words with theirs, and the ids of the events."""
    return in_node(READ, {"packed": packed, "texts": list(texts)}, folder)  # type: ignore[no-any-return]


def untrained(split: Split, name: str, options: dict[str, Any] | None = None, **network: Any) -> Candidate:
    """A column with a tokenizer fitted on the split and a network that is not trained, but far from uniform."""
    from toolkit.inference.neural import NeuralModel
    from toolkit.network.network import RecurrentNetwork

    (column,) = parse_columns([name], {})
    tokenizer = column.make(**(options or {})).fit(split.train, split.valid)
    settings = NetworkSettings(**{"units": 12, "initial_range": 0.6, "cell": column.model or "lstm"} | network)
    trained = tokenizer.vocabulary.reserve.trained
    model = NeuralModel(tokenizer, RecurrentNetwork(settings, trained, one_hot=tokenizer.one_hot))
    documents = [Document("held out", split.test[0].text[:600])]
    return Candidate(None, model, tables(tokenizer), documents)  # type: ignore[arg-type]  # no cell is needed
