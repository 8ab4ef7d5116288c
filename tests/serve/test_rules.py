"""Who may use the server, for what, and which sentence everyone else gets."""

import http.client
import json
import signal
import subprocess
import sys

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.helpers.registries import restored
from toolkit.comparison.folder import Stored
from toolkit.files import locked
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.comparison import Comparison
from toolkit.serve.guard import HEADERS
from toolkit.serve.processes import Processes
from toolkit.serve.server import MAX_BODY_BYTES, application

from .conftest import CHAR, FOREIGN, TEXT, TOKEN, WORD, checked, serving

GOOD = {"model": CHAR, "text": TEXT}


def refused(answer, *statuses):
    """The one sentence of an answer that refuses a request with one of these statuses."""
    assert answer.status_code in statuses, answer.url
    (text,) = answer.json().values()
    assert text.endswith(".")
    assert "Traceback" not in text
    return text


def test_the_first_request_changes_its_token_for_a_cookie(server):
    with httpx2.Client(base_url=server.address) as client:
        for path in ("/", "/play", "/static/style.css", "/?token=wrong", "/events", "/pages/library/counted"):
            refused(client.get(path), 403)
        answer = client.get("/play", params={"token": TOKEN, "left": CHAR})
        cookie = answer.headers["set-cookie"].lower()
        assert (answer.status_code, "httponly" in cookie, "samesite=strict" in cookie) == (303, True, True)
        assert TOKEN not in answer.headers["location"]
        answer = client.get(answer.headers["location"])
        assert (answer.status_code, CHAR in answer.text) == (200, True)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


ADDRESSES = {  # by --host: some that are the server's, and some that are not
    "127.0.0.1": (
        "localhost:80 127.0.0.1",
        "evil.example 192.168.7.7 127.0.0.1@evil.example [ localhost.evil.example",
    ),
    "192.168.7.7": ("192.168.7.7:8000 localhost", "192.168.7.8:8000 evil.example"),
    "0.0.0.0": ("192.168.7.7:8000 127.0.0.1", "evil.example"),
}


@pytest.mark.parametrize("host", ADDRESSES)
def test_requests_are_for_an_address_of_the_server(library, host):
    client = TestClient(application(library, Processes({}), host, TOKEN), follow_redirects=False)
    for names, status in zip(ADDRESSES[host], (303, 403), strict=True):
        for name in names.split():
            assert client.get(f"/?token={TOKEN}", headers={"Host": name}).status_code == status, name


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost:1"])
def test_requests_to_models_come_from_pages_of_the_server(server, origin):
    with httpx2.Client(base_url=server.address, cookies=dict(server.client.cookies)) as client:
        headers = {} if origin is None else {"Origin": origin}
        refused(client.post("/read", json=GOOD, headers=headers), 403)


def test_a_long_request_is_refused(server):
    text = "a" * MAX_BODY_BYTES
    for content in (json.dumps(GOOD | {"text": text}), (part.encode() for part in [text, "b"])):
        refused(server.client.post("/read", content=content), 413)


NO_JSON = (b"", b"\xff", b"[]", b"{}", b'{"model": "%s", "text": "\\ud800"}' % CHAR.encode())
LINKED = "library/half-linked/char-ngram-seed0"
WRONG = [{"model": name} for name in ("", "library/counted/none", "../secret/char-ngram-seed0", "/etc", LINKED)]
WRONG += [{"text": text} for text in (None, 3, "a" * 5001)]
WRONG += [{"length": 0}, {"length": 2001}, {"length": 1.5}, {"seed": -1}, {"seed": 2**31}, {"other": 1}]
WRONG += [{"temperature": temperature} for temperature in (0, 1e9, float("nan"), "hot")]


@pytest.mark.parametrize("path", ["/read", "/write", "/cut"])
@pytest.mark.parametrize("content", [*NO_JSON, *(json.dumps(GOOD | change) for change in WRONG)])
def test_bad_input_gets_one_sentence(server, path, content):
    refused(server.client.post(path, content=content), 400, 404)


UNKNOWN = f"""
GET /none /read /pages/library/none /pages/library/damaged /static/none /passages /passages?left={CHAR}&right=none
POST / /play /static/style.css
DELETE /play /read
"""


