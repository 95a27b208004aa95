"""Every sentence exists in both languages, with the same values, and is used."""

import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest

from sonagi import locale
from sonagi.locale.particles import with_particle

SOURCE = Path(__file__).resolve().parents[3] / "src/sonagi"


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def catalogues(language: str) -> dict[str, str]:
    return {key: text for area in locale.areas() for key, text in locale.catalogue(language, area).items()}


def test_both_languages_have_the_same_sentences_with_the_same_values() -> None:
    english, korean = catalogues("en"), catalogues("ko")
    assert english.keys() == korean.keys()
    for key in english:
        assert fields(english[key]) == fields(korean[key]), key


def test_every_area_has_a_file_in_both_languages() -> None:
    files = {
        language: {path.stem for path in (SOURCE / "locale" / language).glob("*.py")} - {"__init__"}
        for language in locale.LANGUAGES
    }
    assert files["en"] == files["ko"] == set(locale.areas())


def test_a_sentence_loads_no_area_but_its_own() -> None:
    code = (
        "import sys; from sonagi.locale import text; text('plan.missing'); "
        "print([name for name in sys.modules if name.startswith('sonagi.locale.en.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['sonagi.locale.en.plan']"


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert "{name:은/는}" in locale.text("plan.env", value="{name:은/는}")


def spelled_in(code: str, key: str) -> bool:
    """Whether `key` stands in the code, whole or as the part that is not put together there."""
    name = key.split(".", 1)[1]
    flag = "--" + name.removeprefix("run_").removeprefix("hit_").removeprefix("new_").removeprefix(
        "plan_"
    ).replace("_", "-")
    executor = name.removeprefix("scenario_").replace("_", "-")
    parts = [
        key,
        flag,
        executor,
        name.removesuffix("_near"),
        name.removeprefix("column_"),
        name.removeprefix("stamps_"),
        name.removeprefix("origin_"),
        name.removeprefix("why_"),
        name.removeprefix("verdict_"),
        name.removeprefix("role_"),
        name.removeprefix("source_"),
    ]
    return any(f'"{part}' in code or f"'{part}" in code for part in [*parts, name.split(".")[-1]])


def test_every_key_is_used_and_every_key_that_is_used_exists() -> None:
    files = [path for path in SOURCE.rglob("*.py") if "locale" not in path.relative_to(SOURCE).parts]
    files += list((SOURCE.parents[1] / "core/src").rglob("*.rs"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    known = catalogues("en").keys()
    used = set(re.findall(rf'text\(\s*"((?:{"|".join(locale.areas())})\.[a-z_.]+)"', code))
    assert used <= known
    assert [key for key in known if not spelled_in(code, key)] == []


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("소나기", "은/는", "소나기는"),
        ("서버", "이/가", "서버가"),
        ("시간", "을/를", "시간을"),
        ("p95", "은/는", "p95는"),
        ("503", "이/가", "503이"),
        ("10", "을/를", "10을"),
        ("script.py", "으로/로", "script.py로"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("p(95)", "와/과", "p(95)와"),
        ("시간", "와/과", "시간과"),
        ("…", "은/는", "…는"),
        ("server", "은/는", "server는"),
        ("timeout", "이/가", "timeout이"),
        ("string", "을/를", "string을"),
        ("None", "은/는", "None은"),
        ("True", "은/는", "True는"),
        ("file", "으로/로", "file로"),
        ("'URL'", "이/가", "'URL'이"),
        ("HTTP", "은/는", "HTTP는"),
        ("10%", "이/가", "10%가"),
        ("http://x/", "을/를", "http://x/를"),
        ("", "은/는", "는"),
    ],
)
def test_a_particle_follows_the_sound_of_its_word(word: str, pair: str, expected: str) -> None:
    assert with_particle(word, pair) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SONAGI_LANG": "ko", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_users(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    for name in ("SONAGI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert locale.language() == expected
