"""The provider for an API of the caller's own."""

from __future__ import annotations

from g4f.Provider.template.OpenaiTemplate import OpenaiTemplate


class Custom(OpenaiTemplate):
    """Ask the OpenAI-compatible API at the ``base_url`` that comes with the request; there is no default address.

    https://platform.openai.com/docs/api-reference/chat
    """

    label = "Custom server"
