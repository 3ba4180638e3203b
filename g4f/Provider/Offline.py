"""The provider that needs nothing: it searches what was attached, and otherwise says how to connect a model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

from g4f.Provider.template.attached import Paragraph, Question, best, read_question
from g4f.providers.base_provider import AsyncGeneratorProvider, Batch, ProviderModelMixin
from g4f.providers.response import FinishReason, Usage
from g4f.retrieval.words import is_russian
from g4f.typing import Messages

_EN = {
    "nothing": "No language model is connected, so nobody can answer this yet.{model}",
    "asked_for": " You asked for `{model}`.",
    "found": "No language model is connected, so this is a search, not an answer. These passages of the attached text fit your question:",
    "not_found": "No passage of the attached text ({names}) shares a word with your question.",
    "page": "page {page}",
    "line": "line {first}",
    "lines": "lines {first}-{last}",
    "ways": """The quickest ways to connect one:

- **OpenAI**: set `OPENAI_API_KEY` and start again: `OPENAI_API_KEY=sk-... make run`
- **Ollama**, on this machine and free: install it from https://ollama.com and run `ollama pull llama3.2`; it is found by itself
- **Any OpenAI-compatible server** (OpenRouter, Groq, vLLM, LM Studio): a few lines in `g4f.toml`
  ```toml
  [servers.openrouter]
  base_url = "https://openrouter.ai/api/v1"
  api_key = "..."
  ```
- **On the page**: open *Connect a model*, enter a base URL and a key, press *Test*""",
}
_RU = {
    "nothing": "Языковая модель не подключена, поэтому ответить пока некому.{model}",
    "asked_for": " Вы просили модель `{model}`.",
    "found": "Языковая модель не подключена, поэтому это поиск, а не ответ. Вот места приложенного текста, которые подходят к вопросу:",
    "not_found": "Ни одно место приложенного текста ({names}) не содержит слов вашего вопроса.",
    "page": "страница {page}",
    "line": "строка {first}",
    "lines": "строки {first}-{last}",
    "ways": """Как быстрее всего подключить модель:

- **OpenAI**: задайте `OPENAI_API_KEY` и запустите снова: `OPENAI_API_KEY=sk-... make run`
- **Ollama**, бесплатно и на этом же компьютере: установите с https://ollama.com и выполните `ollama pull llama3.2`; она найдётся сама
- **Любой сервер с API как у OpenAI** (OpenRouter, Groq, vLLM, LM Studio): несколько строк в `g4f.toml`
  ```toml
  [servers.openrouter]
  base_url = "https://openrouter.ai/api/v1"
  api_key = "..."
  ```
- **На странице**: откройте *Подключить модель*, введите адрес и ключ, нажмите *Проверить*""",
}


class Offline(AsyncGeneratorProvider, ProviderModelMixin):
    """Answer without a key, a network and a model, and say so; the source of every word is this file or the attached text."""

    label = "Offline"
    active_by_default = True
    default_model = "offline"
    models = (default_model,)

    @classmethod
    async def create_batches(cls, /, model: str, messages: Messages, **options: Any) -> AsyncGenerator[Batch]:
        """Yield the answer word by word, a line at a time; no token is counted, for none was generated."""
        text = await asyncio.to_thread(lambda: answer(read_question(messages), model))  # long texts take their time
        for line in text.splitlines(keepends=True):
            yield list(re.findall(r"\s*\S+\s*|\s+", line))
            await asyncio.sleep(0)
        yield [FinishReason("stop"), Usage(prompt_tokens=0, completion_tokens=0)]


def answer(question: Question, model: str = "") -> str:
    """Return the whole answer, in Russian to a Russian question and else in English."""
    words = _RU if is_russian(question.text) else _EN
    if found := best(question):
        return "\n\n".join([words["found"], *(_quote(paragraph, words) for paragraph in found)]) + "\n"
    name = "" if model in {"", Offline.default_model} else words["asked_for"].format(model=" ".join(model.replace("`", "").split())[:100])
    names = ", ".join(dict.fromkeys(file.name for file in question.files))
    missed = [words["not_found"].format(names=names)] if names else []
    return "\n\n".join([words["nothing"].format(model=name), *missed, words["ways"]]) + "\n"


def _quote(paragraph: Paragraph, words: dict[str, str]) -> str:
    file, first, last = paragraph.file, paragraph.first, paragraph.last
    page = [words["page"].format(page=file.page)] if file.page is not None else []
    lines = words["line" if first == last else "lines"].format(first=first, last=last)
    quoted = "\n".join(f"> {line}" for line in paragraph.text.splitlines())
    return f"**{', '.join([file.name, *page, lines])}**\n\n{quoted}"
