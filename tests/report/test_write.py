"""The report: what it says, that page and JSON agree, that nothing leaves the page and nothing gets in."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from discover.core.errors import UsageError
from discover.core.types import Edit, Event
from discover.report import write as report
from tests.browser import chromium
from tests.report.sections import nights

VOID = {"meta", "link", "br", "img"}
SILENT = {  # numbers that become places, colours, bars and curves, or that words stand for
    *("x", "y", "colour", "of_largest", "of_whole", "of_longest", "shares", "widest", "measured", "level", "version"),
    *(
        "rising",
        "fading",
        "news",
        "rising_count",
        "fading_count",
        "more_count",
        "less_count",
        "different_share",
        "least",
    ),
    *("recent_amount", "values_dropped", "pictures_unread", "rows_dropped", "moved", "closeness"),
    *("pictures_missing", "themes"),
}
TOOLTIP = r"themes\.(broad\.\w+\.fine|apart)\.\w+\.(share|strength|stability)|.*-titles\.lift|duplicates\..*\.size"
SAID = {"title", "label", "keywords", "sentence", "reason", "words", "paragraph", "warnings", "not_used", "columns"}


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


@pytest.fixture(scope="module", params=["later", "single", "themeless", "hostile", "large"])
def results(request, tmp_path_factory):
    if request.param in ("later", "hostile"):
        return getattr(nights, request.param)(tmp_path_factory.mktemp("posters"))
    return getattr(nights, request.param)()


@pytest.fixture(scope="module")
def made(results):
    return report.make(results)


def test_page_is_well_formed_and_fetches_nothing(made):
    page = Page(report.html(made))
    addresses = [
        value for _, name, value in page.attributes if name in ("src", "href", "srcset", "action", "poster", "data")
    ]
    assert addresses
    assert [value for value in addresses if not value.startswith(("data:", "#"))] == []
    styles = " ".join(page.styles + [value for _, name, value in page.attributes if name == "style"])
    assert "@import" not in styles and "url(" not in styles


def test_links_within_the_page_lead_somewhere(made):
    page = Page(report.html(made))
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {unquote(value[1:]) for _, name, value in page.attributes if name == "href" and value[0] == "#"} <= set(ids)


def test_facts_are_json_and_utf8(made):
    text = json.dumps(made.facts, allow_nan=False, ensure_ascii=False)
    assert json.loads(text.encode("utf-8")) == made.facts
    assert list(made.facts["sections"]) == [
        *(
            "summary",
            "moving",
            "changed",
            "white_space",
            "map",
            "themes",
            "duplicates",
            "alerts",
            "quality",
            "provenance",
        )
    ]


def leaves(facts, key=""):
    """Every text among the facts, with the name that it stands under."""
    if isinstance(facts, dict):
        for name, value in facts.items():
            yield from leaves(value, name)
    elif isinstance(facts, list):
        for value in facts:
            yield from leaves(value, key)
    elif isinstance(facts, str):
        yield key, facts


def test_every_word_and_number_is_in_its_section(made, results):
    parts = re.split(r'<section id="(\w+)"[^>]*>', report.html(made).partition("</main>")[0])
    words = {
        name: Page(html.rpartition("</section>")[0]).words for name, html in zip(parts[1::2], parts[2::2], strict=True)
    }
    missing = [
        (name, key, text)
        for name, facts in made.facts["sections"].items()
        for key, text in leaves(facts)
        if key in SAID and " ".join(text.split())[:50] not in words[name]
    ]
    assert missing == []
    shown = {value for _, name, value in Page(report.html(made)).attributes if name == "data-fact"}
    silent = (
        SILENT
        if results.named
        else SILENT | {"broad", "fine", "in_themes", "in_themes_share", "outliers", "outliers_share"}
    )
    claims = [claim for claim in made.facts["claims"] if claim["value"] and "exemplars" not in claim["name"]]
    unseen = [
        claim["name"]
        for claim in claims
        if claim["name"] not in shown
        and claim["name"].rpartition(".")[2] not in silent
        and not re.fullmatch(TOOLTIP, claim["name"])
    ]
    assert unseen == []
    settings = json.dumps(made.facts["sections"]["provenance"]["settings"], ensure_ascii=False, indent=2)
    assert " ".join(settings.split()) in words["provenance"]


def test_figures_of_the_planted_night():
    sections = report.make(nights.planted()).facts["sections"]
    summary = sections["summary"]
    assert (summary["items"], summary["broad"], summary["fine"]) == (300, 6, 10)
    assert (summary["in_themes"], summary["outliers"]) == (276, 24)
    assert summary["paragraph"] == (
        "This is the first run, so there is nothing to compare with yet. 92% of the 300 items fall into 6 broad "
        "themes. The largest is “Nordic crime, detectives and cold cases” with 84 items (28%)."
    )
    assert [action["words"] for action in summary["actions"]] == [
        "Correct 3 rows of the source that could not be used."
    ]
    assert (sections["map"]["placed"], sections["map"]["not_placed"]) == (299, 1)
    cards = sections["themes"]["broad"]
    assert [card["size"] for card in cards] == sorted((card["size"] for card in cards), reverse=True)
    assert [[fine["size"] for fine in card["fine"]] for card in cards] == [[50, 34], [40, 22], [28, 20], [], [], []]
    assert [each["label"] for each in sections["themes"]["apart"]] == ["Silent films restored"]


def test_what_changed_and_what_to_do_about_it():
    sections = report.make(nights.later()).facts["sections"]
    summary = sections["summary"]
    assert summary["paragraph"] == (
        "Since the last run (1 March 2024, 02:14 UTC), 10 items were added (mainly in “Courts and dynasties”) and 2 "
        "removed. The catalog now has 300 items. “Nordic crime, detectives and cold cases” and “Romance in Paris” are "
        "rising, while “Space exploration” is fading. Of the themes, “Cooking and kitchens” split, “Space exploration” "
        "absorbed others, “Carnival comedies” is dormant."
    )
    assert [(each["section"], each["words"].partition(",")[0]) for each in summary["actions"]] == [
        ("moving", "Find out why “Nordic crime"),
        ("white_space", "Hold back on “Romance in Paris”: it rises"),
        ("white_space", "Consider more of “Space exploration”: it fades"),
        ("quality", "Correct 3 rows of the source that could not be used."),
    ]
    assert [each["theme"] for each in sections["moving"]["rising"]] == ["T0001", "T0004"]
    assert [(each["id"], each["arrived"]) for each in sections["changed"]["arrivals"]] == [("T0006", 10)]
    assert [(each["kind"], each["theme"]) for each in sections["changed"]["events"]] == [
        ("split", "T0003"), ("merged", "T0002"), ("dormant", "T0901")
    ]  # fmt: skip
    assert [[each["id"] for each in sections["white_space"][kind]] for kind in ("more", "less")] == [
        ["T0002"],
        ["T0004"],
    ]
    groups = [(each["size"], each["identical"]) for each in sections["duplicates"]["groups"]]
    assert groups == [(3, True), (2, False)]
    assert {each["id"]: each["count"] for each in sections["alerts"]["outcomes"]} == {
        "held": 1, "faded": 1, "open": 0, "lost": 1
    }  # fmt: skip
    drift = sections["quality"]["drift"][0]
    assert (drift["stayed"], drift["moved"], drift["came"], drift["differs"]) == (290, 3, 10, True)


NOUNS = (
    (
        "item title theme row run outlier group rise period dimension dot time cell value date picture alert fact "
        "broad\\ theme fine\\ theme whole\\ row single\\ value different\\ item"
    )
    .replace(" ", "|")
    .replace("\\|", " ")
)


@pytest.mark.parametrize("form", report.FORMS)
@pytest.mark.parametrize("name", ["later", "single", "themeless"])
def test_counts_and_nouns_agree(name, form):
    text = report.FORMS[form](report.make(getattr(nights, name)()))
    words = text if "markdown" in form else Page(text).words
    told = re.findall(rf"(?<![\d.,])\d[\d,]* (?:{NOUNS})s?\b", words)
    assert told
    assert [each for each in told if each.startswith("1 ") == each.endswith("s")] == []


def test_the_period_that_is_not_full_is_told():
    results = nights.later()
    names = tuple(f"{year}-{month:02}" for year in (2019, 2020, 2021) for month in range(1, 13))[:28]
    found = tuple(replace(each, periods=names) for each in results.trends.trends)
    made = report.make(replace(results, trends=replace(results.trends, trends=found)))
    dates = [day for day in results.catalog.column("added") if day and (day.year, day.month) == (2021, 4)]
    facts = made.facts["sections"]["moving"]
    assert (facts["when"], facts["open"], facts["open_titles"]) == ("January to March 2021", "April 2021", len(dates))
    assert dates and "moving.open_titles" in {claim["name"] for claim in made.facts["claims"]}
    said = f"April 2021 is not over yet, so its {len(dates)} titles are left out"
    assert said in " ".join(Page(report.html(made)).words.split())
    for form in ("executive", "markdown", "executive markdown"):
        steady = report.make(replace(results, trends=replace(results.trends, trends=found[3:])))
        text = report.FORMS[form](steady)
        words = text if "markdown" in form else Page(text).words
        assert said in words and "beyond chance in the last three months (January to March 2021)" in words


def test_a_theme_comes_back_only_where_it_was_told_that_it_went():
    results = nights.later()

    def told(confidence):
        events = (
            Event(1, nights.CREATED, "dormant", "T0002", (), confidence),
            Event(2, nights.LATER, "returned", "T0002", (), 0.9),
            Event(2, nights.LATER, "born", "T0101", (), 0.9),
        )
        return report.make(replace(results, ledger=replace(results.ledger, events=events))).facts["sections"]

    unsaid, said = told(0.3), told(0.7)
    assert [each["theme"] for each in unsaid["changed"]["events"]] == ["T0101"]
    assert [(each["theme"], each["away"]) for each in said["changed"]["events"]] == [("T0101", None), ("T0002", 1)]
    assert said["changed"]["events"][0]["within"] == nights.BROAD[0][0]  # a finer theme is told as one
    assert "Of the themes, “Space exploration” is back. 1 finer theme changed." in said["summary"]["paragraph"]
    assert "The broad themes are those of the last run. 1 finer theme changed." in unsaid["summary"]["paragraph"]


def test_what_people_hid_is_nowhere_in_the_report():
    results = nights.later()
    gone = next(theme for theme in results.named if theme.id == "T0001")
    hidden = replace(results, edits=(Edit(1, "2024-03-02T09:00:00+00:00", "hide", ("T0001",)),))
    made, before = report.make(hidden), report.make(results).facts["sections"]
    assert gone.label in report.html(report.make(results)) and "T0001" in json.dumps(before)
    assert gone.label not in report.html(made) and "T0001" not in json.dumps(made.facts)
    sections = made.facts["sections"]
    assert [card["id"] for card in sections["themes"]["broad"]] == [
        card["id"] for card in before["themes"]["broad"] if card["id"] != "T0001"
    ]
    assert sections["summary"]["outliers"] == before["summary"]["outliers"] + gone.size
    by_id = {theme["id"]: theme for theme in before["map"]["themes"]}
    for theme in sections["map"]["themes"]:
        assert (theme["x"], theme["y"], theme["colour"]) == tuple(
            by_id[theme["id"]][key] for key in ("x", "y", "colour")
        )
    for card, old in zip(sections["themes"]["broad"], before["themes"]["broad"][1:], strict=True):
        assert [fine["size"] for fine in card["fine"]] == [fine["size"] for fine in old["fine"]]


def test_an_interval_goes_with_its_claim():
    claims = {claim["name"]: claim for claim in report.make(nights.later()).facts["claims"]}
    lift = claims["moving.rising.T0001-titles.lift"]
    assert (lift["value"], lift["interval"], lift["evidence_total"]) == (1.7, [1.3, 2.2], 30)
    assert lift["evidence"] == [f"s{row:05}" for row in range(24, 29)]


def test_markdown_is_one_text_that_nothing_in_it_turns(tmp_path):
    from markdown_it import MarkdownIt

    for made in map(report.make, (nights.later(tmp_path), nights.hostile(tmp_path))):
        for executive in (False, True):
            text = report.markdown(made, executive)
            html = MarkdownIt("commonmark", {"html": False}).render(text.rpartition("<!--")[0])
            assert set(re.findall(r"<(\w+)", html)) <= {"h1", "h2", "h3", "p", "ul", "li", "strong", "br"}
            assert text.count("\n# ") == 0 and text.startswith("# ")
            assert text.count("\u2068") == text.count("\u2069")
    assert len(text) < 12_000  # the executive one, whatever titles say


def test_mail_needs_nothing_and_is_small(tmp_path):
    for made in map(report.make, (nights.later(tmp_path), nights.hostile(tmp_path), nights.large())):
        for executive in (False, True):
            html = report.email(made, executive)
            page = Page(html)
            assert len(html.encode()) < 100_000
            assert "<script" not in html and "<style" not in html and "data:" not in html and "<img" not in html
            assert [value for _, name, value in page.attributes if name in ("src", "href")] == []
            tags = re.findall(r"<(h1|h2|p|ul|li)( style=)?", html)
            assert tags and all(style for _, style in tags)


def test_the_executive_page_is_short_and_has_no_script(tmp_path):
    html = report.html(report.make(nights.later(tmp_path)), executive=True)
    assert re.findall(r'<section id="(\w+)"', html) == ["summary", "moving", "changed", "white_space"]
    assert "<script" not in html and len(html.encode()) < 60_000
    page = Page(html)
    ids = {value for _, name, value in page.attributes if name == "id"}
    assert {value[1:] for _, name, value in page.attributes if name == "href" and value[0] == "#"} <= ids


def test_pdf(tmp_path):
    weasyprint = pytest.importorskip("weasyprint", reason="weasyprint is not installed: no PDF was made")
    assert report.pdf(report.make(nights.themeless())).startswith(b"%PDF")
    assert report.pdf(report.make(nights.hostile(tmp_path)), executive=True).startswith(b"%PDF")
    page = report.html(report.make(nights.later(tmp_path)), executive=True)
    assert len(weasyprint.HTML(string=page).render().pages) == 1


def test_pdf_without_its_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match=r"pip install 'content-discover\[pdf\]'"):
        report.pdf(report.make(nights.themeless()))


def test_pdf_without_the_systems_libraries_says_which_packages_to_install(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import cffi\n"
        "load = cffi.FFI.dlopen\n"
        "cffi.FFI.dlopen = lambda ffi, name, *flags: load(ffi, f'{name}-of-no-machine', *flags)\n"
    )
    code = (
        "from discover import report\nfrom discover.core import errors\n"
        "from tests.report.sections import nights\n"
        "try: report.pdf(report.make(nights.themeless()))\n"
        "except errors.UsageError as error: print(error)\n"
    )
    pytest.importorskip("weasyprint", reason="weasyprint is not installed: its libraries were not missed")
    root = Path(__file__).parents[2]
    known = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=known, capture_output=True, text=True)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)
    assert "cannot load library 'libgobject-2.0-0-of-no-machine'" in done.stdout
    assert "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in done.stdout


def test_facts_are_computed_once_for_all_forms(monkeypatch):
    from discover.report.sections.summary import Summary

    computed, facts = [], Summary.facts
    monkeypatch.setattr(Summary, "facts", lambda section, results: computed.append(1) or facts(section, results))
    written = report.make(nights.later())
    for write in report.FORMS.values():
        assert write(written)
    assert report.html(written, still=True) and computed == [1]


def test_same_night_same_bytes(tmp_path):
    first, second = (report.make(nights.later(tmp_path)) for _ in range(2))
    assert report.html(first).encode() == report.html(second).encode()
    assert json.dumps(first.facts) == json.dumps(second.facts)


def test_no_themes_is_said_in_words():
    made = report.make(nights.themeless())
    assert "No themes found" in Page(report.html(made)).words
    assert "0.99 of what chance would give" in made.facts["sections"]["summary"]["paragraph"]


def test_hostile_words_are_text(tmp_path):
    made = report.make(nights.hostile(tmp_path))
    assert "<script>window.hacked" not in report.html(made) and "<img src=x" not in report.html(made)
    assert report.html(made).count("</script>") == 2  # the dots' data and our own script
    assert "&lt;/script&gt;&lt;script&gt;window.hacked = 1" in report.html(made)
    assert "7 * 7" in report.html(made)


def test_posters_come_along_small_and_few(tmp_path):
    html = report.html(report.make(nights.planted(tmp_path)))
    posters = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)"', html)
    assert 6 <= len(posters) <= 24
    assert sum(map(len, posters)) < 2_000_000 and max(map(len, posters)) < 20_000


def test_a_large_night_stays_light():
    made = report.make(nights.large())
    assert len(report.html(made).encode()) < 1_500_000
    assert len(json.dumps(made.facts)) < 250_000


# --- in a real browser -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with chromium("--headless", "--disable-gpu") as opened:
        yield opened


@pytest.fixture
def opened(browser, made, tmp_path):
    """Opens the report at a width and scheme; fails on any console error, any script error and any request."""
    file = tmp_path / "report.html"
    file.write_text(report.html(made), encoding="utf-8")
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


def test_names_on_the_map_do_not_overlap_and_lead_to_their_cards(opened, results):
    for width in (390, 1440):
        page = opened(width)
        boxes = page.evaluate(
            "[...document.querySelectorAll('.name.placed')].map((n) => n.getBoundingClientRect())"
            ".map((b) => [b.left, b.top, b.right, b.bottom])"
        )
        themes = sum(theme.level == 0 for theme in results.named)
        assert len(boxes) == themes if themes <= 6 else len(boxes) >= themes / 3
        for i, a in enumerate(boxes):
            assert a[0] >= 0 and a[2] <= width
            assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[i + 1 :])
    if themes:
        page.locator(".name.placed").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**#theme-*")


HIDES = """() => {
  const data = JSON.parse(document.getElementById('map-data').textContent);
  const bytes = Uint8Array.from(atob(data.dots), (c) => c.charCodeAt(0)), view = new DataView(bytes.buffer);
  const plate = document.getElementById("plate"), box = plate.getBoundingClientRect();
  const edge = Math.max(14, 0.035 * box.width);
  const all = {}, hidden = [];
  const names = [...plate.querySelectorAll('.name')].map((name) =>
    name.classList.contains('placed') ? name.getBoundingClientRect() : null);
  const under = names.map(() => ({}));
  for (let i = 0; i < bytes.length / 6; i++) {
    const x = box.left + edge + view.getUint16(6 * i, true) / 65535 * (box.width - 2 * edge);
    const y = box.top + edge + view.getUint16(6 * i + 2, true) / 65535 * (box.height - 2 * edge);
    const theme = view.getUint16(6 * i + 4, true);
    all[theme] = (all[theme] || 0) + 1;
    names.forEach((b, n) => {
      if (b && x > b.left && x < b.right && y > b.top && y < b.bottom) under[n][theme] = (under[n][theme] || 0) + 1;
    });
  }
  return under.map((parts, n) => Object.entries(parts).filter(([theme]) => theme != n)
    .map(([theme, count]) => count / Math.max(25, all[theme])));
}"""


def test_names_on_the_map_hide_little_of_what_they_do_not_name(opened):
    for width in (390, 1440):
        parts = opened(width).evaluate(HIDES)
        assert all(part <= 0.2 for each in parts for part in each)


def test_the_dot_under_the_pointer_says_its_title(opened, results):
    page = opened(1440)
    page.locator("#plate").scroll_into_view_if_needed()
    box = page.locator("#plate").bounding_box()
    shown = []
    for step in range(40):
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.02 * step), box["y"] + box["height"] * (0.15 + 0.015 * step))
        if page.locator("#map-tip").is_visible():
            shown.append(page.locator("#map-tip b").text_content())
    known = {title if len(title) <= 80 else title[:79] + "…" for title in results.catalog.titles}
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
    for search_index in ("paper", "plate"):
        assert all(
            contrast(colours[search_index], colours[text]) >= 4.5 for text in ("ink", "muted", "accent", "rise", "fade")
        )
        assert all(contrast(colours[search_index], colours[f"c{i}"]) >= 3 for i in range(8))
