"""Instruction presets, under the name ``jailbreak`` that clients of 2023 send; every one is harmless."""

from __future__ import annotations

from types import MappingProxyType

PRESETS = MappingProxyType(
    {
        "concise": "Answer briefly and to the point. Leave out introductions and summaries.",
        "teacher": "Explain step by step, with one small example, and end with a question that checks the understanding.",
        "gpt-math-1.0": "Work through calculations step by step and check the result before you give it.",
    }
)


def instruction(name: str | None) -> str | None:
    """Return the instruction of a preset; ``Default`` and every unknown name mean none."""
    return PRESETS.get((name or "").lower())
