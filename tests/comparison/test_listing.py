"""What stands beside a comparison's folder: the list of all reports, links to an inspection, and what is kept."""

import os
import re
import signal
import subprocess
import sys

import pytest

import toolkit
from tests.helpers.dask_processes import wait_until

COUNTED = {"quiet": True, "settings": {"samples": {"characters": 60, "count": 2, "temperature": 0.8}}}


def entries(folder):
    """The names in the list of reports, each with its link and its state."""
    html = (folder / "reports" / "index.html").read_text("utf-8")
    headings = re.findall(r"(?s)<h2>(?:<a href=\"(.*?)\">)?([^<]*)(?:</a>)?(?: <small>(.*?)</small>)?</h2>", html)
    return {name: (link, state) for link, name, state in headings}


def test_comparisons_and_inspections_of_a_text_link_to_each_other(brief_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["brief--char-ngram", "brief--inspect"]
    pages = [tmp_path / "reports" / name / "index.html" for name in names]
    toolkit.compare("char@ngram", brief_folder, **COUNTED)
    toolkit.inspect(brief_folder, "char@ngram", quiet=True)
    assert f'href="../{names[0]}/index.html"' in pages[1].read_text("utf-8")
    comparison = toolkit.compare("char@ngram", brief_folder, **COUNTED)
    assert f'href="../{names[1]}/index.html"' in pages[0].read_text("utf-8")
    assert entries(tmp_path) == {name: (f"{name}/index.html", "") for name in names}
    assert comparison.headline in (tmp_path / "reports" / "index.html").read_text("utf-8")
    (tmp_path / "reports" / "damaged").mkdir()
    (tmp_path / "reports" / "damaged" / "compare.toml").write_text("command = ", "utf-8")
    toolkit.compare("char@ngram", brief_folder, **COUNTED)
    assert entries(tmp_path)["damaged"] == ("", "interrupted")
    toolkit.compare("bpe@ngram", brief_folder, out="elsewhere/of-mine", **COUNTED)
    assert not (tmp_path / "elsewhere" / "index.html").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_comparison_says_what_it_keeps_and_is_listed(brief_folder, tmp_path, end):
    command = ["compare", str(brief_folder), "--tokenizers", "char@ngram,char", "--workers", "1", "--set"]
    command += ["samples.characters=60", "--set", "train.updates=100000", "--set", "train.checkpoint_seconds=0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "toolkit", *command], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    run = tmp_path / "reports" / "brief--char-ngram-char" / "runs" / "char-seed0"
    wait_until(lambda: (run / "checkpoint" / "state.safetensors").is_file())
    os.kill(process.pid, end)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.search(r"\b1 of 2\b.*\b1\b", err.splitlines()[-2])
    assert entries(tmp_path) == {"brief--char-ngram-char": ("", "interrupted")}
