"""Every template compiles, and none brings scripts, styles or addresses that the page's policy forbids."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
SPRITE = (ROOT / "static" / "img" / "icons.svg").read_text()

FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an inline style": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "htmx that evaluates": re.compile(r"\bhx-on|hx-vals=.js:|hx-headers=.js:"),
    "an address elsewhere": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.I),
    "a script address": re.compile(r"javascript:", re.I),
    "unescaped text": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}


@pytest.mark.parametrize("name", NAMES)
def test_each_template_compiles(name: str) -> None:
    assert get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_template_holds_what_the_policy_forbids(name: str) -> None:
    text = re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text())

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_icon_is_in_the_sprite(name: str) -> None:
    used = set(re.findall(r"\{%\s*icon\s+\"([^\"]+)\"", (TEMPLATES / name).read_text()))

    assert {icon for icon in used if f'<symbol id="{icon}"' not in SPRITE} == set()


@pytest.mark.parametrize("name", NAMES)
def test_each_form_that_changes_something_carries_its_token(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    posts = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.S | re.I)

    assert [form for form in posts if "{% csrf_token %}" not in form] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_has_words_or_says_that_it_has_none(name: str) -> None:
    pictures = re.findall(r"<img\b[^>]*>", (TEMPLATES / name).read_text())

    assert [picture for picture in pictures if " alt=" not in picture] == []
