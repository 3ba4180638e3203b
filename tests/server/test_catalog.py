"""Providers and models, as pages list them and requests find them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from g4f.errors import ConfigError
from g4f.gui.server.app import create_app
from g4f.providers.wire import Chunk
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, question, said
from tests.servers.proxy import HttpProxy

V2 = "/backend-api/v2"
KEY = "sk-of-one-person"


def entry(platform: Platform, name: str) -> dict[str, object]:
    found: dict[str, object] = next(row for row in platform.get(f"{V2}/providers").json() if row["name"] == name)
    return found


def test_models_are_listed_by_provider_and_in_the_shape_of_older_pages(platform: Platform) -> None:
    assert platform.get(f"{V2}/models").json()["scenario"] == ["plain", "slow"]
    listed = platform.get(f"{V2}/models?format=list").json()
    assert {"name": "plain", "providers": ["scenario"]}.items() <= next(row for row in listed if row["name"] == "plain").items()


def test_models_of_a_provider_carry_both_spellings_of_their_id(platform: Platform) -> None:
    [first, *_] = platform.get(f"{V2}/models/scenario").json()
    assert first["id"] == first["model"] == "plain"


def test_an_unknown_provider_has_no_models(platform: Platform) -> None:
    answer = platform.get(f"{V2}/models/Nobody")
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_server_without_a_list_of_ours_is_asked_for_its_own(tmp_path: Path, upstream: OpenaiServer) -> None:
    with Platform(tmp_path, servers={"far": {"base_url": upstream.base_url}}) as server:
        assert server.get(f"{V2}/models").json()["far"] == ["plain", "reasoning", "tools"]
        server.get(f"{V2}/models")
        assert len(upstream.calls) == 1
        assert entry(server, "far")["live"] == 3


def test_a_server_that_does_not_answer_has_no_models_and_holds_nobody_up(tmp_path: Path) -> None:
    with Platform(tmp_path, servers={"dead": {"base_url": "http://127.0.0.1:9/v1"}}) as server:
        assert server.get(f"{V2}/models").json()["dead"] == []
        assert entry(server, "dead")["live"] == 0


@pytest.mark.parametrize("spelling", ["x-api-key", "x_api_key"])
def test_a_person_s_own_key_and_address_list_models_that_are_not_kept(lonely: Platform, spelling: str) -> None:
    with OpenaiServer(api_key=KEY, models=("mine",)) as own:
        headers = {spelling: KEY, spelling.replace("key", "base"): own.base_url}
        assert [model["id"] for model in lonely.get(f"{V2}/models/Custom", headers=headers).json()] == ["mine"]
    assert lonely.get(f"{V2}/models").json()["Custom"] == []


def test_a_refused_key_is_said_with_the_provider_s_words_and_not_our_401(lonely: Platform) -> None:
    with OpenaiServer(api_key=KEY) as own:
        answer = lonely.get(f"{V2}/models/Custom", headers={"x-api-key": "sk-wrong", "x-api-base": own.base_url})
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "provider_auth"
    assert "sk-wrong" not in answer.text


def test_a_conversation_may_bring_an_address_and_a_key_of_its_own(lonely: Platform) -> None:
    with OpenaiServer(api_key=KEY) as own:
        chunks = lonely.chunks(question(model="plain", provider="Custom", base_url=own.base_url, api_key=KEY))
        assert said(chunks)
        assert own.calls[-1].headers["authorization"] == f"Bearer {KEY}"


def test_a_provider_may_be_a_base_url(lonely: Platform, upstream: OpenaiServer) -> None:
    assert said(lonely.chunks(question("Echo me", model="echo", provider=upstream.base_url))) == "Echo me"


def test_a_key_in_the_authorization_header_is_the_provider_s(lonely: Platform) -> None:
    with OpenaiServer(api_key=KEY) as own:
        body = question(model="plain", provider="Custom", base_url=own.base_url)
        assert said(lonely.chunks(body, headers={"Authorization": f"Bearer {KEY}"}))


def test_ollama_is_found_on_its_port_and_its_models_are_chosen(
    tmp_path: Path, upstream: OpenaiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", upstream.origin)
    with Platform(tmp_path, ollama=True) as server:
        assert server.get(f"{V2}/models").json()["Ollama"] == ["plain", "reasoning", "tools"]
        assert server.chunks(question(model="plain"))[0]["provider"]["name"] == "Ollama"
        assert entry(server, "Ollama")["live"] == 3


def test_the_default_provider_answers_for_models_nobody_lists(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {"far": {"base_url": upstream.base_url, "models": ["plain"]}}
    with Platform(tmp_path, servers=servers, default_provider="far") as server:
        assert server.chunks(question("Hi", model="echo"))[0]["provider"]["name"] == "far"


def test_ignored_providers_are_neither_shown_nor_asked(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {"far": {"base_url": upstream.base_url, "models": ["plain"]}}
    with Platform(tmp_path, servers=servers, ignored_providers=["far"]) as server:
        assert "far" not in server.get(f"{V2}/models").json()
        assert server.post(question(model="plain", provider="far")).status_code == 404
        assert server.chunks(question(model="plain"))[0]["provider"]["name"] == "Offline"


def test_a_request_may_skip_providers(platform: Platform) -> None:
    assert platform.chunks(question(model="plain", ignored=["scenario"]))[0]["provider"]["name"] == "Offline"


def test_demo_mode_shows_only_what_is_set(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {"far": {"base_url": upstream.base_url, "models": ["plain", "echo"]}}
    with Platform(tmp_path, servers=servers, demo=True, demo_models=["echo"]) as server:
        assert [(row["name"], row["demo"]) for row in server.get(f"{V2}/models").json()] == [("echo", True)]


def test_another_gpt4free_server_answers_with_its_own_chunks(tmp_path: Path, platform: Platform) -> None:
    with Platform(tmp_path / "near", servers={"friend": {"base_url": platform.base_url, "kind": "g4f"}}) as near:
        assert "plain" in near.get(f"{V2}/models").json()["friend"]
        direct, through = (
            server.chunks(question(model="plain", provider=name)) for server, name in ((platform, "scenario"), (near, "friend"))
        )
    assert said(through) == said(direct)
    assert through[-2:] == [direct[-2], {**direct[-1], "provider": "friend"}]
    assert {chunk["type"] for chunk in through} <= {member.__struct_config__.tag for member in Chunk.__args__}


def test_a_failure_of_the_other_server_is_said_once(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {"far": {"base_url": upstream.base_url, "models": ["fail-401"]}}
    with Platform(tmp_path / "far", servers=servers) as far:
        friends = {"friend": {"base_url": far.base_url, "kind": "g4f"}}
        with Platform(tmp_path / "near", servers=friends) as near:
            chunks = near.chunks(question(model="fail-401"))
    assert [chunk["type"] for chunk in chunks if chunk["type"] in ("error", "auth", "finish", "usage")] == ["auth", "finish", "usage"]
    assert chunks[-2]["finish"]["reason"] == "error"


def test_a_list_is_asked_for_again_when_it_is_old(tmp_path: Path, upstream: OpenaiServer) -> None:
    with Platform(tmp_path, servers={"far": {"base_url": upstream.base_url}}, catalog_age=0.05) as server:
        server.get(f"{V2}/models")
        before = len(upstream.calls)
        time.sleep(0.06)
        server.get(f"{V2}/models")
        assert len(upstream.calls) == before + 1


def test_a_question_waits_for_lists_nobody_has_asked_for_yet(tmp_path: Path, upstream: OpenaiServer) -> None:
    app = create_app({"data_dir": str(tmp_path), "ollama": False, "servers": {"far": {"base_url": upstream.base_url}}})
    answer = app.test_client().post("/backend-api/v2/conversation", json=question("Hi", model="reasoning"))
    assert '"name":"far"' in answer.get_data(as_text=True).partition("\n")[0]
    app.extensions["g4f"].close()


def test_the_default_provider_answers_a_request_that_names_nothing(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {name: {"base_url": upstream.base_url, "models": ["plain"]} for name in ("a", "b")}
    with Platform(tmp_path, servers=servers, default_provider="b") as server:
        assert server.chunks(question())[0]["provider"]["name"] == "b"


def test_a_default_provider_nobody_knows_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="default_provider"):
        create_app({"data_dir": str(tmp_path), "default_provider": "nobody"})


def test_lists_are_asked_for_through_the_proxy_and_a_server_s_own_comes_first(tmp_path: Path, upstream: OpenaiServer) -> None:
    with HttpProxy() as all_of_them, HttpProxy() as own:
        servers = {"far": {"base_url": upstream.base_url}, "near": {"base_url": upstream.base_url, "proxy": own.url}}
        with Platform(tmp_path, servers=servers, proxy=all_of_them.url) as server:
            server.get(f"{V2}/models")
            server.chunks(question(model="plain", provider="near"))
        assert (len(all_of_them.targets), len(own.targets)) == (1, 2)


def test_the_automatic_choice_has_a_name_of_its_own(platform: Platform) -> None:
    assert platform.chunks(question(model="plain", provider="AnyProvider"))[0]["provider"]["name"] == "scenario"
