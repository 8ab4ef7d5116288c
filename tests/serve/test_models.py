"""The models behind the server answer as they do elsewhere, one after another, and survive the end of a process."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from toolkit.evaluation.scoring import scored
from toolkit.report.explorer import cut_passage
from toolkit.results.bits import AUTHOR
from toolkit.results.comparison import Comparison
from toolkit.serve import processes
from toolkit.text.corpus import Document, canonical

from .conftest import CHAR, TEXT, WORD, run_of, serving

BOTH = pytest.mark.parametrize("name", [CHAR, WORD])


def asked(server, path, name, **values):
    """The events of an answer."""
    answer = server.client.post(path, json={"model": name} | values)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def until(condition):
    """Wait until a condition holds."""
    while not condition():
        time.sleep(0.01)


@BOTH
@pytest.mark.parametrize("text", [TEXT, "", "é\r\n\ufeff日本"])
def test_bits_are_those_of_score_and_each_token_has_its_rank_and_five_likeliest(
    server, library, models, name, text
):
    (event,) = asked(server, "/read", name, text=text)
    read, document = event["result"], Document("a", canonical(text))
    assert read["bits"] == models[name].bits(text)
    if text:
        assert read["bits"] == scored(run_of(library, name), [document], None)[0]["bits"]
    (scores,) = models[name].score_documents([document])
    encoding = scores.encoding
    assert [token["bits"] for token in read["tokens"]] == scores.bits.tolist()
    assert "".join(token["text"] for token in read["tokens"]) == document.text
    for _, place, distribution in models[name].distributions([encoding], [range(len(encoding))]):
        token = read["tokens"][place]
        shares = [share for _, share in token["likeliest"]]
        assert shares == pytest.approx(sorted(distribution, reverse=True)[:5], abs=1e-4)
        assert token["rank"] == 1 + sum(distribution > distribution[encoding.ids[place]])


@BOTH
def test_text_streams_while_it_grows_to_that_of_generate(server, models, name):
    values = {"text": "The keeper", "length": 150, "temperature": 0.7, "seed": 5}
    *grown, last = asked(server, "/write", name, **values)
    (text,) = models[name].generate("The keeper", 150, temperature=0.7, seed=5)
    assert last == {"result": {"text": text}}
    lengths = [len(event["text"]) for event in grown]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1] == 150
    assert text.startswith(grown[0]["text"][:8])


def test_a_sentence_is_cut_by_every_tokenizer_of_the_comparison(server):
    *cuts, end = asked(server, "/cut", WORD, text=TEXT)
    assert end == {"result": {"characters": len(TEXT)}}
    assert {cut["column"] for cut in cuts} == {"char@ngram", "word:unk@ngram"}
    for cut in cuts:
        assert "".join(token["text"] for token in cut["tokens"]) == TEXT
        classes = {token["class"] for token in cut["tokens"]} - {None}
        assert classes == ({"UNK"} if "word" in cut["column"] else set())


def test_passages_are_by_both_models_and_as_many_by_the_author(server, library):
    answer = server.client.get("/passages", params={"left": CHAR, "right": WORD}).json()["passages"]
    results = Comparison.load(library / "counted" / "comparison.json")
    written = {(cut_passage(s.text), name) for name, texts in results.generated.items() for s in texts.samples}
    by_author = {text for text, writer in answer if writer == AUTHOR}
    assert {(text, writer) for text, writer in answer if writer != AUTHOR} == written
    assert 0 < len(by_author) <= len(written) == 4
    assert by_author <= set(map(cut_passage, results.author_passages))


def test_a_killed_process_is_a_503_and_the_next_request_works(server, library):
    run = run_of(library, CHAR)
    for process in server.processes.by_run.values():
        process.kill()  # even at rest
    with ThreadPoolExecutor() as threads:
        until(lambda: not server.processes.by_run.get(run) or not server.processes.by_run[run].alive)
        before = server.processes.by_run.get(run)
        answer = threads.submit(server.client.post, "/read", json={"model": CHAR, "text": TEXT})
        until(lambda: server.processes.by_run.get(run) not in (before, None))
        server.processes.by_run[run].kill()
        assert answer.result().status_code == 503
        assert list(answer.result().json()) == ["error"]
    assert asked(server, "/read", CHAR, text=TEXT)[0]["result"]["bits"] > 0


def test_a_run_that_is_replaced_is_loaded_again(library, models, tmp_path):
    root = shutil.copytree(library / "counted", tmp_path / "library" / "counted").parent
    with serving(root) as server:
        for name in (CHAR, WORD):
            shutil.rmtree(run_of(root, CHAR))
            shutil.copytree(run_of(library, name), run_of(root, CHAR))
            (event,) = asked(server, "/read", CHAR, text=TEXT)
            assert event["result"]["bits"] == models[name].bits(TEXT)


LONG = {"text": "The keeper", "length": 2000}


def test_a_closed_stream_ends_its_process_and_the_next_request_works(server, library):
    run = run_of(library, CHAR)
    with server.client.stream("POST", "/write", json={"model": CHAR} | LONG) as stream:
        lines = stream.iter_lines()
        assert "text" in json.loads(next(lines))
        process = server.processes.by_run[run]
    until(lambda: not process.alive)
    assert run not in server.processes.by_run
    with httpx2.Client(base_url=server.address, cookies=server.client.cookies, timeout=0.3) as hasty:
        with pytest.raises(httpx2.ReadTimeout):  # before the model is loaded
            hasty.post("/read", json={"model": CHAR, "text": TEXT}, headers={"Origin": server.address})
        until(lambda: run not in server.processes.by_run)
    assert asked(server, "/read", CHAR, text=TEXT)[0]["result"]["bits"] > 0


def test_requests_for_one_model_wait_and_are_told_their_place(server, monkeypatch):
    asked(server, "/read", WORD, text="a")
    with ThreadPoolExecutor() as threads:
        with server.client.stream("POST", "/write", json={"model": CHAR} | LONG) as stream:
            lines = stream.iter_lines()
            next(lines)
            second = threads.submit(asked, server, "/read", CHAR, text=TEXT)
            assert "result" in asked(server, "/read", WORD, text=TEXT)[0]  # another model does not wait
            for _ in lines:
                pass
        assert [list(event) for event in second.result()] == [["place"], ["result"]]
    monkeypatch.setattr(processes, "MAX_REQUESTS", 0)
    assert server.client.post("/read", json={"model": CHAR, "text": TEXT}).status_code == 503


def test_only_a_few_processes_are_kept(server, library, monkeypatch):
    monkeypatch.setattr(processes, "MAX_PROCESSES", 2)
    for name in (CHAR, WORD):
        asked(server, "/read", name, text=TEXT)
    asked(server, "/cut", CHAR, text=TEXT)
    assert list(server.processes.by_run) == [run_of(library, WORD), library / "counted"]
