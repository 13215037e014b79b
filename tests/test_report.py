"""The report: what it says, that page and JSON agree, that nothing leaves the page and nothing gets in."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from discover import report
from tests.sections import nights

VOID = {"meta", "link", "br", "img"}
DRAWN = {"x", "y", "colour", "colours_repeat"}  # facts that become places and colours, not words


class Page(HTMLParser):
    """A strict reader: every element is closed by its own end tag; keeps text, attributes and where they stand."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.styles: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.text.append(" ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.text.append(" ")

    def handle_data(self, data):
        place = self.open[-1] if self.open else ""
        if place == "style":
            self.styles.append(data)
        elif place != "script":
            self.text.append(data)

    @property
    def words(self) -> str:
        """All that can be read, tooltips included, white space as one blank."""
        tips = [value for _, name, value in self.attributes if name in ("title", "alt", "style", "datetime", "href")]
        return " ".join("".join(self.text + [" " + tip + " " for tip in tips]).split())


@pytest.fixture(scope="module", params=["planted", "themeless", "hostile", "large"])
def night(request, tmp_path_factory):
    if request.param in ("planted", "hostile"):
        return getattr(nights, request.param)(tmp_path_factory.mktemp("posters"))
    return getattr(nights, request.param)()


@pytest.fixture(scope="module")
def made(night):
    return report.make(night)


def test_page_is_well_formed_and_fetches_nothing(made):
    page = Page(made.html)
    addresses = [
        value for _, name, value in page.attributes if name in ("src", "href", "srcset", "action", "poster", "data")
    ]
    assert addresses
    assert [value for value in addresses if not value.startswith(("data:", "#"))] == []
    styles = " ".join(page.styles + [value for _, name, value in page.attributes if name == "style"])
    assert "@import" not in styles and "url(" not in styles


def test_links_within_the_page_lead_somewhere(made):
    page = Page(made.html)
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {unquote(value[1:]) for _, name, value in page.attributes if name == "href" and value[0] == "#"} <= set(ids)


def test_facts_are_json_and_utf8(made):
    text = json.dumps(made.facts, allow_nan=False, ensure_ascii=False)
    assert json.loads(text.encode("utf-8")) == made.facts
    assert list(made.facts["sections"]) == ["summary", "map", "themes", "quality", "made"]


def as_shown(key, value):
    """A fact as the page writes it."""
    from discover.sections import _words as words

    if key in ("created", "first_date", "last_date"):
        return words.moment(value) if key == "created" else words.day(value)
    if isinstance(value, str):
        return " ".join(value.split())
    if key.endswith("share"):
        return words.share(value)
    if key.startswith("of_"):
        return words.percent(value)
    if key in ("strength", "stability", "recall", "coherence"):
        return words.index(value)
    return words.seconds(value) if key.endswith("seconds") else words.count(value)


def leaves(facts, key=""):
    if isinstance(facts, dict):
        for name, value in facts.items():
            if name not in DRAWN | {"settings"}:
                yield from leaves(value, name)
    elif isinstance(facts, list):
        for value in facts:
            yield from leaves(value, key)
    elif facts is not None and not isinstance(facts, bool):
        yield key, facts


def is_said(shown, words):
    """Whether a text stands in the words; a number must not be part of a longer one."""
    if not shown[0].isdigit():
        return shown in words
    return re.search(rf"(?<![\d.,]){re.escape(shown)}(?![.,]?\d)", words) is not None


def test_every_fact_is_in_its_section(made, night):
    parts = re.split(r'<section id="(\w+)"[^>]*>', made.html.partition("</main>")[0])
    words = {
        name: Page(html.rpartition("</section>")[0]).words for name, html in zip(parts[1::2], parts[2::2], strict=True)
    }
    silent = set()  # figures without a place on a page that has no themes
    if not night.named:
        silent = {"broad", "fine", "in_themes", "in_themes_share", "strays", "strays_share"}
    missing = [
        (name, key, as_shown(key, value))
        for name, facts in made.facts["sections"].items()
        for key, value in leaves(facts)
        if value not in (0, "") and key not in silent and not is_said(as_shown(key, value), words[name])
    ]
    assert missing == []
    for theme in night.named:
        if theme.level == 0:
            assert " ".join(theme.label.split()) in words["themes"]
    settings = json.dumps(made.facts["sections"]["made"]["settings"], ensure_ascii=False, indent=2)
    assert " ".join(settings.split()) in words["made"]


