"""Words of English and Russian text, folded so that forms of one word meet."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_POSSESSIVE = re.compile(r"['’]s?$")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_SHORTEST = 3
"""Letters that a folded word keeps at least."""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_RUSSIAN = _listed("""
    иями ями ами ому ему ыми ими ого его ией ешь ишь ете ите ать ять ить еть уть ала яла ила ела али яли или ели ало яло ило ась ось ись
    ает аешь аем аете ают аю яет яешь яем яете яют ует уешь уем уете уют
    ов ев ей ой ий ый ая яя ое ее ые ие ую юю ом ем ам ям ах ях ою ею ии ия ию ье ья ью ал ял ил ел ет ит ут ют ат ят ть ся сь
    а е и й о у ы ь э ю я
""")
_ENGLISH = _listed("ations ation ingly edly ings ing ies ied ers est er ed es ly s e y")
_STOP_WORDS = frozenset(
    _listed("""
    a about am an and any are as at be been but by can could did do does for from had has have how i if in is it its me my no not
    of on or our please say should so some tell that the their them there these they this to was we were what when where which
    who why will with would you your
    а без бы был была были было быть в вам вас весь во вот все всё вы где да для до его ее её если есть еще ещё же за и из или им
    их к как какая какие какой какое ко когда кто ли мне мной можно мой моя моё мои мы на над нам нас не него нее неё нет ни них
    но ну о об он она они оно от по под при про с со скажи та так там тебе тем то того тоже той только том тот ты у уж уже чего
    чем что чтобы эта эти это этот я
    """)
)


def is_russian(text: str) -> bool:
    """Return whether more of the letters are Russian than English."""
    return len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))


class Folds(dict[str, str]):
    """Keep folded words, so that a long text folds each of its words once."""

    def __missing__(self, word: str) -> str:
        self[word] = fold(word)
        return self[word]


def terms(text: str, folds: Folds | None = None) -> list[str]:
    """Return the folded words of a text in their order, without words that say nothing alone."""
    known = Folds() if folds is None else folds
    return [known[word] for word in _WORD.findall(text.casefold()) if word not in _STOP_WORDS]


def fold(word: str) -> str:
    """Return what the forms of a word have in common: the longest usual ending cut, a doubled last letter made single."""
    word = _POSSESSIVE.sub("", word.replace("ё", "е"))
    endings = _RUSSIAN if _CYRILLIC.search(word) else _ENGLISH if word.isascii() else ()
    fitting = [ending for ending in endings if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST]
    stem = word.removesuffix(max(fitting, key=len)) if fitting else word
    return stem[:-1] if len(stem) > _SHORTEST and stem[-1] == stem[-2] and not stem[-1].isdigit() else stem
