"""Prefect's server with the response headers that keep a coordinator's browser inside the house.

Nothing of ours is mounted here: Prefect's log-in does not cover added routes, so a document served from
this application would be open to everyone who reaches the port.
"""

from fastapi import FastAPI
from prefect.server.api.server import create_app as create_prefect_app
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


# Prefect's pages call an analytics host on every view, even with analytics off; connect-src stops them.
# Its scripts use eval and its styles are inline, which the rest of the policy therefore has to allow.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; connect-src 'self' ws: wss:; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class ProtectiveHeaders:
    """Adds the headers to every response, the error pages and the files of the UI included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def create_app() -> FastAPI:
    app = create_prefect_app()
    app.add_middleware(ProtectiveHeaders)
    return app