def test_figures_of_the_planted_night():
    sections = report.make(nights.planted()).facts["sections"]
    summary = sections["summary"]
    assert (summary["items"], summary["broad"], summary["fine"]) == (300, 6, 10)
    assert (summary["in_themes"], summary["strays"]) == (276, 24)
    assert summary["paragraph"] == (
        "The catalog holds 300 items, dated 1 January 2008 to 23 August 2021. 92% of them fall into 6 broad themes. "
        "Looked at more finely, there are 10. The largest is “Nordic crime, detectives and cold cases” with 84 items "
        "(28%). The other 8.0% are strays: close to no theme. 3 rows of the source could not be used."
    )
    assert (sections["map"]["placed"], sections["map"]["not_placed"]) == (299, 1)
    cards = sections["themes"]["broad"]
    assert [card["size"] for card in cards] == sorted((card["size"] for card in cards), reverse=True)
    assert [[fine["size"] for fine in card["fine"]] for card in cards] == [[50, 34], [40, 22], [28, 20], [], [], []]
    assert [each["label"] for each in sections["themes"]["apart"]] == ["Silent films restored"]


def test_same_night_same_bytes(tmp_path):
    first, second = (report.make(nights.planted(tmp_path)) for _ in range(2))
    assert first.html.encode() == second.html.encode()
    assert json.dumps(first.facts) == json.dumps(second.facts)


def test_no_themes_is_said_in_words():
    made = report.make(nights.themeless())
    assert "No themes found" in Page(made.html).words
    assert "0.99 of the distance" in made.facts["sections"]["summary"]["paragraph"]


def test_hostile_words_are_text(tmp_path):
    made = report.make(nights.hostile(tmp_path))
    assert "<script>window.hacked" not in made.html and "<img src=x" not in made.html
    assert made.html.count("</script>") == 2  # the dots' data and our own script
    assert "&lt;/script&gt;&lt;script&gt;window.hacked = 1" in made.html
    assert "7 * 7" in made.html


def test_posters_come_along_small_and_few(tmp_path):
    html = report.make(nights.planted(tmp_path)).html
    posters = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)"', html)
    assert 6 <= len(posters) <= 24
    assert sum(map(len, posters)) < 2_000_000 and max(map(len, posters)) < 20_000


def test_a_large_night_stays_light():
    made = report.make(nights.large())
    assert len(made.html.encode()) < 1_500_000
    assert len(json.dumps(made.facts)) < 100_000


# --- in a real browser -------------------------------------------------------------------------------------

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: the page was not opened")
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: the page was not opened in a browser")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, made, tmp_path):
    """Opens the report at a width and scheme; fails on any console error, any script error and any request."""
    file = tmp_path / "report.html"
    file.write_text(made.html, encoding="utf-8")
    complaints, contexts = [], []

    def guard(route):
        if route.request.url == file.as_uri():
            return route.continue_()
        complaints.append(route.request.url)
        return route.abort()

    def show(width, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", guard)
        page.goto(file.as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_opens_without_complaint_at_any_width(opened, width, scheme):
    page = opened(width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("window.hacked") is None
    colours = """() => {
      const canvas = document.querySelector('canvas'), pixels = canvas.getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height).data;
      return new Set(new Uint32Array(pixels.buffer)).size }"""
    assert page.evaluate(colours) > 2  # dots are drawn


def test_names_on_the_map_do_not_overlap_and_lead_to_their_cards(opened, night):
    for width in (390, 1440):
        page = opened(width)
        boxes = page.evaluate(
            "[...document.querySelectorAll('.name.placed')].map((n) => n.getBoundingClientRect())"
            ".map((b) => [b.left, b.top, b.right, b.bottom])"
        )
        themes = sum(theme.level == 0 for theme in night.named)
        assert len(boxes) == themes if themes <= 6 else len(boxes) >= themes / 3
        for i, a in enumerate(boxes):
            assert a[0] >= 0 and a[2] <= width
            assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[i + 1 :])
    if themes:
        page.locator(".name.placed").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**#theme-*")


def test_the_dot_under_the_pointer_says_its_title(opened, night):
    page = opened(1440)
    page.locator("#plate").scroll_into_view_if_needed()
    box = page.locator("#plate").bounding_box()
    shown = []
    for step in range(40):
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.02 * step), box["y"] + box["height"] * (0.15 + 0.015 * step))
        if page.locator("#map-tip").is_visible():
            shown.append(page.locator("#map-tip b").text_content())
    known = {title if len(title) <= 80 else title[:79] + "…" for title in night.catalog.titles}
    assert shown and set(shown) <= known


def test_prints_in_light_colours(opened):
    page = opened(1440, "dark")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 27, 25)"


def contrast(one, other):
    def light(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_dots_stand_out_from_their_ground(opened, scheme):
    page = opened(1440, scheme)
    read = """(name) => { const e = document.createElement('i'); e.style.color = `var(--${name})`;
      document.body.append(e); return getComputedStyle(e).color }"""
    colours = {
        name: page.evaluate(read, name)
        for name in ("paper", "plate", "ink", "muted", "accent", "rise", "fade", *(f"c{i}" for i in range(8)))
    }
    for ground in ("paper", "plate"):
        assert all(
            contrast(colours[ground], colours[text]) >= 4.5 for text in ("ink", "muted", "accent", "rise", "fade")
        )
        assert all(contrast(colours[ground], colours[f"c{i}"]) >= 3 for i in range(8))
