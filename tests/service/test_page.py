"""The page in real Chromium over a real `discover serve`: what a strategist does, and what must never happen."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from io import BytesIO
from itertools import combinations
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from PIL import Image

from discover.core import words
from tests.browser import chromium
from tests.workspaces import HOSTILE

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: the page was not opened")

SOFTWARE_WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
PATIENCE = 60_000  # ms: the first text that is searched loads the text model
ANGRY = "12-angry-men-1957"
expect = api.expect
expect.set_options(timeout=PATIENCE)
VIEWS = {
    "start": "",
    "search": f"?like={ANGRY}",
    "item": f"?view=item&id={ANGRY}",
    "compare": f"?view=compare&id={ANGRY}&id=law-order-1990",
    "themes": "?view=themes",
    "theme": "?view=theme&id=T0001",
    "map": "?view=map",
    "rising": "?view=rising",
    "nowhere": "?view=nowhere",
}


def term(service, path, **query):
    answer = service.http.get(path, params=query)
    answer.raise_for_status()
    return answer.json()


@pytest.fixture(scope="module")
def demo(shared, tmp_path_factory):
    """The workspace of the sample catalog, with its posters; themes are renamed in it."""
    return shared.copy("demo", tmp_path_factory.mktemp("page") / "demo") / "demo-workspace"


@pytest.fixture(scope="module")
def service(serving, demo):
    with serving(demo, "--rate", "") as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    with chromium(*SOFTWARE_WEBGL) as opened:
        yield opened


@pytest.fixture
def watched(browser):
    """Makes browser pages; fails on what they complain of, and on any request that leaves the service."""
    complaints, contexts = [], []

    def make(url, width=1280, scheme="light", **more):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((url, "blob:", "data:")) else complaints.append(asked.url),
        )
        return page

    make.complaints = complaints
    yield make
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(watched, service):
    made = watched(service.url)
    made.goto(service.url)
    return made


def ids(page):
    return page.locator(".grid .tile").evaluate_all("tiles => tiles.map(tile => tile.dataset.id)")


def shows(page, service, **query):
    """Waits until the grid is just what the service answers."""
    wanted = [match["id"] for match in term(service, "/v1/search", k=24, **query)["matches"]]
    page.wait_for_function(
        "wanted => JSON.stringify([...document.querySelectorAll('.grid .tile')].map(e => e.dataset.id)) === wanted",
        arg=json.dumps(wanted, separators=(",", ":")),
    )
    return wanted


def search_box(page):
    return page.get_by_role("combobox", name="A title, or what it should be like")


# --- find --------------------------------------------------------------------------------------------------


def test_a_title_is_found_by_its_beginning_and_refined_at_once(page, service):
    search_box(page).type("12 ang")
    expect(page.get_by_role("option", name="12 Angry Men")).to_be_visible()
    search_box(page).press("ArrowDown")
    search_box(page).press("Enter")
    first = shows(page, service, like=ANGRY)
    expect(page.get_by_text("Most like 12 Angry Men")).to_be_visible()

    page.locator(f'.tile[data-id="{first[2]}"]').get_by_role("button", name="More like").click()
    second = shows(page, service, like=[ANGRY, first[2]])
    page.locator(f'.tile[data-id="{second[1]}"]').get_by_role("button", name="Less like").click()
    shows(page, service, like=[ANGRY, first[2]], unlike=second[1])

    page.reload()
    shows(page, service, like=[ANGRY, first[2]], unlike=second[1])
    page.go_back()
    shows(page, service, like=[ANGRY, first[2]])
    page.go_back()
    shows(page, service, like=ANGRY)


def test_tiles_say_why(page, service):
    page.goto(f"{service.url}/?like={ANGRY}")
    match = term(service, "/v1/search", like=ANGRY, k=1, why="true")["matches"][0]
    tile = page.locator(f'.tile[data-id="{match["id"]}"]')
    assert match["why"]
    expect(tile.get_by_role("list", name="What it shares").locator("li")).to_have_text(match["why"].split(", "))
    expect(tile.get_by_text(f"closer than {words.above(match['percentile'])} of pairs")).to_be_visible()


def test_sliders_are_weights(page, service):
    page.goto(f"{service.url}/?like={ANGRY}")
    usual = shows(page, service, like=ANGRY)
    for _ in range(2):
        page.get_by_role("slider", name="Meaning").press("ArrowLeft")
    changed = shows(page, service, like=ANGRY, weights="text=0,lexical=.5,image=.5,metadata=.7")
    assert changed != usual
    assert "weight-text=0" in page.url


def test_every_space_that_the_service_names_has_a_slider(page, service):
    about = term(service, "/v1/about")
    about["spaces"].append("pace")
    about["weights"]["pace"] = 0.3
    about["words"]["spaces"]["pace"] = {"label": "Pace", "hint": "how fast it is told"}
    page.route("**/v1/about", lambda route: route.fulfill(json=about))
    page.goto(f"{service.url}/?like={ANGRY}")
    labels = [words["label"] for words in about["words"]["spaces"].values()]
    expect(page.locator(".slider label")).to_have_count(len(labels) + 1)  # and variety
    assert set(page.locator(".slider label").all_inner_texts()) == {*labels, "Variety"}
    nothing = {"version": 1, "note": "", "understood": [], "matches": []}
    with page.expect_request(lambda request: "/v1/search" in request.url and "pace" in request.url) as asked:
        page.route("**/v1/search?*pace*", lambda route: route.fulfill(json=nothing))
        page.get_by_role("slider", name="Pace").press("ArrowRight")
    assert "pace%3D0.75" in asked.value.url or "pace=0.75" in asked.value.url


def test_filters_are_conditions(page, service):
    page.goto(f"{service.url}/?like={ANGRY}")
    page.get_by_role("combobox", name="Genre").select_option("Comedy")
    page.get_by_role("spinbutton", name="From").fill("1990")
    page.get_by_role("spinbutton", name="From").press("Enter")
    found = shows(page, service, like=ANGRY, where="year >= 1990 AND 'Comedy' IN genres")
    assert found
    page.get_by_role("button", name="Remove 2 filters").click()
    shows(page, service, like=ANGRY)


def test_words_find_and_words_that_fit_nothing_are_told_so(page, service):
    search_box(page).fill("a haunted house")
    search_box(page).press("Enter")
    shows(page, service, text="a haunted house")
    search_box(page).fill("zzxqy vrrbt")
    search_box(page).press("Enter")
    expect(page.get_by_text("No match", exact=True)).to_be_visible()
    page.get_by_role("link", name="Show the nearest titles anyway").click()
    shows(page, service, text="zzxqy vrrbt", anyway="true")


def test_a_picture_finds_the_title_that_it_is_of(page, demo):
    pictures = sorted((demo / "sample" / "posters").glob("*.webp"))
    page.locator('input[type="file"]').set_input_files(pictures[5])
    expect(page.locator(".grid .tile").first).to_be_visible()
    assert pictures[5].stem in ids(page)[:3]  # posters of the same motif are nearly the same
    expect(page.get_by_role("button", name="Remove the picture")).to_be_visible()
    page.reload()  # a file is no part of an address
    expect(page.get_by_text("The picture is gone")).to_be_visible()


def test_the_table_is_what_the_service_gives(page, service):
    page.goto(f"{service.url}/?like={ANGRY}")
    wanted = shows(page, service, like=ANGRY)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == wanted


def test_keys(page, service):
    page.goto(f"{service.url}/?like={ANGRY}")
    first = shows(page, service, like=ANGRY)
    page.keyboard.press("/")
    expect(search_box(page)).to_be_focused()
    page.locator(".tile-link").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'.tile[data-id="{first[1]}"] .tile-link')).to_be_focused()
    page.keyboard.press("p")
    expect(page.get_by_label("Pinned titles")).to_be_visible()
    page.keyboard.press("+")
    shows(page, service, like=[ANGRY, first[1]])

    page.keyboard.press("?")
    page.get_by_label("Use single-letter keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.locator(".tile-link").first.focus()
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Unpin", exact=False)).to_have_count(2)  # one title, and all


# --- compare -----------------------------------------------------------------------------------------------


def test_pinned_titles_are_compared(page, service):
    page.goto(f"{service.url}/?like={ANGRY}")
    first = shows(page, service, like=ANGRY)
    for id in first[:2]:
        page.locator(f'.tile[data-id="{id}"] [data-act="pin"]').click()
    page.get_by_role("link", name="Compare 2").click()
    told = term(service, "/v1/compare", ids=first[:2])
    expect(page.locator(".beside thead th")).to_have_count(2)
    for trait in told["traits"]:
        expect(page.locator(".beside li.shared").filter(has_text=trait["text"]).first).to_be_visible()
    marked = set(page.locator(".beside li.shared").evaluate_all("all => all.map(e => e.firstChild.textContent)"))
    assert marked == {trait["text"] for trait in told["traits"]}
    apart = page.locator(".beside li.apart").all_inner_texts()
    assert sorted(apart) == sorted(each for item in told["items"] for each in item["apart"])
    pair = told["pairs"][0]
    expect(page.locator(".evidence li").first).to_contain_text(pair["evidence"][0]["text"])
    expect(page.locator(".differences li").first).to_contain_text(pair["differences"][0]["text"])


# --- the map -----------------------------------------------------------------------------------------------


def painted(page):
    """How many pixels of the map are not as the most common one is."""
    page.evaluate("document.querySelectorAll('.name').forEach(name => { name.style.opacity = 0; })")
    pixels = Counter(Image.open(BytesIO(page.locator(".plate").screenshot())).convert("RGB").get_flattened_data())
    return sum(pixels.values()) - pixels.most_common(1)[0][1]


def test_the_map_shows_every_title_where_it_lies(page, service):
    page.goto(f"{service.url}/?view=map")
    expect(page.locator(".name.placed").first).to_be_visible()
    points = [point for point in term(service, "/v1/map", format="json")["points"] if point["x"] is not None]
    low, high = ([pick(point[axis] for point in points) for axis in "xy"] for pick in (min, max))
    lonely = max(points, key=lambda a: sorted((a["x"] - b["x"]) ** 2 + (a["y"] - b["y"]) ** 2 for b in points)[1])
    box = page.locator(".plate canvas").bounding_box()
    edge = max(14, 0.035 * box["width"])
    x, y = ((lonely[axis] - low[i]) / (high[i] - low[i]) for i, axis in enumerate("xy"))
    at = (box["x"] + edge + x * (box["width"] - 2 * edge), box["y"] + edge + (1 - y) * (box["height"] - 2 * edge))
    page.mouse.move(at[0] + 3, at[1] + 2)
    title = term(service, f"/v1/items/{quote(lonely['id'], safe='')}")["item"]["title"]
    expect(page.locator(".tip b")).to_have_text(title)
    page.mouse.click(*at)
    expect(page.get_by_label("Chosen title").get_by_role("heading")).to_have_text(title)
    assert painted(page) > 5_000


def apart(page):
    """How many names are on the map; fails where two overlap."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")  # names have moved
    boxes = page.locator(".name.placed").evaluate_all("all => all.map(each => each.getBoundingClientRect().toJSON())")
    for a, b in combinations(boxes, 2):
        assert (
            a["x"] + a["width"] <= b["x"]
            or b["x"] + b["width"] <= a["x"]
            or a["y"] + a["height"] <= b["y"]
            or b["y"] + b["height"] <= a["y"]
        )
    return len(boxes)


