"""Text in the encodings people still have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as some

from g4f.reading.encodings import decoded
from tests.proofs import proof

CYRILLIC = ["cp1251", "koi8-r", "cp866", "iso8859-5"]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]
TEXTS = [
    "Привет, мир! Как дела? Это короткий текст.",
    "ВНИМАНИЕ: ВСЕ БУКВЫ ЗАГЛАВНЫЕ",
    "Имя;Город;Сумма\nИванов;Тверь;100\nПетров;Псков;200\n",
    "def total():  # функция считает сумму\n    return 1\n",
    "Щука",
    "Dear colleagues,\nво вторник совещание в 10:00, room 5.\nRegards, Anna\n",
]
CASES: list[Callable[[str], str]] = [str.lower, str.upper, str.capitalize]
WORDS = (
    "в", "на", "не", "что", "он", "она", "как", "это", "по", "но", "из", "у", "за", "от", "так", "же", "для", "вы", "мы", "бы",
    "до", "только", "ещё", "уже", "если", "или", "ни", "быть", "мог", "год", "время", "рука", "дело", "слово", "вопрос", "человек",
    "страна", "город", "работа", "жизнь", "день", "вода", "дорога", "письмо", "отчёт", "договор", "сумма", "счёт", "число", "цена",
    "товар", "склад", "адрес", "улица",
)  # fmt: skip


@pytest.mark.parametrize("encoding", [*CYRILLIC, *UNICODE])
@pytest.mark.parametrize("text", TEXTS)
def test_russian_is_read_in_each_encoding(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["plain English words", "Привет, мир! Как дела?"])
def test_utf_16_is_read_without_its_mark(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Les élèves français étaient à l'école où il fait très chaud.", "cp1252"),
        ("Größe, Übermaß und schöne Grüße", "cp1252"),
        ("“Smart quotes” — cost €5", "cp1252"),
        ("これは日本語のテキストです。東京は日本の首都です。", "shift_jis"),
        ("这是一个中文文本,北京是中国的首都。我们在这里测试编码", "gb18030"),
    ],
)
def test_other_languages_are_not_taken_for_russian(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_a_damaged_byte_does_not_spoil_the_rest_of_utf_8() -> None:
    data = bytearray(("Привет, мир! " * 20).encode())
    data[100] = 0xFF
    assert decoded(bytes(data)).count("Привет") >= 19


@proof("Russian sentences in old encodings", 100, 3_000)
@given(some.lists(some.sampled_from(WORDS), min_size=12, max_size=30, unique=True), some.sampled_from(CYRILLIC), some.sampled_from(CASES))
def test_a_dozen_russian_words_are_read_in_each_encoding(words: list[str], encoding: str, cased: Callable[[str], str]) -> None:
    text = cased(" ".join(words))
    assert decoded(text.encode(encoding)) == text
