"""What the browser is given: nothing from elsewhere, nothing inline, not too much, and what upstream published."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

SOURCE = Path(__file__).parents[2]
WEB = SOURCE / "web"
VENDOR = WEB / "static" / "vendor"
TEMPLATES = sorted(SOURCE.glob("**/templates/**/*.html"))
STYLES = sorted(SOURCE.glob("**/static/**/*.css"))
SCRIPTS = [p for p in sorted(SOURCE.glob("**/static/**/*.js")) if VENDOR not in p.parents]
ELSEWHERE = re.compile(r"""(?:src|href|action|hx-get|hx-post)\s*=\s*["']?(?:https?:)?//""", re.I)
INLINE = re.compile(
    r"""<style\b|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|\shx-on|javascript:""", re.I
)
FETCHED = re.compile(r"""@import|url\(\s*["']?+(?!data:|#)([^)"']*)""", re.I)
BUDGET = 150_000
PAGES = ["/", "/sign-in/", "/sign-up/", "/office/sign-in/", "/rules/", "/rules/V7.2/"]


def manifest() -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    return found


def test_every_vendored_file_is_as_the_manifest_says():
    listed = {entry["file"] for entry in manifest()}
    for entry in manifest():
        digest = hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest()
        assert digest == entry["sha256"], entry["file"]
        assert entry["licence"] in {"MIT", "0BSD", "Apache-2.0", "BSD-3-Clause", "ISC"}
        assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
    there = {str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*") if p.is_file()}
    assert {f for f in there if not f.endswith((".txt", "manifest.json"))} == listed


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_template_fetches_from_elsewhere_or_writes_inline(path: Path):
    text = path.read_text("utf-8")
    assert not ELSEWHERE.findall(text)
    assert not INLINE.findall(text)


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.name)
def test_no_stylesheet_fetches_from_elsewhere(path: Path):
    assert FETCHED.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_no_script_of_ours_evaluates_text_or_calls_elsewhere(path: Path):
    text = path.read_text("utf-8")
    assert not re.search(r"\beval\(|new Function|innerHTML\s*=|https?://", text)


def test_the_checks_find_what_they_look_for():
    assert INLINE.search('<p style="color:red">')
    assert INLINE.search("<script>1</script>")
    assert INLINE.search('<a onclick="x()">')
    assert not INLINE.search('<script src="/a.js" defer></script>')
    assert ELSEWHERE.search('<img src="//cdn.example/x.png">')
    assert FETCHED.findall("a{background:url(https://x.example/y.png)}")
    assert not FETCHED.findall("a{background:url('data:image/svg+xml,x')}")


@pytest.mark.django_db
@pytest.mark.parametrize("url", PAGES)
def test_the_browser_is_forbidden_everything_but_ourselves(client, url):
    answer = client.get(url)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize("url", PAGES)
def test_a_candidates_page_weighs_little(client, url):
    """The page, and everything that it links compressed as it is served once collected."""
    html = client.get(url).content
    linked = set(re.findall(rb'(?:src|href)="/static/([^"#]+)', html))
    assert linked
    weight = len(html)  # pages are not compressed: their secrets would leak through the length (BREACH)
    for name in linked:
        path = finders.find(name.decode())
        assert path, name
        weight += len(gzip.compress(Path(path).read_bytes()))
    assert weight < BUDGET, f"{url}: {weight:,} bytes"


def test_every_icon_that_a_page_draws_is_in_the_sprite():
    sprite = (VENDOR / "tabler" / "icons.svg").read_text("utf-8")
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    drawn = {n for p in TEMPLATES for n in re.findall(r'\{% icon "([^"]+)"', p.read_text("utf-8"))}
    drawn |= {n for p in TEMPLATES for n in re.findall(r'\bicon="([^"]+)"', p.read_text("utf-8"))}
    from keju.web.site.menu import ITEMS
    from keju.web.templatetags.keju_parts import CHIP_ICONS

    drawn |= {item.icon for _, items in ITEMS for item in items} | set(CHIP_ICONS.values())
    assert drawn - there == set()