def test_names_do_not_overlap_and_the_view_has_an_address(page, service):
    page.goto(f"{service.url}/?view=map")
    expect(page.locator(".name.placed").nth(5)).to_be_visible()
    page.locator(".plate").focus()
    for _ in range(2):
        page.keyboard.press("+")
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("at="))
    assert apart(page) >= 2
    where = page.locator(".name.placed").evaluate_all("all => all.map(e => [e.textContent, e.style.transform])")
    page.reload()
    expect(page.locator(".name.placed").first).to_be_visible()
    again = dict(page.locator(".name.placed").evaluate_all("all => all.map(e => [e.textContent, e.style.transform])"))

    def numbers(text):
        return [float(number) for number in re.findall(r"-?[\d.]+", text)]

    near = [
        all(abs(was - now) <= 8 for was, now in zip(numbers(at), numbers(again.get(name, "-999 -999")), strict=True))
        for name, at in where
    ]
    assert sum(near) >= 0.75 * len(near)  # where two spots are as good, the least shift may choose the other


def test_the_time_slider_leaves_out_what_came_later(page, service):
    page.goto(f"{service.url}/?view=map&until=1960-01-01")
    dates = [item["added"] for item in every(service, "/v1/items", "items")]
    expect(page.locator(".time output")).to_contain_text(
        f"{sum(date is None or date <= '1960-01-01' for date in dates)} titles"
    )
    expect(page.locator(".name.placed").first).to_be_visible()
    few = painted(page)
    page.get_by_role("slider").press("End")
    expect(page.locator(".time output")).to_contain_text(f"{len(dates)} titles")
    assert painted(page) > 1.5 * few > 0


