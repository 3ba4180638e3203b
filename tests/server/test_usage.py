"""Usage over HTTP: what gpt4free's pages post and read, our own summary, the log, and answers in an address."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from g4f.gui.server.handlers.create import _block_in
from tests.servers import transcripts
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, question
from tests.servers.raw import refused

V2 = "/backend-api/v2"
SAID = "".join(transcripts.PLAIN)


@pytest.fixture(scope="module")
def openai() -> Iterator[OpenaiServer]:
    with OpenaiServer() as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, openai: OpenaiServer) -> Iterator[Platform]:
    """The platform with a server that answers, whose model ``plain`` has a price."""
    prices = {"plain": {"input": 1, "output": 2, "currency": "EUR"}}
    with Platform(tmp_path, servers={"scenario": {"base_url": openai.base_url, "models": ["plain"]}}, prices=prices) as platform:
        yield platform


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def ask(server: Platform, **fields: Any) -> dict[str, Any]:
    """Ask a question, wait until its usage is stored, and return it."""
    usage: dict[str, Any] = server.chunks(question(**{"model": "plain", "provider": "scenario"} | fields))[-1]["usage"]
    assert server.api.flush()
    return usage


def ledger(server: Platform, day: str | None = None) -> list[dict[str, Any]]:
    answer = server.get(f"{V2}/usage/{day or today()}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": None, "model": "gpt-4", "provider": "X", "prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11},
        {"id": "m1", "usage": {"prompt_tokens": 1e300}, "more": ["ы\u2028🧠", {"a": None}]},
    ],
)
def test_a_page_may_post_any_object_and_reads_it_back_as_its_own_claim(server: Platform, body: dict[str, Any]) -> None:
    answer = server.post(body, f"{V2}/usage", headers={"x-user": "somebody"})
    assert (answer.status_code, answer.json()) == (200, {})
    assert ledger(server) == [{**body, "user": "local", "source": "client"}]
    assert server.get(f"{V2}/stats").json()["totals"]["requests"] == 0


def test_what_is_answered_is_in_the_ledger_and_a_claim_about_it_is_not_shown(server: Platform) -> None:
    usage = ask(server, id="m1")
    server.post({"id": "m1", "prompt_tokens": 10**9, "completion_tokens": 10**9}, f"{V2}/usage")
    entry, *claims = ledger(server)
    assert (entry["prompt_tokens"], entry["completion_tokens"]) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert (entry["source"], entry["id"], entry["provider"], entry["outcome"]) == ("server", "m1", "scenario", "done")
    assert (entry["cost_micros"], entry["currency"]) == (usage["prompt_tokens"] + 2 * usage["completion_tokens"], "EUR")
    assert claims == []


@pytest.mark.parametrize("day", ["xx", "2025-02-30", "20250220", "2025-W01-1", "2025-1-1"])
def test_a_day_that_is_none_is_400(server: Platform, day: str) -> None:
    answer = server.get(f"{V2}/usage/{day}")
    refused(answer.status_code, answer.content)
    assert answer.status_code == 400


def test_a_day_without_usage_is_404(server: Platform) -> None:
    answer = server.get(f"{V2}/usage/2020-01-01")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "No usage data found for this date")


def test_the_statistics_have_gpt4frees_shape(server: Platform) -> None:
    used = [ask(server) for _ in range(2)]
    stats = server.get(f"{V2}/stats?days=7").json()
    prompt, completion = (sum(each[name] for each in used) for name in ("prompt_tokens", "completion_tokens"))
    sums = {"requests": 2, "prompt_tokens": prompt, "completion_tokens": completion, "saved_tokens": 0, "total_tokens": prompt + completion}
    assert stats == {
        "days": [{"date": today(), **sums}], "models": {"plain": sums}, "providers": {"scenario": sums}, "users": {"local": sums},
        "totals": sums,
    }  # fmt: skip
    assert server.get(f"{V2}/stats?user=local").json() == stats
    for nobody in ("nobody", "%00"):
        assert server.get(f"{V2}/stats?user={nobody}").json()["totals"]["requests"] == 0


@pytest.mark.parametrize("query", ["stats?days=0", "stats?days=366", "stats?days=x", "summary", "log?limit=0", "log?limit=x"])
def test_a_query_that_means_nothing_is_422(server: Platform, query: str) -> None:
    path = "usage/summary?from=2025-02-01&to=2025-01-01" if query == "summary" else query
    assert server.get(f"{V2}/{path}").status_code == 422


@pytest.mark.parametrize("by", ["day", "model", "provider", "user"])
def test_the_summary_says_the_same_in_json_and_csv(server: Platform, by: str) -> None:
    usage = ask(server)
    server.chunks(question(model="fail-401", provider="scenario"))
    assert server.api.flush()
    summary = server.get(f"{V2}/usage/summary?by={by}").json()
    assert (summary["to"], summary["totals"]["attempts"], summary["totals"]["errors"]) == (today(), 2, {"MissingAuthError": 1})
    assert summary["totals"]["costs"] == {"EUR": usage["prompt_tokens"] + 2 * usage["completion_tokens"]}
    assert summary["totals"]["first_token_ms"] >= 0
    answer = server.get(f"{V2}/usage/summary?by={by}&format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row[by], int(row["total_tokens"])) for row in rows] == [(row["key"], row["total_tokens"]) for row in summary["rows"]]


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-20"])
def test_the_first_days_of_the_calendar_are_days(server: Platform, day: str) -> None:
    assert server.get(f"{V2}/usage/summary?to={day}").status_code == 200


def test_the_summary_says_what_is_left_of_the_budgets_and_a_refusal_what_was_spent(tmp_path: Path, openai: OpenaiServer) -> None:
    budgets = (
        {"scope": "owner", "period": "day", "tokens": 5},
        {"scope": "model", "period": "month", "model": "plain", "cost_micros": 10**6},
    )
    servers = {"scenario": {"base_url": openai.base_url, "models": ["plain"]}}
    with Platform(tmp_path, servers=servers, prices={"plain": {"input": 1, "output": 2}}, budgets=budgets) as server:
        usage = ask(server)
        tokens, money = server.get(f"{V2}/usage/summary").json()["budgets"]
        refusal = server.post(question(model="plain", provider="scenario"))
        warned = server.get(f"{V2}/usage/summary?from=2025-01-01&to=2025-01-02").json()["budgets"]
    spent = usage["prompt_tokens"] + usage["completion_tokens"]
    ends_at = int(datetime.combine(datetime.now(UTC).date() + timedelta(days=1), datetime.min.time(), UTC).timestamp() * 1000)
    assert tokens == {
        "scope": "owner", "period": "day", "model": "", "currency": None, "limit": 5, "spent": spent, "reserved": 0, "warned": True,
        "ends_at": ends_at,
    }  # fmt: skip
    assert (money["currency"], money["limit"], money["spent"], money["warned"]) == ("USD", 10**6, usage["cost_micros"], False)
    assert warned == [tokens, money], "they are of today whatever days are summed up"
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (402, "budget_spent")
    assert refusal.json()["error"]["values"] == {"period": "day", "model": "", "limit": 5, "currency": None, "ends_at": ends_at}


def test_without_budgets_the_summary_has_none(lonely: Platform) -> None:
    assert lonely.get(f"{V2}/usage/summary").json()["budgets"] == []


def test_the_log_gives_the_newest_lines_first_with_their_page(server: Platform) -> None:
    for number in range(3):
        answer = server.post({"n": number, "origin": "made up" if number else None}, f"{V2}/log", headers={"Origin": server.base_url})
        assert (answer.status_code, answer.json()) == (200, {})
    log = server.get(f"{V2}/log?limit=2").json()
    assert (log["count"], [line["n"] for line in log["logs"]]) == (2, [2, 1])
    assert server.post("x", f"{V2}/log").status_code == 400
    assert requests.post(f"{server.base_url}{V2}/log", data="{}", timeout=10).status_code == 415


@pytest.mark.parametrize("path", ["usage", "log"])
def test_a_line_has_its_limit(server: Platform, path: str) -> None:
    assert server.post({"x": "x" * 20_000}, f"{V2}/{path}").status_code == 413


def create(server: Platform, method: str = "GET", **query: Any) -> requests.Response:
    asked = {"prompt": "Hello", "model": "plain", "provider": "scenario"} | query
    return requests.request(method, f"{server.base_url}{V2}/create", params=asked, timeout=20, allow_redirects=False)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("stream", ["true", "false"])
def test_a_question_in_an_address_is_answered_as_text_and_counted(server: Platform, method: str, stream: str) -> None:
    answer = create(server, method, stream=stream)
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, SAID, "text/plain; charset=utf-8")
    assert server.api.flush()
    assert [line["model"] for line in ledger(server)] == ["plain"]


def test_an_end_before_the_end_is_said(server: Platform) -> None:
    assert create(server, model="length").text == SAID + "[length]"


REFUSED: list[tuple[dict[str, str], int]] = [
    ({"model": "fail-404"}, 404),
    ({"provider": "Nobody"}, 404),
    ({"prompt": ""}, 422),
    ({"model": "fail-401"}, 502),
]


@pytest.mark.parametrize(("query", "status"), REFUSED)
def test_what_cannot_be_answered_is_refused(server: Platform, query: dict[str, str], status: int) -> None:
    answer = create(server, **query)
    assert (answer.status_code, answer.json().keys()) == (status, {"error"})


def test_an_image_is_its_address_and_never_a_redirect(server: Platform) -> None:
    answer = create(server, model="image")
    assert answer.status_code == 200
    said, address = answer.text.split("\n")
    assert said == "A pixel:"
    assert address.startswith("/media/")


def test_a_kept_answer_is_not_asked_for_again(server: Platform, openai: OpenaiServer) -> None:
    name, before = str(uuid4()), len(openai.calls)
    answers = [create(server, cache=name), create(server, cache=name), create(server, cache=name, prompt="Again"), create(server)]
    assert [answer.text for answer in answers] == [SAID] * 4
    assert len(openai.calls) - before == 3


def test_a_cut_answer_is_not_kept(server: Platform, openai: OpenaiServer) -> None:
    before = len(openai.calls)
    assert [create(server, cache="x", model="length").text for _ in range(2)] == [SAID + "[length]"] * 2
    assert len(openai.calls) - before == 2


BLOCKS = 'See:\n```python\nprint(1)\n```\nand\n```json\n{"a": 1}\n```\n'


@pytest.mark.parametrize(
    ("text", "query", "wanted"),
    [
        (BLOCKS, {"filter_markdown": "true"}, "print(1)\n"),
        (BLOCKS, {"filter_markdown": "json"}, '{"a": 1}\n'),
        (BLOCKS, {"filter_markdown": "rust"}, BLOCKS),
        (BLOCKS, {"json": "true"}, '{"a": 1}\n'),
        ('Sure: {"a": [1]} there', {"json": "1"}, '{"a": [1]}'),
        ("Sure: [1, 2] there", {"json": "true"}, "[1, 2]"),
        ("No {such} thing", {"json": "true"}, "No {such} thing"),
    ],
)
def test_a_part_of_the_answer_may_be_asked_for(server: Platform, text: str, query: dict[str, str], wanted: str) -> None:
    assert create(server, prompt=text, model="echo", **query).text == wanted


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_link_of_another_site_asks_a_question(server: Platform, openai: OpenaiServer, site: str) -> None:
    before, followed = len(openai.calls), {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    answer = server.get(f"{V2}/create?prompt=Hello&model=plain&provider=scenario", headers=followed)
    assert (answer.status_code, len(openai.calls)) == (403, before)


def test_json_that_is_nested_too_deep_is_a_text(server: Platform) -> None:
    deep = "[" * 1500 + "]" * 1500
    answer = create(server, prompt=deep, model="echo", json="1")
    assert (answer.status_code, answer.text) == (200, deep)


def test_fences_that_never_close_cost_no_more_than_their_length(server: Platform) -> None:
    began = time.process_time()
    assert _block_in("```a\n" * 16_000, "") is None
    assert time.process_time() - began < 1