@pytest.mark.parametrize("line", UNKNOWN.split("\n")[1:-1])
def test_unknown_addresses_and_methods_get_one_sentence(server, line):
    method, *paths = line.split()
    for path in paths:
        refused(server.client.request(method, path), 404, 405)


OUTSIDE = r"""
/pages/../secret /pages/library/../../secret /pages/%2e%2e/secret /pages/..%2fsecret /pages//etc /pages/secret
/pages/library/counted/../../../secret /pages/library/counted/comparison.json /pages/library/linked /pages/library
/pages/library/half-linked /pages/library/counted%00 /pages/C:\ /static/../server.py /static/%2e%2e/server.py
/static//etc/passwd /static/..%5cserver.py /static/
"""


@pytest.mark.parametrize("path", OUTSIDE.split())
def test_nothing_outside_the_folder_is_served(server, path):
    """Clients usually shorten such a path, so this one sends it as it is."""
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"))
    cookie = "; ".join(f"{name}={value}" for name, value in server.client.cookies.items())
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert (answer.status, list(json.loads(answer.read()))) == (404, ["error"])
    connection.close()


def test_a_page_is_sent_as_it_is_in_a_sandbox(server):
    answer = server.client.get("/pages/library/counted")
    assert answer.content == (server.root / "counted" / "index.html").read_bytes()
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "allow-same-origin" not in answer.headers["content-security-policy"]


def test_the_list_has_every_comparison_with_its_answer(server):
    text = server.client.get("/").text
    counted = Comparison.load(server.root / "counted" / "comparison.json")
    assert text.count(counted.headline) == 2  # also of the one whose page is a link
    assert all(f">{name}<" in text for name in ("counted", "group/foreign", "damaged", "begun"))
    assert ">linked<" not in text
    assert server.client.get("/play").text.count(f'value="{WORD}"') == 2
    assert "library/half-linked/" not in server.client.get("/play").text


def test_foreign_code_runs_only_if_it_is_given(server, library):
    assert f'value="{FOREIGN}"' in server.client.get("/play").text
    for path in ("/read", "/write"):
        text = refused(server.client.post(path, json=GOOD | {"model": FOREIGN}), 400)
        assert ("mine.py" in text, "--code" in text) == (True, True)
    file = library.parent / "mine.py"
    with restored(RARE_WORDS), serving(library, {str(file): load_code(file)}) as trusting:
        answer = trusting.client.post("/read", json=GOOD | {"model": FOREIGN})
        assert answer.json()["result"]["bits"] > 0


def events(client):
    """The data of the events about unfinished comparisons, as they come."""
    with client.stream("GET", "/events") as stream:
        for line in stream.iter_lines():
            if line:
                yield json.loads(line.removeprefix("data: "))


def test_the_checks_of_a_running_comparison_come_as_events(tmp_path):
    folder = tmp_path / "begun"
    run = folder / "runs" / "char-seed0"
    Stored(cells={run.name: {}}).save(folder)
    name = f"{tmp_path.name}/begun"
    with serving(tmp_path) as server:
        changes = events(server.client)
        cell = {"run": "runs/char-seed0", "state": "waiting", "checks": []}
        assert next(changes) == [{"name": name, "state": "interrupted", "cells": [cell]}]
        with locked(folder):
            checked(run, 2)
            latest = next(change for change in changes if change[0]["state"] == "running")
            if not latest[0]["cells"][0]["checks"]:
                latest = next(changes)
            assert latest[0]["cells"] == [cell | {"state": "training", "checks": [[100, 4.0], [200, 3.0]]}]
            checked(run, 3)
            assert next(changes)[0]["cells"][0]["checks"][2:] == [[300, 2.0]]
        assert next(changes)[0]["state"] == "interrupted"
        changes.close()


def test_the_command_prints_an_address_and_ends_with_an_interrupt(library):
    command = [sys.executable, "-m", "toolkit", "serve", str(library), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")["address"]
        assert httpx2.get(address).status_code == 303
        assert httpx2.get(address.partition("?")[0]).status_code == 403
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_the_command_names_what_is_missing(command_line, monkeypatch, tmp_path):
    code, out, err = command_line("serve", tmp_path / "none")
    assert (code, out, err.count("\n")) == (2, "", 1)
    monkeypatch.setattr("toolkit.cli.serve.find_spec", lambda _: None)
    code, out, err = command_line("serve", tmp_path)
    assert (code, out, err.count("\n"), "pip install" in err) == (2, "", 1, True)
