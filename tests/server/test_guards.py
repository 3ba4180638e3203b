"""Who may reach the server, and from where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.platform import CONVERSATION, Platform, question

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


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via", "X_Forwarded_For"])
def test_a_forwarded_request_is_nobody(lonely: Platform, header: str) -> None:
    answer = lonely.get("/backend-api/v2/providers", headers={header: "203.0.113.9"})
    assert answer.status_code == 401
    assert "accounts are not set up" in answer.json()["error"]["message"]


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


@pytest.mark.parametrize("path", ["/", "/backend-api/v2/version", "/nowhere", CONVERSATION])
def test_every_answer_carries_the_guarding_headers(lonely: Platform, path: str) -> None:
    headers = lonely.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Request-Id"]
