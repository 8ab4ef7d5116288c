"""The application of the server: its pages, and its answers from models."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.errors import first_line
from toolkit.results.record import PAGE, environment
from toolkit.runs.folder import RUNS
from toolkit.runs.spec import Column
from toolkit.serve import library, worker
from toolkit.serve.processes import Processes

FOLDER = Path(__file__).parent
MAX_BODY_BYTES = 256 * 1024
PAUSE_SECONDS = 0.1  # between two looks whether a request was closed
LIVE_SECONDS = 1.0  # between two looks at unfinished comparisons
SANDBOX = "sandbox allow-scripts allow-downloads allow-popups"  # a page cannot use the server
VIEWS = {"/": "list.html.j2", "/play": "play.html.j2"}

HEADERS = {  # of every answer that has none of its own
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Pages:
    """The answers about the comparisons in a folder."""

    def __init__(self, root: Path, processes: Processes) -> None:
        self.root, self.processes = root, processes
        self.templates = environment(FOLDER / "templates", autoescape=True)
        self.templates.globals |= {"limits": worker, "column": Column.of_cell}

    def show_view(self, request: Request) -> Response:
        """Show the list of comparisons, or the playground for the two models that the address names."""
        template = self.templates.get_template(VIEWS[request.url.path])
        entries = library.entries(self.root).values()
        return HTMLResponse(template.render(entries=entries, chosen=request.query_params))

    def show_page(self, request: Request) -> Response:
        """Send the page of a comparison as it is."""
        entry = library.entries(self.root).get(request.path_params["name"])
        if not (entry and (page := entry.folder / PAGE).is_file()) or page.is_symlink():
            raise HTTPException(404, "There is no such page. Go back to the list of comparisons.")
        return FileResponse(page, headers={"Content-Security-Policy": SANDBOX})

    def show_passages(self, request: Request) -> Response:
        """Send passages by models and by the author, with their writers."""
        models = request.query_params.getlist("model")
        return JSONResponse({"passages": library.passages(self.root, models)})

    async def watch(self, _: Request) -> Response:
        """Stream the progress of all unfinished comparisons, each time that it changes."""

        async def changes() -> AsyncIterator[str]:
            shown = None
            while True:
                if (progress := await asyncio.to_thread(library.unfinished, self.root)) != shown:
                    yield f"data: {json.dumps(progress)}\n\n"
                shown = progress
                await asyncio.sleep(LIVE_SECONDS)

        return StreamingResponse(changes(), media_type="text/event-stream")

    async def answer(self, request: Request) -> Response:
        """Let a model read or write a text, or let all tokenizers of its comparison cut the text."""
        ask = await parsed(request)
        entry, name = await asyncio.to_thread(library.find, self.root, ask.model)
        if (path := request.url.path) == "/cut":
            return await streamed(request, self.processes.events(entry.folder, worker.cut, entry.best_runs, ask))
        run, task = entry.folder / RUNS / name, worker.read if path == "/read" else worker.write
        return await streamed(request, self.processes.events(run, task, run, ask))


async def parsed(request: Request) -> worker.Ask:
    """Return what a request asks of a model. Raises HTTPException if it is too long or invalid."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise HTTPException(413, f"The request is too long. Send at most {MAX_BODY_BYTES:,} bytes.")
    except ClientDisconnect as error:
        raise HTTPException(499) from error  # nobody receives it
    try:
        return worker.Ask.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(400, f"The request is invalid: {first_line(error)}.") from error


async def streamed(request: Request, events: AsyncIterator[worker.Fields]) -> Response:
    """Return events as lines of JSON. The status waits for the first one; a closed request ends the events."""
    first = asyncio.ensure_future(anext(events))
    while not (await asyncio.wait({first}, timeout=PAUSE_SECONDS))[0]:
        if await request.is_disconnected():
            first.cancel()
            raise HTTPException(499)  # nobody receives it
    event = await first

    async def all_events() -> AsyncIterator[worker.Fields]:
        yield event
        try:
            async for later in events:
                yield later
        except HTTPException as error:
            yield {"error": error.detail}

    lines = (json.dumps(fields) + "\n" async for fields in all_events())
    return StreamingResponse(lines, media_type="application/x-ndjson")


def refused(_: Request, error: Any) -> Response:
    """Return the sentence of an HTTPException with its status."""
    return JSONResponse({"error": f"{error.detail.rstrip('.')}."}, error.status_code)


def application(root: Path, processes: Processes, host: str, token: str) -> Starlette:
    """Return the application over a folder of comparisons. ``Guard`` explains host and token."""
    pages = Pages(root.resolve(), processes)
    return Starlette(
        routes=[
            *(Route(path, pages.show_view) for path in VIEWS),
            Route("/pages/{name:path}", pages.show_page),
            Route("/passages", pages.show_passages),
            Route("/events", pages.watch),
            *(Route(path, pages.answer, methods=["POST"]) for path in ("/read", "/write", "/cut")),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
        ],
        middleware=[Middleware(Guard, host=host, token=token)],
        exception_handlers={HTTPException: refused},
    )


class Guard:
    """Middleware between the server and its application. ``host`` is the server's address beside the loopback names."""

    def __init__(self, app: ASGIApp, host: str, token: str) -> None:
        self.app, self.token = app, token
        # 0.0.0.0 is every address of the machine. Another site may have a name that leads here, but no such number.
        name = r"[\d.]+" if host == "0.0.0.0" else re.escape(host)
        self.own_host = re.compile(rf"(localhost|127\.0\.0\.1|{name})(:\d+)?", re.IGNORECASE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or move its token to a cookie, or let the application answer it."""

        async def send_strictly(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request, answer = Request(scope), self.app
        cookie = f"toolkit-{scope['server'][1]}"  # a browser sends the cookies of a host to all of its ports
        token = request.query_params.get("token")
        if sentence := self._refusal(request, token or request.cookies.get(cookie, "")):
            answer = JSONResponse({"error": sentence}, 403)
        elif token:
            answer = redirect = RedirectResponse(str(request.url.remove_query_params("token")), 303)
            redirect.set_cookie(cookie, token, httponly=True, samesite="strict")
        await answer(scope, receive, send_strictly)

    def _refusal(self, request: Request, token: str) -> str | None:
        host = request.headers.get("host", "")
        if not self.own_host.fullmatch(host):
            return "This request is for another address. Open the address that toolkit serve printed."
        if request.method not in ("GET", "HEAD") and request.headers.get("origin") != f"http://{host}":
            return "This request comes from another page. Use the pages of this server."
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return "The token is missing or wrong. Open the address that toolkit serve printed."
        return None
