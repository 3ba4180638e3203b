"""OpenAI itself."""

from __future__ import annotations

from g4f.Provider.template.OpenaiTemplate import OpenaiTemplate


class OpenaiChat(OpenaiTemplate):
    """Ask OpenAI's official API with the key in ``OPENAI_API_KEY``; ``OPENAI_BASE_URL`` may name another address.

    https://platform.openai.com/docs/api-reference/chat, models: https://developers.openai.com/api/docs/models,
    their ends: https://developers.openai.com/api/docs/deprecations
    """

    url = "https://platform.openai.com"
    label = "OpenAI"
    login_url = "https://platform.openai.com/api-keys"
    base_url = "https://api.openai.com/v1"
    base_url_variable = "OPENAI_BASE_URL"
    api_key_variable = "OPENAI_API_KEY"
    needs_auth = True
    models_needs_auth = True
    active_by_default = True
    max_tokens_field = "max_completion_tokens"
    # gpt-4o-mini, the usual default, leaves the API on 14 January 2027; this is the replacement OpenAI names.
    default_model = "gpt-6-luna"
    default_vision_model = default_model
    models = (default_model, "gpt-6-astra", "gpt-6.1-sol", "gpt-4o", "gpt-4o-mini", "gpt-image-2.5-flare")
    vision_models = (default_model, "gpt-6-astra", "gpt-6.1-sol", "gpt-4o", "gpt-4o-mini")
    image_models = ("gpt-image-2.5-flare", "gpt-image-2.5-sunburst", "gpt-image-2")
    fallback_models = models
