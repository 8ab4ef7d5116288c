"""toolkit serve: a local page over a folder of comparisons and their models."""

import os
import secrets
import socket
import webbrowser
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path

import typer

from toolkit.cli import options as cli
from toolkit.errors import DEBUGGING, InputError
from toolkit.plugins import load_code

PACKAGES = ("starlette", "uvicorn")  # of the extra
GRACE_SECONDS = 1  # for open streams when the server ends


def serve(
    folder: Path = typer.Argument(Path("reports"), metavar="DIR", help="A folder of comparisons."),
    host: str = typer.Option("127.0.0.1", help="The address. Other machines reach any but the default."),
    port: int = typer.Option(0, min=0, max=65535, help="The port; 0 is a free one."),
    open_: bool = cli.OPEN,
    quiet: bool = cli.QUIET,
    code: list[Path] = cli.CODE,
) -> None:
    """Serve comparisons and their models as a local page.

    Open the printed address, which has a secret token. With --json, print it under "address". Ctrl-C ends the server.
    """
    if not all(map(find_spec, PACKAGES)):
        raise InputError('toolkit serve needs more packages. Run: python -m pip install -e ".[serve]"')
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Give a folder of comparisons.")
    import uvicorn

    from toolkit.serve.connections import Connection
    from toolkit.serve.processes import Processes
    from toolkit.serve.server import application

    processes = Processes({str(file.resolve()): load_code(file) for file in code})
    token, listening = secrets.token_urlsafe(24), listen(host, port)
    address = f"http://{host}:{listening.getsockname()[1]}/?token={token}"
    cli.echo({"address": address}, address if quiet else f"Open:    {address}\nPress Ctrl-C to end the server.")
    if open_:
        webbrowser.open(address)
    config = uvicorn.Config(
        application(folder, processes, host, token),
        http=Connection,
        # Each stream that ends with the server would be logged as an error.
        log_level="info" if os.environ.get(DEBUGGING) else "critical",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with listening, closing(processes), suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listening])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; port 0 is a free one. Raises InputError if it cannot be used."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        sentence = f"Port {port} of {host} is in use, or not allowed. Choose another --port or --host."
        raise InputError(sentence) from error
