"""Who may use the server: requests to its own address, from its own pages, with its token."""

import re
import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {  # of every answer that has none of its own
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


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