def every(service, path, name):
    found, cursor = [], None
    while True:
        answer = term(service, path, limit=200, **({"cursor": cursor} if cursor else {}))
        found += answer[name]
        cursor = answer["next"]
        if not cursor:
            return found


# --- themes and what moves ---------------------------------------------------------------------------------


def test_a_theme_is_renamed_and_stays_so(page, service):
    before = term(service, "/v1/themes")["themes"][0]
    page.goto(f"{service.url}/?view=theme&id={before['id']}")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("Cops <b>& robbers</b>")
    page.get_by_role("button", name="Save the name").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Cops <b>& robbers</b>")
    page.reload()
    expect(heading).to_have_text("Cops <b>& robbers</b>")
    assert term(service, f"/v1/themes/{before['id']}")["theme"]["label"] == "Cops <b>& robbers</b>"
    page.get_by_role("link", name="Themes", exact=True).click()
    expect(page.get_by_role("link", name="Cops <b>& robbers</b>")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Undo rename").click()
    expect(heading).to_have_text(before["label"])


def test_a_theme_is_hidden_and_shown_again(page, service):
    theme = term(service, "/v1/themes")["themes"][-1]
    page.goto(f"{service.url}/?view=theme&id={theme['id']}")
    page.get_by_role("button", name="Hide").click()
    expect(page.get_by_role("button", name="Undo hide")).to_be_visible()
    assert theme["id"] not in [each["id"] for each in term(service, "/v1/themes")["themes"]]
    page.get_by_role("button", name="Undo hide").click()
    expect(page.get_by_role("button", name="Undo hide")).to_be_hidden()
    assert theme["id"] in [each["id"] for each in term(service, "/v1/themes")["themes"]]


def test_a_refused_edit_says_why_and_a_merger_says_when(page, service):
    first, second = term(service, "/v1/themes")["themes"][:2]
    page.goto(f"{service.url}/?view=theme&id={first['id']}")
    page.get_by_role("button", name="Merge with").click()
    page.get_by_label("Merge with").select_option(second["id"])
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()  # seen at once
    expect(page.get_by_text(f"{first['size'] + second['size']:,} titles").first).to_be_visible()
    page.get_by_role("button", name="Undo merge").click()
    expect(page.get_by_role("button", name="Undo merge")).to_be_hidden()


def test_the_board_shows_each_curve_under_its_status(page, service):
    page.goto(f"{service.url}/?view=rising&all=1")
    told = term(service, "/v1/trends")["trends"]
    expect(page.locator(".trend")).to_have_count(len(told))
    spaces = term(service, "/v1/white-space")["white_space"]
    expect(page.locator(".lean tbody tr")).to_have_count(min(12, len(spaces)))
    for heading in page.locator(".lean tbody tr th").all_inner_texts()[:1]:
        assert heading.strip() == spaces[0]["label"]


SHARES = (0, 0.0001, 0.0005, 0.0417, 0.0994, 0.0996, 0.28, 0.994, 0.9951, 1)


def fulfilled(answer):
    return lambda route: route.fulfill(json=answer)


def test_shares_days_and_periods_are_written_as_in_the_report(page, service):
    answer = term(service, "/v1/themes", limit=200, level=0)
    first = answer["themes"][0]
    made = [first | {"id": f"T9{n:03}", "label": f"Theme {n}", "share": part} for n, part in enumerate(SHARES)]
    page.route("**/v1/themes?*", fulfilled(answer | {"themes": made, "next": None}))
    page.goto(f"{service.url}/?view=themes&order=name")
    for n, part in enumerate(SHARES):
        tile = page.locator(".theme-tile").filter(has=page.get_by_role("heading", name=f"Theme {n}", exact=True))
        expect(tile.locator(".meta").first).to_contain_text(
            f"{words.plural(first['size'], 'title')} · {words.share(part)}"
        )
    told = term(service, "/v1/trends")
    for names in (("2021-01", "2021-08", "2021-09"), ("2020-Q1", "2021-Q2", "2021-Q3"), ("2010", "2020", "2021"),
                  ("2021-08-02", "2021-08-30", "2021-09-06")):  # fmt: skip
        trend = (told["trends"] or [TREND])[0] | {
            "periods": names, "parts": ["past", "recent", "incomplete"], "shares": [0.1, 0.2, 0.1], "amounts": [1, 2, 1]
        }  # fmt: skip
        page.route("**/v1/trends?*", fulfilled(told | {"trends": [trend]}))
        page.goto(f"{service.url}/?view=rising")
        past, recent, left = map(words.period, names)
        expect(page.get_by_text(f"{recent} against {past}. {left} is not over yet and is left out.")).to_be_visible()
    created = term(service, "/v1/about")["created"]
    expect(page.locator(".edition")).to_contain_text(words.day(created))


TREND = {
    "theme": "T0001", "label": "One", "level": 0, "measure": "titles", "status": "steady", "lift": 1.0, "low": 0.9,
    "high": 1.1, "p": 0.5, "q": 0.9, "carriers": [],
}  # fmt: skip


def test_a_theme_has_the_colour_that_it_has_in_the_report(page, service):
    map = term(service, "/v1/report", format="json")["sections"]["map"]["themes"]
    page.goto(f"{service.url}/?view=themes")
    for theme in map:
        tile = page.locator(".theme-tile").filter(has=page.locator(f'a[href$="id={theme["id"]}"]')).first
        expect(tile).to_have_class(re.compile(rf"\bc{theme['colour']}\b"))


# --- every view --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_use_it(watched, service, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = watched(service.url, scheme=scheme)
    for name, query in VIEWS.items():
        page.goto(f"{service.url}/{query}")
        settled(page, name)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).response
        bad = [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found["violations"]]
        assert not bad, f"{name}: {bad}"


