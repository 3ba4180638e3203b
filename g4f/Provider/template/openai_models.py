"""Model lists, in the shapes that OpenAI-compatible servers give them.

OpenAI https://platform.openai.com/docs/api-reference/models/list, OpenRouter https://openrouter.ai/docs/api-reference/list-available-models,
Together https://docs.together.ai/reference/models, Ollama https://docs.ollama.com/api/tags, Mistral https://docs.mistral.ai/api/endpoint/models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from g4f.errors import ResponseError
from g4f.providers.types import ModelInfo

Fields = Mapping[str, Any]

_CONTEXT = ("context_length", "context_window", "max_context_length", "max_model_len", "max_input_tokens")


def read_models(document: Any, speaker: str) -> list[ModelInfo]:
    """Return what a model list says of each model, once and in its order; raises ResponseError when it is none."""
    match document:
        case {"data": list(entries)} | {"models": list(entries)} | list(entries):
            return [_model(name, entry) for name, entry in dict(_named(entries)).items()]
        case _:
            message = f"{speaker} gave no list of models. Is its API OpenAI-compatible?"
            raise ResponseError(message, values={"reason": "no_list", "host": speaker})


def _named(entries: list[Any]) -> Iterator[tuple[str, Fields]]:
    for entry in entries:
        fields = entry if isinstance(entry, dict) else {"id": entry}
        name = fields.get("id") or fields.get("name") or fields.get("model")
        if isinstance(name, str):
            yield name.removeprefix("models/"), fields


def _model(name: str, fields: Fields) -> ModelInfo:
    reads, gives = _modalities(fields, "input"), _modalities(fields, "output")
    kind = fields.get("type")
    return ModelInfo(
        id=name,
        label=_label(name, fields),
        vision="image" in reads or kind == "vlm" or _claims(fields, "vision"),
        image="image" in gives or kind == "image" or _claims(fields, "image"),
        audio="audio" in gives or kind == "audio" or _claims(fields, "audio"),
        video="video" in gives or kind == "video" or _claims(fields, "video"),
        context=next((value for key in _CONTEXT if isinstance(value := fields.get(key), int)), 0),
    )


def _label(name: str, fields: Fields) -> str:
    label = fields.get("display_name") or fields.get("label") or fields.get("name")
    return label if isinstance(label, str) and not label.endswith(name) else ""


def _modalities(fields: Fields, way: str) -> list[Any]:
    """Return what goes into a model or comes out of it, where the list says so."""
    found = _within(fields, "architecture").get(f"{way}_modalities") or fields.get(f"{way}_modalities")
    return found if isinstance(found, list) else []


def _claims(fields: Fields, ability: str) -> bool:
    capabilities = fields.get("capabilities")
    listed = ability in capabilities if isinstance(capabilities, list) else bool(_within(fields, "capabilities").get(ability))
    return listed or fields.get(ability) is True


def _within(fields: Fields, name: str) -> Fields:
    inside = fields.get(name)
    return inside if isinstance(inside, dict) else {}
