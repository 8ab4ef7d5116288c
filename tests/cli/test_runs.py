"""Commands on trained runs: score, generate, verify, compress and decompress."""

import shutil

import pytest

import toolkit as package
from toolkit.results.bits import BANDS, PARTS
from toolkit.runs.folder import load_scores, save_scores
from toolkit.text.neutral import words

TEXT = "The harbour lay still; “zyxwv”, he wrote."
STRANGE = "“Zyxwv” — ŁÓDŹ 😀\u00a0don't\t\tgo , e\u0323\u0307x ﷽\r \U0010ffff  "


def test_score_has_the_bits_of_each_file(toolkit, document, runs, folder):
    (folder / "a.txt").write_text("The harbour lay still.", "utf-8")
    (folder / "b.txt").write_bytes(STRANGE.encode())
    command = ("score", runs / "word-pos-seed0", "a.txt", "b.txt")
    still, adapting = document(*command), document(*command, "--adapt", 0.3)
    for rows in (still, adapting):
        assert [(row["name"], list(row["parts"])) for row in rows] == [
            (f"{name}.txt", list(PARTS)) for name in "ab"
        ]
        assert rows[0]["characters"] == 22
        for row in rows:
            assert sum(row["parts"].values()) == pytest.approx(row["bits"])
            assert row["bits_per_character"] == pytest.approx(row["bits"] / row["characters"])
    assert still[1]["bits"] != adapting[1]["bits"]
    lines = toolkit(*command)[1].splitlines()
    assert [line.split()[0] for line in lines] == [f"{row['bits']:,.2f}" for row in still]


def test_score_of_each_word(toolkit, document, runs, folder):
    (folder / "a.txt").write_text(TEXT, "utf-8")
    command = ("score", runs / "word-pos-seed0", "a.txt", "--per-word")
    code, out, err = toolkit(*command)
    assert (code, err) == (0, "")
    heading, *lines = [line.split("\t") for line in out.splitlines()]
    assert heading == ["document", "start", "end", "word", "bits", "band"]
    assert [line[3] for line in lines] == words(TEXT)
    assert {line[5] for line in lines} <= {*BANDS}
    assert [line[5] for line in lines if line[3] == "zyxwv"] == ["0"]
    costs = [cost.bits for cost in package.load(runs / "word-pos-seed0").bits_per_word(TEXT)]
    assert [float(line[4]) for line in lines] == pytest.approx(costs, abs=1e-6)
    assert [row["bits"] for row in document(*command)] == costs


def test_generate_writes_a_text_per_seed(toolkit, document, runs):
    run, prompt = runs / "word-pos-seed0", "The keeper’s "
    drawn = {"length": 30, "temperature": 1.2, "top_k": 5, "top_p": 0.9, "fill": "spelled"}
    options = [text for key, value in drawn.items() for text in (f"--{key.replace('_', '-')}", value)]
    arguments = ("generate", run, "--prompt", prompt, "-n", 2, "--seed", 5, *options)
    written = document(*arguments)
    texts = written.pop("texts")
    assert written == {"run": str(run), "prompt": prompt, **drawn}
    assert [(text["seed"], len(text["text"])) for text in texts] == [(5, 30), (6, 30)]
    alike = package.load(run).generate(prompt, number=2, seed=5, **drawn)
    assert alike == [text["text"] for text in texts]
    assert toolkit(*arguments)[1] == "\n\n---\n\n".join(prompt + text for text in alike) + "\n"


def test_verify_has_sizes_and_a_verdict(toolkit, document, runs, folder):
    run = runs / "char-seed0"
    proof = document("verify", run, "--quiet")
    assert (proof["verified"], proof["reason"]) == (True, None)
    over = proof["coded_bytes"] - proof["reported_bits"] / 8
    assert proof["bytes_over_reported_bits"] == pytest.approx(over)
    files = {"tokenizer": "tokenizer/tokenizer.json", "model": "weights.safetensors"}
    assert proof["run_bytes"] == {part: (run / file).stat().st_size for part, file in files.items()}
    code, out, err = toolkit("verify", run, "--characters", 150)
    assert (code, out.splitlines()[0].split()) == (0, ["characters", "150"])
    assert err
    (folder / "a.txt").write_bytes(STRANGE.encode())
    assert toolkit("verify", run, "a.txt", "--quiet")[0] == 0
    changed, arrays = shutil.copytree(run, folder / "changed"), load_scores(run)
    save_scores(changed, arrays | {"network_bits": arrays["network_bits"] / 2})
    assert toolkit("verify", changed, "--quiet")[0] == 1


def test_a_file_that_the_run_learnt_from_is_smaller_and_comes_back(document, refused, runs, folder):
    text, run = "The keeper wrote quincunx in his book. " * 30, runs / "word-pos-seed0"
    (folder / "a.txt").write_text(text)
    still = document("compress", run, "a.txt", "-o", "still")
    adapting = document("compress", run, "a.txt", "--adapt", 5, "-o", "b")
    assert adapting == {"out": "b", "bytes_read": len(text), "bytes": (folder / "b").stat().st_size}
    assert adapting["bytes"] < still["bytes"]
    assert document("decompress", run, "b", "-o", "c")["bytes"] == len(text)
    assert (folder / "c").read_text() == text
    for command in (("compress", run, "a.txt", "-o", "b"), ("decompress", run, "b", "-o", "c")):
        (folder / command[-1]).write_text("Mine.")
        assert command[-1] in refused(*command)
        assert (folder / command[-1]).read_text() == "Mine."
        assert document(*command, "--force")["bytes"] > 5
    assert (folder / "c").read_text() == text


def test_a_damaged_file_and_one_of_another_run_are_refused_and_the_old_text_stays(toolkit, refused, runs, folder):
    run = runs / "word-pos-seed0"
    (folder / "a.txt").write_text("The harbour lay still under a pale moon. " * 5)
    assert toolkit("compress", run, "a.txt", "-o", "b")[0] == 0
    (folder / "broken").write_bytes((folder / "b").read_bytes()[:-1])
    (folder / "c").write_text("Mine.")
    assert "broken" in refused("decompress", run, "broken", "-o", "c", "--force")
    refused("decompress", runs / "char-seed0", "b", "-o", "c", "--force")
    assert (folder / "c").read_text() == "Mine."
