"""The client's images, over real servers."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest

from g4f.client import AsyncClient, Client
from g4f.errors import NoMediaResponseError
from g4f.providers.response import ImagePreview, ImageResponse
from tests.playing import playing
from tests.servers import transcripts
from tests.servers.openai import OpenaiServer

PIXEL = base64.b64decode(transcripts.PIXEL)


@pytest.fixture
def client(upstream: OpenaiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.chdir(tmp_path)
    return Client(base_url=upstream.base_url)


def test_images_are_saved_and_named_by_default(client: Client, tmp_path: Path) -> None:
    image = client.images.generate("A/cat", "gpt-image").data[0]
    assert image.url is not None
    name = image.url.removeprefix("/media/")
    assert "_gpt-image+A_cat_" in name
    assert (tmp_path / "generated_media" / name).read_bytes() == PIXEL


def test_an_older_folder_is_used_where_it_exists(client: Client, tmp_path: Path) -> None:
    (tmp_path / "generated_images").mkdir()
    client.images.generate("A cat", "gpt-image")
    assert len(list((tmp_path / "generated_images").iterdir())) == 1


@pytest.mark.parametrize("response_format", ["url", "b64_json"])
def test_images_given_as_address_or_base64_are_not_saved(client: Client, tmp_path: Path, response_format: Any) -> None:
    image = client.media.generate("A cat", "gpt-image", response_format=response_format).data[0]
    assert image.b64_json == (transcripts.PIXEL if response_format == "b64_json" else None)
    assert list(tmp_path.iterdir()) == []


def test_an_image_given_by_its_address_is_fetched_and_saved(client: Client, tmp_path: Path) -> None:
    image = client.images.generate("A cat", "gpt-image", extra_body={"response_format": "url"}).data[0]
    assert (tmp_path / "generated_media" / (image.url or "").removeprefix("/media/")).read_bytes() == PIXEL


def test_an_image_that_cannot_be_fetched_keeps_its_address() -> None:
    address = "http://127.0.0.1:9/a.png"
    assert Client(playing(ImageResponse(address))).images.generate("A cat").data[0].url == address


def test_a_preview_is_no_image() -> None:
    with pytest.raises(NoMediaResponseError):
        Client(playing(ImagePreview("http://x/a.png"))).images.generate("A cat")


def test_an_answer_without_an_image_is_an_error() -> None:
    with pytest.raises(NoMediaResponseError):
        Client("Offline").images.generate("A cat")


def test_async_code_draws_too(upstream: OpenaiServer) -> None:
    drawn = asyncio.run(AsyncClient(base_url=upstream.base_url).images.generate("A cat", "gpt-image", response_format="b64_json"))
    assert drawn.data[0].b64_json == transcripts.PIXEL
