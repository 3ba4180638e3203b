"""What is asked of an OpenAI-compatible server: the fields of its API, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f.errors import ValidationError
from g4f.requests import Timeouts

CHAT_FIELDS = frozenset(
    {
        "audio", "chat_template_kwargs", "enable_thinking", "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens",
        "max_tokens", "metadata", "min_p", "modalities", "parallel_tool_calls", "plugins", "prediction", "presence_penalty",
        "prompt_cache_key", "reasoning", "reasoning_effort", "reasoning_format", "repetition_penalty", "response_format",
        "safety_identifier", "seed", "service_tier", "stop", "store", "temperature", "thinking", "tool_choice", "tools", "top_k",
        "top_logprobs", "top_p", "transforms", "verbosity", "web_search_options",
    }
)  # fmt: skip
"""Fields of OpenAI's chat API and those that OpenRouter, vLLM, DeepSeek and Groq add; what the platform itself uses stays here."""

IMAGE_FIELDS = frozenset(
    {
        "background", "height", "moderation", "n", "negative_prompt", "output_compression", "output_format", "quality", "response_format",
        "seed", "size", "steps", "style", "user", "width",
    }
)  # fmt: skip
"""Fields of https://platform.openai.com/docs/api-reference/images/create, and those of Together."""


def fields_of(options: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return the options that the server knows."""
    return {name: value for name, value in options.items() if name in known and value is not None}


def extra_body_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that only this one server knows; raises ValidationError for what is no object."""
    match options.get("extra_body"):
        case None:
            return {}
        case Mapping() as extra:
            return dict(extra)
        case _:
            raise ValidationError("extra_body has to be an object: its fields join the request.", "extra_body")


def timeouts_of(options: Mapping[str, Any]) -> Timeouts:
    """Return the limits of a call: ``timeouts`` as it is, or ``timeout`` in seconds for the whole of it."""
    match options.get("timeouts"), options.get("timeout"):
        case Timeouts() as timeouts, _:
            return timeouts
        case _, int() | float() as seconds if seconds > 0:
            return Timeouts(total=float(seconds))
        case _:
            return Timeouts()


def without_media(value: Any, limit: int = 200) -> Any:
    """Return a request as it can be shown: long base64 texts are cut."""
    match value:
        case dict():
            return {name: without_media(inside, limit) for name, inside in value.items()}
        case list():
            return [without_media(inside, limit) for inside in value]
        case str(text) if len(text) > limit and (text.startswith("data:") or " " not in text[:limit]):
            return f"{text[:32]}... ({len(text)} characters)"
        case _:
            return value
