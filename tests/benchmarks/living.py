"""A living page measured: its bytes, how far its bits are from ``score``, and the time that a word takes in Chromium.

    python tests/benchmarks/living.py DIR [CHARACTERS]

DIR is a comparison's folder whose page is a living one. The first CHARACTERS (20,000) of the held-out text are read as
documents of their own in Chromium. A word's time is that of typing it at the end of a text: to cut the whole text, read
the word, and charge every word; the slowest of all words is given too.
"""

import json
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import cut, own_split

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BITS = """([name, texts]) => texts.map((text) => {
  const reader = new live.Reader(live.lanes.find((lane) => lane.name === name).reader.column);
  reader.take(text);
  reader.advance();
  return reader.bits;
})"""
TIMES = """([name, text]) => {
  const reader = new live.Reader(live.lanes.find((lane) => lane.name === name).reader.column);
  const ends = [...text.matchAll(/ /g)].map((match) => match.index), times = [];
  for (const end of ends) {
    const start = performance.now();
    reader.take(text.slice(0, end));
    reader.advance();
    reader.pieces();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}"""


def main(folder: Path, characters: int) -> None:
    """Print a line per column."""
    page_file = folder / "index.html"
    print(f"{page_file.stat().st_size:,} bytes")
    comparison = Comparison.load(folder / "comparison.json")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page_file.read_text("utf-8"))
    names = [column["name"] for column in json.loads(data[1])["live"]["columns"]]  # type: ignore[index]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(page_file.resolve().as_uri())
        page.locator("#live-room").scroll_into_view_if_needed()
        page.evaluate("live.ready")
        for name in names:
            run = load_run(folder / comparison.by_column[name][0].run)
            documents = cut(own_split(run.spec).test, characters)
            scores = run.model.score([run.model.tokenizer.encode(document) for document in documents])
            exact = [float(score.bits[:-1].sum()) for score in scores]
            here = page.evaluate(BITS, [name, [document.text for document in documents]])
            more = (sum(here) - sum(exact)) / sum(len(document.text) for document in documents)
            times = page.evaluate(TIMES, [name, documents[0].text[:1000]])
            print(
                f"{name:16} score {sum(exact) / sum(len(d.text) for d in documents):.4f}, page {more:+.4f} "
                f"bits per character; a word {times[len(times) // 2]:.1f} ms, the slowest {times[-1]:.1f} ms"
            )
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
