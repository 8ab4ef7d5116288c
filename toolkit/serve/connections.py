"""Connections of the server, which end if a request does not arrive."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 10.0  # from the first byte of a request, or a new connection, to the last
ARRIVING = (h11.IDLE, h11.SEND_BODY)  # states of a client that has not sent its whole request


class Connection(H11Protocol):
    """A connection that is closed unless each request arrives within ``REQUEST_SECONDS``.

    uvicorn has a limit for the time between two requests, but none for a request that was begun.
    """

    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read a part of a request, and stop waiting once it is complete."""
        if self.deadline is None:
            self._wait()
        super().data_received(data)
        if self.conn.their_state not in ARRIVING:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None