def settled(page, name):
    """The view is drawn, and nothing of it still waits."""
    expect(
        page.get_by_role("heading").first if name != "nowhere" else page.get_by_text("This page does not exist")
    ).to_be_attached()
    expect(page.locator(".skeleton")).to_have_count(0)
    expect(page.locator(".waiting")).to_have_count(0)


def test_a_narrow_screen_never_scrolls_sideways(watched, service):
    page = watched(service.url, width=390, has_touch=True, is_mobile=True)
    for name, query in VIEWS.items():
        page.goto(f"{service.url}/{query}")
        settled(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_hostile_titles_are_text(watched, server):
    page = watched(server.url, width=390)
    items = {item["title"]: item for item in every(server, "/v1/items", "items")}
    for title in (HOSTILE.get(row, "") for row in range(len(HOSTILE))):
        id = items[title.strip()]["id"]
        page.goto(f"{server.url}/?{urlencode({'view': 'item', 'id': id})}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title.strip())
        settled(page, title)
        page.goto(f"{server.url}/?{urlencode({'like': id, 'genre': title[:40]})}")
        expect(page.locator(".basket")).to_contain_text(title[:12])
        settled(page, title)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, title[:40]
    for query in ("", "view=map", "view=themes", "view=rising"):
        page.goto(f"{server.url}/?{query}")
        settled(page, query)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, query
    assert page.get_by_role("alert").count() == 0


def test_a_key_is_asked_for_once_and_is_in_no_address(serving, watched, demo):
    key = "clé-d'accès-" + "k" * 12
    with serving(demo, "--rate", "", keys=key) as running:
        page = watched(running.url)
        addresses = []
        page.on("request", lambda asked: addresses.append(asked.url))
        page.goto(f"{running.url}/?like={ANGRY}")
        expect(page.get_by_role("alert")).to_contain_text("This service needs a key")
        page.get_by_label("API key").fill("x" * 20)
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_role("alert")).to_contain_text("This key is not valid for this service.")
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Use it").click()
        expect(page.locator(".grid .tile img").first).to_be_visible()
        page.wait_for_function("() => [...document.querySelectorAll('.grid img')].some(each => each.naturalWidth > 0)")
        assert page.locator(".grid .cover.set").count() == 0  # as a poster that is refused would be
        assert page.evaluate("document.cookie + JSON.stringify([sessionStorage, localStorage])").count("k" * 12) == 0
        page.get_by_role("link", name="Report").click()
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        assert "/v1/report" in page.url
        page.goto(running.url)  # later on nothing is asked for again
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert not [each for each in addresses if "k" * 12 in each]
        page.close()  # or it would ask on when nobody answers
    assert not [line for line in running.log if "k" * 12 in line]
    refused = [told for told in watched.complaints if "401" in told]  # the browser itself tells of them
    assert len(refused) == 2
    watched.complaints[:] = [told for told in watched.complaints if told not in refused]


def test_a_service_that_is_gone_is_told(serving, browser, made):
    with browser.new_context() as context:
        page = context.new_page()
        with serving(made, "--read-only") as running:
            page.goto(running.url)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.get_by_role("link", name="Rising").click()
        expect(page.get_by_role("alert").first).to_contain_text("The service does not answer")


def test_an_unknown_address_says_what_is_not_there(watched, service):
    page = watched(service.url)
    page.goto(f"{service.url}/?view=theme&id=T9999")
    expect(page.get_by_role("alert")).to_contain_text("T9999")
    page.goto(f"{service.url}/?view=item&id=no-such-title")
    expect(page.get_by_role("alert").first).to_contain_text("no-such-title")
    missing = [told for told in watched.complaints if "404" in told]  # the browser itself tells of them
    assert len(missing) == 3
    watched.complaints[:] = [told for told in watched.complaints if told not in missing]


# --- a real catalog ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def films(serving, tmp_path_factory):
    """A service over the catalog of films, with posters, that DISCOVER_FILMS names."""
    catalog = os.environ.get("DISCOVER_FILMS")
    if not catalog:
        pytest.skip("DISCOVER_FILMS names no catalog of films: the page was not opened over a real one")
    workspace = tmp_path_factory.mktemp("films") / "ws"
    line = [sys.executable, "-m", "discover", "run", str(Path(catalog).resolve()), "-w", str(workspace)]
    run = subprocess.run(line, cwd=workspace.parent, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    with serving(workspace, "--rate", "") as running:
        yield running


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_real_films_are_searched_compared_mapped_and_named(watched, films, width, scheme):
    page, asked = watched(films.url, width=width, scheme=scheme), "a heist that goes wrong"
    page.goto(films.url)
    search_box(page).fill(asked)
    search_box(page).press("Enter")
    first = shows(page, films, text=asked)
    page.locator(f'.tile[data-id="{first[0]}"]').get_by_role("button", name="More like").click()
    second = shows(page, films, text=asked, like=first[0])
    page.locator(f'.tile[data-id="{second[-1]}"]').get_by_role("button", name="Less like").click()
    third = shows(page, films, text=asked, like=first[0], unlike=second[-1])
    assert len(first) == len(third) == 24 and len({*first, *second, *third}) > 24
    page.reload()
    shows(page, films, text=asked, like=first[0], unlike=second[-1])

    for id in third[:3]:
        page.locator(f'.tile[data-id="{id}"]').get_by_role("button", name=re.compile("^Pin")).click()
    page.get_by_role("link", name="Compare 3").click()
    titles = {id: term(films, f"/v1/items/{quote(id, safe='')}")["item"]["title"] for id in third[:3]}
    for title in titles.values():
        expect(page.get_by_role("columnheader", name=title).first).to_be_visible()
    expect(page.locator(".pair")).to_have_count(3)

    page.goto(f"{films.url}/?view=map")
    expect(page.locator(".name.placed").nth(3)).to_be_visible()
    apart(page)
    assert painted(page) > 5_000
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    theme = term(films, "/v1/themes")["themes"][0]
    page.goto(f"{films.url}/?view=theme&id={theme['id']}")
    heading, name = page.get_by_role("heading", level=1), f"A name given at {width}"
    expect(heading).to_have_text(theme["label"])
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill(name)
    page.get_by_role("button", name="Save the name").click()
    expect(heading).to_have_text(name)
    page.reload()
    expect(heading).to_have_text(name)
    page.get_by_role("button", name=f"Undo rename {name}").click()
    expect(heading).to_have_text(theme["label"])
    settled(page, "theme")
