"""Who may reach the server, and from where."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from g4f.gui.server import hosts
from g4f.gui.server.environ import environ_of
from g4f.gui.server.hosts import split_host
from tests.servers.platform import CONVERSATION, Platform, question
from tests.servers.raw import exchange

PROVIDERS = "/backend-api/v2/providers"
FOREIGN = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


def test_a_host_name_that_is_not_ours_is_421(lonely: Platform) -> None:
    answer = lonely.get("/backend-api/v2/version", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "wrong_host"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "app.localhost", "LOCALHOST."])
def test_loopback_names_are_ours(lonely: Platform, host: str) -> None:
    assert lonely.get("/backend-api/v2/providers", headers={"Host": f"{host}:{lonely.port}"}).status_code == 200


@pytest.mark.parametrize("headers", [FOREIGN, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_page_of_another_site_cannot_post(lonely: Platform, headers: dict[str, str]) -> None:
    answer = lonely.post(question(), headers=headers)
    assert answer.status_code == 403


def test_a_foreign_form_that_navigates_cannot_post(lonely: Platform) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert lonely.post(question(), headers=headers).status_code == 403


def test_a_page_of_another_site_cannot_read_lists(lonely: Platform) -> None:
    assert lonely.get("/backend-api/v2/providers", headers={**FOREIGN, "Sec-Fetch-Mode": "no-cors"}).status_code == 401


def test_our_own_page_may_post(lonely: Platform) -> None:
    headers = {"Origin": lonely.base_url, "Sec-Fetch-Site": "same-origin"}
    assert lonely.post(question(), headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1:1,evil.example", "[::1]evil.example", "127.0.0.1:x@evil.example", "localhost/x", "", ":80", "localhost" + "." * 300]
)
def test_what_is_no_host_name_is_421(lonely: Platform, host: str) -> None:
    [answer] = exchange(lonely.port, f"GET {PROVIDERS} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.status == 421


def test_a_setting_that_is_no_host_name_lets_nobody_in(tmp_path: Path) -> None:
    with Platform(tmp_path, allowed_hosts=["not a name"]) as server:
        assert server.get("/healthz", headers={"Host": "no name either"}).status_code == 421


def test_two_host_headers_are_nobodys(lonely: Platform) -> None:
    hosts = "Host: 127.0.0.1\r\nHost: evil.example"
    [answer] = exchange(lonely.port, f"GET {PROVIDERS} HTTP/1.1\r\n{hosts}\r\nConnection: close\r\n\r\n".encode())
    assert answer.status == 421


@pytest.mark.parametrize(("host", "name"), [("::1", "::1"), ("[::1]:80", "::1"), ("A.Example.:80", "a.example"), ("a b", "")])
def test_a_host_is_split_from_its_port(host: str, name: str) -> None:
    assert split_host(host) == name


def test_long_host_names_are_not_remembered(lonely: Platform) -> None:
    before = hosts._split.cache_info(), hosts._is_loopback.cache_info()  # noqa: SLF001  what is kept shows nowhere else
    for number in range(3):
        assert not hosts.is_loopback_name(split_host(f"{number}".rjust(60_000, "h")))
        assert not hosts.is_loopback_name(f"{number}".rjust(60_000, "h"))
    after = hosts._split.cache_info(), hosts._is_loopback.cache_info()  # noqa: SLF001
    assert [each.currsize for each in after] <= [before[0].currsize, before[1].currsize + 1]


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Server", "X-Forwarded-Port", "X-Forwarded", "Forwarded", "X-Real-Ip", "Via",
     "X-Client-Ip", "CF-Connecting-IP", "True-Client-IP"],
)  # fmt: skip
def test_a_forwarded_request_is_nobody(lonely: Platform, header: str) -> None:
    answer = lonely.get("/backend-api/v2/providers", headers={header: "203.0.113.9"})
    assert answer.status_code == 401
    assert "accounts are not set up" in answer.json()["error"]["message"]


@pytest.mark.parametrize("header", ["x_user", "Content_Length", "X_Forwarded_For", "x__api_key"])
def test_a_name_with_underscores_is_dropped_unless_old_clients_send_it(header: str) -> None:
    environ = environ_of(scope(header.lower(), "x-user"))
    assert [name for name in environ if name.startswith("HTTP_")] == ["HTTP_X_USER"]
    assert environ["HTTP_X_USER"] == "x-user"


@pytest.mark.parametrize("name", ["api_key", "api_base", "ignored", "secret"])
def test_what_old_clients_spell_with_underscores_counts_where_the_real_name_is_missing(name: str) -> None:
    old, real = f"x_{name}", f"x-{name}".replace("_", "-")
    key = f"HTTP_X_{name.upper()}"
    assert environ_of(scope(old))[key] == old
    assert environ_of(scope(real, old))[key] == environ_of(scope(old, real))[key] == real


def scope(*headers: str) -> dict[str, object]:
    """Return a request whose headers have their own names as values."""
    raw = [(name.encode(), name.encode()) for name in headers]
    return {"method": "GET", "path": "/", "query_string": b"", "http_version": "1.1", "headers": raw}


def test_a_name_in_a_header_grants_nothing(lonely: Platform) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "X-User": "admin", "Authorization": "Bearer anything"}
    assert lonely.get("/metrics", headers=headers).status_code == 401


def test_no_cross_origin_header_without_a_list(lonely: Platform) -> None:
    answer = lonely.get("/backend-api/v2/version", headers={"Origin": "http://evil.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_listed_origin_may_read_and_an_unlisted_one_gets_no_header(tmp_path: Path) -> None:
    with Platform(tmp_path, cors_origins=["http://friend.example"]) as server:
        friend = server.get("/backend-api/v2/version", headers={"Origin": "http://friend.example"})
        other = server.get("/backend-api/v2/version", headers={"Origin": "http://evil.example"})
    assert friend.headers["Access-Control-Allow-Origin"] == "http://friend.example"
    assert "Access-Control-Allow-Credentials" not in friend.headers
    assert "Access-Control-Allow-Origin" not in other.headers


def preflight(server: Platform, origin: str) -> requests.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    return requests.options(server.base_url + CONVERSATION, headers=asked, timeout=20)


def test_a_listed_origin_may_ask_first_and_an_unlisted_one_is_told_nothing(tmp_path: Path) -> None:
    with Platform(tmp_path, cors_origins=["http://friend.example"]) as server:
        friend, other = preflight(server, "http://friend.example"), preflight(server, "http://evil.example")
    assert friend.status_code == 204
    assert friend.headers["Access-Control-Allow-Origin"] == "http://friend.example"
    assert "POST" in friend.headers["Access-Control-Allow-Methods"]
    assert friend.headers["Access-Control-Allow-Headers"] == "content-type"
    assert other.status_code == 405
    assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.1", 421), ("127.0.0.0/8", 421), ("10.0.0.0/8", 200)])
def test_what_a_proxy_says_counts_when_its_network_is_trusted(tmp_path: Path, trusted: str, status: int) -> None:
    with Platform(tmp_path, trusted_proxies=[trusted]) as server:
        answer = server.get("/healthz", headers={"X-Forwarded-Host": "chat.example"})
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/", "/backend-api/v2/version", "/nowhere", CONVERSATION, "/backend-api/v2/models/Offline"])
def test_every_answer_carries_the_guarding_headers(lonely: Platform, path: str) -> None:
    headers = lonely.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert ("script-src" in headers["Content-Security-Policy"]) == (path == "/")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Request-Id"]
