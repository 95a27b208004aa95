"""Korean particles: 은/는, 이/가, 을/를, 와/과, 으로/로 follow the sound of what is before them.

A syllable block carries its final consonant in its code point (Unicode 3.12: (c - 0xAC00) mod 28);
digits are taken as they are read aloud, Latin words as Koreans write them (server is 서버, timeout is
타임아웃), and capitals letter by letter (URL is 유알엘).
"""

import re

# Read as 영 일 이 삼 사 오 육 칠 팔 구 퍼센트: which end in a consonant, and which of those in ㄹ.
_DIGITS = {"%": 0, "0": 21, "1": 8, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": 8, "8": 8, "9": 0}
# Names of letters that end in a consonant: 엘, 엠, 엔, 알.
_LETTERS = {"l": 8, "m": 16, "n": 4, "r": 8}
# Endings of words that are written with a final consonant: 스트링, 타임아웃, 파일, 네임, 라인, 폼, 토큰.
_ENDINGS = (("ng", 21), ("out", 19), ("le", 8), ("me", 16), ("ne", 4), ("l", 8), ("m", 16), ("n", 4))
_LAST_WORD = re.compile(r"[A-Za-z]+$")
_RIEUL = 8
_BACK = {"과/와", "와/과"}


def with_particle(word: str, pair: str) -> str:
    """`word` with the fitting one of `pair`, such as "은/는" or "으로/로"."""
    first, second = pair.split("/", 1)
    if pair in _BACK:
        after_consonant, after_vowel = "과", "와"
    else:
        after_consonant, after_vowel = first, second
    final = _final(word)
    takes_consonant = final != 0 and not (after_consonant == "으로" and final == _RIEUL)
    return word + (after_consonant if takes_consonant else after_vowel)


def _final(word: str) -> int:
    """Number of the final consonant, 0 for none."""
    for at in range(len(word) - 1, -1, -1):
        character = word[at]
        if "가" <= character <= "힣":
            return (ord(character) - 0xAC00) % 28
        if character in _DIGITS:
            return _DIGITS[character]
        latin = _LAST_WORD.search(word, 0, at + 1)
        if latin is not None:
            return _latin(latin.group())
    return 0


def _latin(word: str) -> int:
    """The same for a run of Latin letters."""
    if len(word) == 1 or word.isupper():
        return _LETTERS.get(word[-1].lower(), 0)
    return next((final for ending, final in _ENDINGS if word.lower().endswith(ending)), 0)
