"""Who may use the server and for what, and its models: they answer as elsewhere, one after another, and survive."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.helpers.registries import restored
from toolkit.evaluation.scoring import scored
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load
from toolkit.serve import processes
from toolkit.serve.server import HEADERS, MAX_BODY_BYTES, application
from toolkit.text.corpus import Document

from .conftest import CHAR, FOREIGN, TEXT, TOKEN, WORD, run_of, serving

GOOD = {"model": CHAR, "text": TEXT}
LONG = {"model": CHAR, "text": "The keeper", "length": 2000}


def refusal(answer):
    """The status of an answer that refuses a request with one sentence."""
    (sentence,) = answer.json().values()
    assert sentence.endswith("."), answer.url
    return answer.status_code


def test_the_first_request_changes_its_token_for_a_cookie(server):
    with httpx2.Client(base_url=server.address) as client:
        for path in ("/", "/static/style.css", "/?token=wrong", "/events", "/pages/library/counted"):
            assert refusal(client.get(path)) == 403, path
        answer = client.get("/play", params={"token": TOKEN, "left": CHAR})
        cookie = answer.headers["set-cookie"].lower()
        assert (answer.status_code, "httponly" in cookie, "samesite=strict" in cookie) == (303, True, True)
        assert TOKEN not in answer.headers["location"]
        answer = client.get(answer.headers["location"])
        assert (answer.status_code, CHAR in answer.text) == (200, True)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


HOSTS = """
127.0.0.1    localhost:80,127.0.0.1            evil.example,192.168.7.7,127.0.0.1@evil.example,127.0.0.1.example
192.168.7.7  192.168.7.7:8000,localhost        192.168.7.8,192.168x7.7
0.0.0.0      192.168.7.7:8000,127.0.0.1        evil.example
"""


@pytest.mark.parametrize("line", HOSTS.split("\n")[1:-1])
def test_requests_are_for_an_address_of_the_server(library, line):
    host, *names = line.split()
    client = TestClient(application(library, processes.Processes({}), host, TOKEN), follow_redirects=False)
    for status, addresses in zip((303, 403), names, strict=True):
        for name in addresses.split(","):
            assert client.get(f"/?token={TOKEN}", headers={"Host": name}).status_code == status, name


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "http://localhost:1"}])
def test_requests_to_models_come_from_pages_of_the_server(server, headers):
    with httpx2.Client(cookies=server.client.cookies) as client:
        assert refusal(client.post(f"{server.address}/read", json=GOOD, headers=headers)) == 403


NAMES = ("", "library/counted/none", "../secret/char-ngram-seed0", "library/half-linked/char-ngram-seed0")
WRONG = [{"model": name} for name in NAMES] + [{"text": text} for text in (3, "a" * 5001, "\ud800")]
WRONG += [{"length": 0}, {"length": 2001}, {"seed": 2**31}, {"temperature": 0}, {"other": 1}]
NO_REQUESTS = [b"", b"\xff", b"[]", *(json.dumps(GOOD | change) for change in WRONG)]


@pytest.mark.parametrize("content", NO_REQUESTS)
def test_bad_input_gets_one_sentence(server, content):
    answer = server.client.post("/write", content=content)
    assert refusal(answer) in (400, 404)
    assert ": :" not in answer.json()["error"]


HALF_BODY = (
    "POST /read HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    "Cookie: {cookie}\r\nContent-Length: 9\r\n\r\nhalf"
)


@pytest.mark.parametrize("half", ["", "GET / HT", HALF_BODY])
def test_a_connection_is_closed_if_a_request_does_not_arrive(server, monkeypatch, half):
    monkeypatch.setattr("toolkit.serve.connections.REQUEST_SECONDS", 0.1)
    host = server.address.removeprefix("http://")
    cookie = "; ".join(f"{name}={value}" for name, value in server.client.cookies.items())
    name, port = host.split(":")
    with socket.create_connection((name, int(port)), timeout=5) as connection:
        connection.sendall(half.format(host=host, cookie=cookie).encode())
        assert connection.recv(65_536) == b""  # closed without an answer


def test_a_connection_stays_open_between_requests(server, monkeypatch):
    monkeypatch.setattr("toolkit.serve.connections.REQUEST_SECONDS", 0.1)
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=5)
    ports = set()
    for _ in range(2):
        connection.request("GET", "/static/none")
        connection.getresponse().read()
        ports.add(connection.sock.getsockname())
        time.sleep(0.3)
    assert len(ports) == 1
    connection.close()


def test_a_long_request_is_refused(server):
    assert refusal(server.client.post("/write", content=(b"a" * size for size in (MAX_BODY_BYTES, 1)))) == 413


NOWHERE = r"""
/none /static/none /pages/library/damaged /passages?model=none /pages/secret /pages//etc /static//etc/passwd
/pages/../secret /pages/library/../../secret /pages/%2e%2e/secret /pages/..%2fsecret /static/../server.py
/static/%2e%2e/server.py /static/..%5cserver.py /pages/library/counted/comparison.json
/pages/library/linked /pages/library/half-linked
"""


@pytest.mark.parametrize("path", NOWHERE.split())
def test_nothing_outside_the_folder_is_served(server, path):
    """Clients usually shorten such a path, so this one sends it as it is."""
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"))
    cookie = "; ".join(f"{name}={value}" for name, value in server.client.cookies.items())
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert (answer.status, list(json.loads(answer.read()))) == (404, ["error"])
    connection.close()


def test_the_list_has_every_comparison_with_its_answer_and_its_page_as_it_is_in_a_sandbox(server):
    text, folder = server.client.get("/").text, server.root / "counted"
    assert text.count(Comparison.load(folder / "comparison.json").headline) == 1
    assert all(f">{name}<" in text for name in ("counted", "group/foreign", "damaged", "begun"))
    assert ">linked<" not in text
    answer = server.client.get("/pages/library/counted")
    assert answer.content == (folder / "index.html").read_bytes()
    policy = answer.headers["content-security-policy"]
    assert (policy.startswith("sandbox"), "allow-same-origin" in policy) == (True, False)


def test_foreign_code_runs_only_if_it_is_given(server, library):
    assert f'value="{FOREIGN}"' in server.client.get("/play").text
    answer = server.client.post("/read", json=GOOD | {"model": FOREIGN})
    assert (refusal(answer), "--code" in answer.text) == (400, True)
    file = library.parent / "mine.py"
    with restored(RARE_WORDS), serving(library, {str(file): load_code(file)}) as trusting:
        answer = trusting.client.post("/read", json=GOOD | {"model": FOREIGN})
        assert answer.json()["result"]["bits"] > 0


def test_the_command_prints_an_address_and_ends_with_an_interrupt(library):
    command = [sys.executable, "-m", "toolkit", "serve", str(library), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")["address"]
        assert httpx2.get(address).status_code == 303
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def asked(server, path, name, **values):
    """The events of an answer."""
    answer = server.client.post(path, json={"model": name} | values)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_bits_are_those_of_score_also_of_a_run_that_is_replaced(library, tmp_path):
    root = shutil.copytree(library / "counted", tmp_path / "library" / "counted").parent
    document, run = Document("a", TEXT), run_of(root, CHAR)
    with serving(root) as server:
        for name in (CHAR, WORD):
            shutil.rmtree(run)
            shutil.copytree(run_of(library, name), run)
            read, model = asked(server, "/read", CHAR, text=TEXT.replace("\n", "\r\n"))[0]["result"], load(run)
            assert read["bits"] == scored(run, [document], None)[0]["bits"]
            (scores,) = model.score_documents([document])
            encoding = scores.encoding
            assert [token["bits"] for token in read["tokens"]] == scores.bits.tolist()
            for _, place, distribution in model.distributions([encoding], [range(len(encoding))]):
                token = read["tokens"][place]
                shares = [share for _, share in token["likeliest"]]
                assert shares == pytest.approx(sorted(distribution, reverse=True)[:5], abs=1e-4)
                assert token["rank"] == 1 + sum(distribution > distribution[encoding.ids[place]])


def test_text_streams_while_it_grows_to_that_of_generate(server, library):
    *grown, _ = asked(server, "/write", WORD, text="The keeper", length=150, temperature=0.7, seed=5)
    (text,) = load(run_of(library, WORD)).generate("The keeper", 150, temperature=0.7, seed=5)
    assert grown[-1] == {"text": text}
    assert len(grown[0]["text"]) < len(text)


def test_a_sentence_is_cut_by_every_tokenizer_of_the_comparison(server):
    *cuts, _ = asked(server, "/cut", WORD, text=TEXT)
    assert {cut["column"] for cut in cuts} == {"char@ngram", "word:unk@ngram"}
    for cut in cuts:
        assert "".join(token["text"] for token in cut["tokens"]) == TEXT
        classes = {token["class"] for token in cut["tokens"]} - {None}
        assert classes == ({"UNK"} if "word" in cut["column"] else set())


def test_a_killed_process_is_a_503_and_the_next_request_works(library):
    run = run_of(library, CHAR)
    with serving(library) as server, ThreadPoolExecutor() as threads:
        for _ in ("at work", "at rest"):
            answer = threads.submit(server.client.post, "/read", json=LONG)
            while run not in server.processes.by_run:
                time.sleep(0.01)
            server.processes.by_run[run].kill()
            assert (answer.result().status_code, list(answer.result().json())) == (503, ["error"])
            asked(server, "/read", CHAR, text=TEXT)
            server.processes.by_run[run].kill()


def test_a_closed_request_ends_its_process_and_the_next_request_works(server, library):
    run = run_of(library, CHAR)
    with server.client.stream("POST", "/write", json=LONG):
        first = server.processes.by_run[run]
    with pytest.raises(httpx2.ReadTimeout):  # before the model is loaded
        server.client.post("/read", json=LONG, timeout=httpx2.Timeout(60, read=0.1))
    second = server.processes.by_run.get(run)
    asked(server, "/read", CHAR, text=TEXT)
    assert not first.alive
    assert server.processes.by_run[run] is not second


@pytest.mark.parametrize(("most", "names"), [(2, [CHAR]), (1, [CHAR, WORD, FOREIGN])])
def test_requests_wait_for_one_model_or_too_many_and_few_processes_are_kept(library, monkeypatch, most, names):
    """The first request takes seconds, since its process has to start."""
    monkeypatch.setattr(processes, "MAX_PROCESSES", most)
    with serving(library) as server, ExitStack() as streams, ThreadPoolExecutor() as threads:
        first = threads.submit(asked, server, "/read", CHAR, text=TEXT)
        while not server.processes.by_run:
            time.sleep(0.01)
        lines = []
        for name in names:
            call = server.client.stream("POST", "/read", json={"model": name, "text": TEXT})
            lines.append(streams.enter_context(call).iter_lines())
        assert [json.loads(next(each)) for each in lines] == [{"waiting": True}] * len(names)
        assert (first.done(), len(server.processes.by_run)) == (False, 1)
        later = [[key for line in each for key in json.loads(line)] for each in lines]
        assert later == [["error" if name == FOREIGN else "result"] for name in names]
        assert list(first.result()[-1]) == ["result"]
        asked(server, "/cut", CHAR, text=TEXT)
        assert len(server.processes.by_run) == most
        monkeypatch.setattr(processes, "MAX_REQUESTS", 0)
        assert server.client.post("/read", json=LONG).status_code == 503
