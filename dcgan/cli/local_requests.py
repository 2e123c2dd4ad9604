"""Which requests a server of this machine answers: its own pages', and those of programs here. No password is asked
for, and a browser sends here what a page of anybody's tells it to.

A page may have its own name lead to this machine (DNS rebinding), which the `Host` of its requests tells, or may ask
from where it is, which browsers say in `Origin` and `Sec-Fetch-Site`. Programs send neither. Behind a tunnel the port
is another one: the name alone has to be this machine's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_HERE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)


def own_requests(application: WSGIApplication) -> WSGIApplication:
    """The application for requests of this machine; all others are answered with 403 and the reason in one line."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        reason = refusal(environ)
        if reason is None:
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{reason}\n".encode()]

    return answer


def refusal(environ: WSGIEnvironment) -> str | None:
    """Why a request is not answered; None for one that is."""
    host = str(environ.get("HTTP_HOST", ""))
    if not _HERE.fullmatch(host):
        return "Host: not this machine's name; open the page at http://127.0.0.1, or at http://localhost by ssh -L"
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        return "Origin: another page sent this request"
    elsewhere = environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin")
    if elsewhere and (environ.get("REQUEST_METHOD"), environ.get("HTTP_SEC_FETCH_DEST")) != ("GET", "document"):
        return "Sec-Fetch-Site: another page sent this request"  # unlike a link, which its reader follows to here
    return None
