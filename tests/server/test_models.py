"""Lists of models and providers as a page asks for them: some left out, in groups, of a server of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

V2 = "/backend-api/v2"
SPELLINGS = pytest.mark.parametrize(
    ("headers", "query"), [({"x-ignored": "Nobody Offline"}, ""), ({"x_ignored": "Offline"}, ""), ({}, "?ignored=Offline+Nobody")]
)


@SPELLINGS
def test_a_page_may_leave_providers_out_of_both_lists(platform: Platform, headers: dict[str, str], query: str) -> None:
    models = platform.get(f"{V2}/models{query}", headers=headers).json()
    providers = [entry["name"] for entry in platform.get(f"{V2}/providers{query}", headers=headers).json()]
    assert "scenario" in models.keys() & set(providers)
    assert "Offline" not in models.keys() | set(providers)


def test_the_header_comes_before_the_query(lonely: Platform) -> None:
    models = lonely.get(f"{V2}/models?ignored=Offline", headers={"x-ignored": "OpenaiChat"}).json()
    assert "Offline" in models
    assert "OpenaiChat" not in models


def test_a_model_of_a_provider_left_out_is_not_in_the_old_list(platform: Platform) -> None:
    listed = platform.get(f"{V2}/models?format=list", headers={"x-ignored": "scenario"}).json()
    assert [model["providers"] for model in listed if model["name"] in ("plain", "offline")] == [["Offline"]]


def test_the_automatic_choice_has_its_models_in_groups(platform: Platform) -> None:
    groups = platform.get(f"{V2}/models/AnyProvider").json()
    models = {group["group"]: [model["id"] for model in group["models"]] for group in groups}
    assert models["scenario"] == ["plain", "slow"]
    assert "Custom" not in models
    assert platform.get(f"{V2}/models/AnyProvider", headers={"x-ignored": "Offline scenario"}).json() == []


def test_the_automatic_choice_waits_for_lists_that_were_never_asked_for(tmp_path: Path, upstream: OpenaiServer) -> None:
    with Platform(tmp_path, servers={"far": {"base_url": upstream.base_url, "label": "Far away"}}) as server:
        [group, *_] = server.get(f"{V2}/models/AnyProvider").json()
    assert (group["group"], [model["id"] for model in group["models"]]) == ("Far away", ["plain", "reasoning", "tools"])


def test_a_model_says_how_many_providers_serve_it(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {
        name: {"base_url": upstream.base_url, "models": models} for name, models in [("one", ["plain"]), ("two", ["plain", "tools"])]
    }
    with Platform(tmp_path, servers=servers) as server:
        groups = {group["group"]: group["models"] for group in server.get(f"{V2}/models/AnyProvider").json()}
        assert [(model["id"], model["count"]) for model in groups["two"]] == [("plain", 2), ("tools", 1)]
        counts = {model["id"]: model["count"] for model in server.get(f"{V2}/models/one").json()}
        assert counts == {"plain": 2, "reasoning": 1, "tools": 2}


@pytest.mark.parametrize("base", [None, "", "x", "ftp://x/v1", "http://", "http://[::1", "http://h:99999", "http://a b"])
def test_custom_without_an_address_is_422(lonely: Platform, base: str | None) -> None:
    answer = lonely.get(f"{V2}/models/Custom", headers={} if base is None else {"x-api-base": base})
    assert answer.status_code == 422
    assert answer.json()["error"]["param"] == "x-api-base"


def test_an_address_in_a_header_is_for_custom_alone(platform: Platform, upstream: OpenaiServer) -> None:
    with OpenaiServer(models=("elsewhere",)) as other:
        models = platform.get(f"{V2}/models/scenario", headers={"x-api-base": other.base_url}).json()
        assert "plain" in [model["id"] for model in models]
        assert other.calls == []
