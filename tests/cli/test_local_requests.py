"""A page of somebody else's gets nothing from a server of this machine, by whatever way it has a browser ask."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import optuna
import pytest

from dcgan.cli.serving import local_server
from dcgan.queue import storage
from tests.postgres import free_port


@contextmanager
def served(application: Any) -> Iterator[int]:
    """The real server with that application behind it; gives its port."""
    port = free_port()
    with local_server(application, port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            server.shutdown()
            thread.join()


def asked(port: int, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, str]:
    """The status and the text that a request with just those headers is answered with."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    told = answer.read().decode()
    connection.close()
    return answer.status, told


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that says yes to everything."""

    def application(_: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"yes"]

    with served(application) as port:
        yield port


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Host": "evil.example:{port}"}, "Host"),  # DNS rebinding: the name of that page leads here
        ({"Host": "localhost.evil.example"}, "Host"),
        ({"Host": "127.0.0.1.evil.example:{port}"}, "Host"),
        ({"Host": "localhost:{port}@evil.example"}, "Host"),
        ({"Host": "0.0.0.0:{port}"}, "Host"),
        ({"Host": ""}, "Host"),
        ({}, "Host"),
        ({"Host": "127.0.0.1:{port}", "Origin": "http://evil.example"}, "Origin"),
        ({"Host": "127.0.0.1:{port}", "Origin": "null"}, "Origin"),  # a page from a file, or in a sandboxed frame
        ({"Host": "localhost:{port}", "Origin": "http://localhost:1"}, "Origin"),  # another server of this machine
        ({"Host": "localhost:{port}", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}, "Sec-Fetch-Site"),
        ({"Host": "localhost:{port}", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}, "Sec-Fetch-Site"),
    ],
)
def test_what_another_page_sends_is_refused(port: int, method: str, headers: dict[str, str], reason: str) -> None:
    status, told = asked(port, method, "/", {name: value.format(port=port) for name, value in headers.items()})
    assert (status, told.partition(":")[0]) == (403, "" if method == "HEAD" else reason)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "127.0.0.1:{port}"},
        {"Host": "localhost:{port}", "Origin": "http://localhost:{port}", "Sec-Fetch-Site": "same-origin"},
        {"Host": "LOCALHOST:9000", "Origin": "http://LOCALHOST:9000"},  # through `ssh -L 9000:localhost:8080`
        {"Host": "[::1]:{port}"},
        {"Host": "localhost"},
    ],
)
def test_its_own_pages_and_programs_are_answered(port: int, method: str, headers: dict[str, str]) -> None:
    answer = asked(port, method, "/", {name: value.format(port=port) for name, value in headers.items()})
    assert answer == (200, "yes")


def test_a_link_from_elsewhere_may_lead_here_and_a_form_may_not(port: int) -> None:
    followed = {"Host": f"localhost:{port}", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    assert asked(port, "GET", "/", followed)[0] == 200
    assert asked(port, "POST", "/", followed)[0] == 403


def test_a_study_cannot_be_renamed_in_optuna_s_dashboard_by_a_page_elsewhere() -> None:
    dashboard = pytest.importorskip("optuna_dashboard")
    kept = optuna.storages.InMemoryStorage()
    optuna.create_study(storage=kept, study_name="mine")
    body = json.dumps({"study_name": "theirs"}).encode()
    with served(dashboard.wsgi(kept)) as port:
        for foreign in (
            {"Host": f"evil.example:{port}"},
            {"Host": f"127.0.0.1:{port}", "Origin": "http://evil.example"},
        ):
            headers = {**foreign, "Content-Type": "application/json"}
            assert asked(port, "GET", "/api/studies", headers)[0] == 403
            assert asked(port, "POST", "/api/studies/0/rename", headers, body)[0] == 403
            assert asked(port, "DELETE", "/api/studies/0", headers)[0] == 403
        assert [study.study_name for study in kept.get_all_studies()] == ["mine"]
        own = {"Host": f"127.0.0.1:{port}", "Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/json"}
        assert asked(port, "POST", "/api/studies/0/rename", own, body)[0] == 201
    assert [study.study_name for study in kept.get_all_studies()] == ["theirs"]


def test_the_proxy_answers_no_browser() -> None:
    """It speaks HTTP/2 alone, which no browser speaks without encryption."""
    server = storage.proxy(optuna.storages.InMemoryStorage(), "127.0.0.1", port := free_port())
    try:
        for method in ("GET", "POST"):
            with pytest.raises((http.client.HTTPException, OSError)):
                asked(port, method, "/", {"Host": f"127.0.0.1:{port}", "Content-Type": "application/grpc"})
    finally:
        server.stop(0).wait()
