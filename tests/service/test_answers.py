"""Each route says what the engine says."""

import csv
import gzip
import io
import json
import struct
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from discover.core.types import plain
from tests.service.conftest import until
from tests.workspaces import HOSTILE

ODD = "odd/id?#%2F é"


def found(server, path, **params):
    answer = server.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def table(server, path, **params):
    answer = server.http.get(path, params=params | {"format": "csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def as_told(match):
    return {name: value for name, value in match.items() if name != "card"}


def test_about_says_what_is_served(server, engine):
    told = found(server, "/v1/about")
    assert (told["version"], told["items"], told["themes"]) == (2, len(engine.catalog), len(engine.themes()))
    assert told["weights"] == engine.weights
    assert told["spaces"] == ["text", "lexical", "metadata"]
    assert told["audience"] is True
    themes = {each.id: each for level in range(engine.levels) for each in reversed(engine.themes(level))}
    shown = found(server, "/v1/report", format="json")["sections"]["map"]["themes"]
    colours = {each["id"]: each["colour"] for each in shown}
    assert {id: told["colours"][id] for id in colours} == colours and len(colours) == len(engine.themes())
    assert all(told["colours"][id] == colours[each.parent] for id, each in themes.items() if each.parent in colours)
    assert told["editable"] is False
    genres = engine.catalog.column("genres")
    assert told["filters"]["genres"][0]["count"] == max(
        sum(genre in cell for cell in genres) for genre in {each for cell in genres for each in cell}
    )
    years = [day.year for day in engine.catalog.column("released")]
    assert told["filters"]["year"] == {"min": min(years), "max": max(years)}


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ({"like": "0010"}, {"like": ["0010"]}),
        ({"like": ["0010", "0011"], "unlike": "0012", "k": 3}, {"like": ["0010", "0011"], "unlike": ["0012"], "k": 3}),
        (
            {"like": "0010", "where": "year >= 2000", "why": True},
            {"like": ["0010"], "where": "year >= 2000", "why": True},
        ),
        (
            {"like": "0010", "weights": "lexical=2,metadata=1", "diversity": 0.4, "at_most": "theme=1"},
            {"like": ["0010"], "weights": {"lexical": 2, "metadata": 1}, "diversity": 0.4, "at_most": {"theme": 1}},
        ),
        (
            {"like": "0010", "explain": True, "weights": "metadata=1", "dedupe": True},
            {"like": ["0010"], "explain": True, "weights": {"metadata": 1}, "dedupe": True},
        ),
    ],
)  # fmt: skip
def test_a_search_is_the_engine_s_by_address_and_by_body(server, engine, address, asked):
    expected = [plain(match) for match in engine.search(**asked)]
    assert expected
    by_address, by_body = found(server, "/v1/search", **address), server.http.post("/v1/search", json=asked).json()
    assert [as_told(match) for match in by_address["matches"]] == expected
    assert by_body == by_address
    cards = {match["id"]: match["card"] for match in by_body["matches"]}
    assert all(cards[id]["title"] == engine.catalog.titles[engine.catalog.rows[id]] for id in cards)


def test_weights_of_items_count(server, engine):
    asked = {"like": {"0010": 3, "0011": 1}, "weights": {"lexical": 1}}
    answer = server.http.post("/v1/search", json=asked).json()
    assert [as_told(match) for match in answer["matches"]] == [plain(match) for match in engine.search(**asked)]


def test_similar_and_recommend_are_the_engine_s(server, engine):
    told = found(server, f"/v1/items/{quote(ODD, safe='')}/similar", k=4)
    assert [as_told(match) for match in told["matches"]] == [plain(match) for match in engine.similar(ODD, k=4)]
    history = {"0010": 5, "0011": -1}
    told = server.http.post("/v1/recommend", json={"history": history, "k": 4}).json()
    assert [as_told(match) for match in told["matches"]] == [plain(match) for match in engine.recommend(history, k=4)]


def test_many_are_asked_at_once(server, engine):
    asked = {"items": ["0010", "Amélie's Orbit", "0010"], "k": 4, "where": "year > 1990", "weights": {"metadata": 1}}
    told = server.http.post("/v1/similar", json=asked).json()
    expected = engine.similar_many(**asked)
    ids, scores = expected.to_numpy()
    assert [each["id"] for each in told["neighbors"]] == expected.ids
    assert [each["nearest"] for each in told["neighbors"]] == ids.tolist()
    assert [each["scores"] for each in told["neighbors"]] == scores.tolist()
    few = server.http.post("/v1/similar", json={"items": ["0010"], "where": "id <= '0001'"}).json()
    assert len(few["neighbors"][0]["nearest"]) == 2
    for wrong in ({"items": []}, {"items": ["0010"] * 501}, {"items": ["0010"], "k": 0}, {"items": "0010"}):
        assert server.http.post("/v1/similar", json=wrong).status_code == 422
    assert server.http.post("/v1/similar", json={"items": ["nobody"]}).status_code == 404


def test_a_text_needs_the_model_and_finds_what_it_says(server, engine):
    told = found(server, "/v1/search", text="a sheriff rides to the saloon", k=3)
    assert {match["card"]["genres"][0] for match in told["matches"]} == {"western"}
    told = found(server, "/v1/search", text="zxqv wvutq")
    assert told["matches"] == []
    assert told["note"] == engine.search("zxqv wvutq").note != ""


def test_an_item_with_odd_letters_in_its_id_is_found_under_its_address(server, engine):
    told = found(server, f"/v1/items/{quote(ODD, safe='')}")
    assert told["item"]["id"] == ODD
    assert told["themes"] == [{"id": id, "label": label} for id, label in engine.themes_of(ODD).items()]
    assert told["values"]["description"] == engine.values(ODD)["description"]
    assert "image" not in told["values"]  # where files lie on the service's machine is nobody's business


def test_pictures_are_scaled_local_files_and_nothing_is_fetched(server):
    card = found(server, "/v1/items/0000")["item"]
    answer = server.http.get(card["image"], params={"width": 100})
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (100, 150)
    for id in ("0003", "0004"):  # a picture elsewhere; none
        assert found(server, f"/v1/items/{id}")["item"]["image"] is None
        assert server.http.get(f"/v1/items/{id}/image").status_code == 404


def test_pages_together_are_the_whole_once(server, engine):
    for path, name, everything in (
        ("/v1/items", "items", engine.catalog.ids),
        ("/v1/themes", "themes", [theme.id for theme in engine.themes()]),
    ):
        ids, cursor = [], None
        while True:
            page = found(server, path, limit=5, **({"cursor": cursor} if cursor else {}))
            assert page["total"] == len(everything)
            ids += [each["id"] for each in page[name]]
            if (cursor := page["next"]) is None:
                break
        assert ids == everything
    members = found(server, "/v1/themes/T0001", limit=7)
    rest = found(server, "/v1/themes/T0001", limit=200, cursor=members["next"])
    told = [each["card"]["id"] for each in members["members"] + rest["members"]]
    assert told == [item.id for item in engine.theme("T0001").items]


@pytest.mark.parametrize("cursor", ["x", "!!", "MS41", "Mi4tMQ==", "Mi41LjU=", "é"])
def test_a_cursor_that_is_not_of_this_version_is_refused(server, cursor):
    answer = server.http.get("/v1/items", params={"cursor": cursor})
    assert answer.status_code in (400, 409)
    assert "cursor" in answer.json()["detail"]


def test_items_are_filtered(server, engine):
    told = found(server, "/v1/items", where="country = ['Norway'] AND year < 2000", limit=200)
    assert [each["id"] for each in told["items"]] == engine.matching("country = ['Norway'] AND year < 2000")
    answer = server.http.get("/v1/items", params={"where": "nothing = 1"})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:discover:UsageError")


def test_csv_holds_the_whole_and_no_formula(server, engine):
    lines = table(server, "/v1/items", where="id <= '0002'")
    assert [line["title"] for line in lines] == [HOSTILE[0], f"'{HOSTILE[1]}", HOSTILE[2]]
    assert [line["id"] for line in table(server, "/v1/items")] == engine.catalog.ids
    assert [line["id"] for line in table(server, "/v1/themes")] == [theme.id for theme in engine.themes()]
    assert [line["id"] for line in table(server, "/v1/themes/T0001")] == [i.id for i in engine.theme("T0001").items]
    assert [line["theme"] for line in table(server, "/v1/trends")] == [trend.theme for trend in engine.trends()]
    matches = engine.similar("0010")
    lines = table(server, "/v1/search", like="0010")
    assert [(line["id"], float(line["score"])) for line in lines] == [(match.id, match.score) for match in matches]


def test_a_comparison_is_the_engine_s(server, engine):
    told = found(server, "/v1/compare", ids=["0010", "0011", ODD])
    expected = plain(engine.compare(["0010", "0011", ODD], sentences=False))
    assert told["pairs"] == expected["pairs"]
    assert told["traits"] == expected["traits"]
    assert [profile["card"]["id"] for profile in told["items"]] == ["0010", "0011", ODD]


def test_a_theme_has_trends_history_and_members(server, engine):
    told = found(server, "/v1/themes/T0001")
    assert told["theme"]["label"] == engine.theme("T0001").label
    assert told["events"] == [plain(event) for event in engine.history("T0001")]
    assert told["trends"] == [plain(trend) for trend in engine.trends() if trend.theme == "T0001"]
    assert told["born"] == 1


def test_lists_are_the_engine_s(server, engine):
    assert found(server, "/v1/trends")["trends"] == [plain(trend) for trend in engine.trends()]
    assert found(server, "/v1/white-space")["white_space"] == [plain(each) for each in engine.white_space()]
    events = found(server, "/v1/events", since=1)
    assert events["events"] == [plain(each) for each in engine.events(1)]
    assert set(events["labels"]) == {each.theme for each in engine.events(1)} | {
        other for each in engine.events(1) for other in each.others
    }
    assert found(server, "/v1/changes")["changes"] == [plain(each) for each in engine.changes()]
    groups = found(server, "/v1/duplicates")["groups"]
    assert [[card["id"] for card in group] for group in groups] == [[i.id for i in g] for g in engine.duplicates()]
    assert [each["number"] for each in found(server, "/v1/versions")["versions"]] == [1, 2]


def test_suggestions_put_beginnings_first_and_know_no_accents(server):
    told = found(server, "/v1/suggest", text="amelie")["suggestions"]
    assert [each["title"] for each in told] == ["Amélie's Orbit"]
    told = found(server, "/v1/suggest", text="OR", k=50)["suggestions"]
    begins = [each["title"].casefold().startswith("or") for each in told]
    assert begins == sorted(begins, reverse=True)
    assert "Amélie's Orbit" in [each["title"] for each in told]
    assert found(server, "/v1/suggest", text=" ")["suggestions"] == []


def test_words_are_found_for_items_and_for_texts(server, engine):
    western = [
        id
        for id, genres in zip(engine.catalog.ids, engine.catalog.column("genres"), strict=True)
        if "western" in genres
    ]
    told = server.http.post("/v1/label", json={"ids": western[:8]}).json()
    expected = engine.label(western[:8])
    assert (told["text"], told["keywords"]) == (expected.text, list(expected.keywords))
    assert [card["id"] for card in told["exemplars"]] == [item.id for item in expected.items]
    texts = ["A sheriff keeps the peace in a saloon.", "Outlaws ride from the saloon, the sheriff behind them."]
    told = server.http.post("/v1/label", json={"texts": texts}).json()
    assert {"sheriff", "saloon"} <= {word for keyword in told["keywords"] for word in keyword.split()}
    for nothing in ({}, {"ids": ["0010"], "texts": texts}, {"texts": [" "]}):
        assert server.http.post("/v1/label", json=nothing).status_code == 400


def test_new_items_find_their_theme(server, engine):
    known = engine.values(engine.theme("T0003").items[0].id)
    rows = [{"title": known["title"], "description": known["description"], "genres": known["genres"][0]}]
    [told] = server.http.post("/v1/assign", json={"rows": rows}).json()["assignments"]
    assert told == plain(engine.assign(rows)[0])
    assert (told["theme"], told["label"]) == ("T0003", engine.theme("T0003").label)


def test_rows_that_are_mostly_set_aside_are_refused(server):
    rows = [{"title": "Deep Field", "description": "A crew hears a signal."}, *[{"title": "", "description": ""}] * 2]
    answer = server.http.post("/v1/assign", json={"rows": rows})
    assert answer.status_code == 422
    assert "2 of 3 rows were set aside" in answer.json()["detail"]


def test_no_request_tells_whether_a_file_exists(server, tmp_path):
    (tmp_path / "there.png").write_bytes(b"any")
    row, answers = {"title": "Deep Field", "description": "A crew hears a signal."}, []
    for image in (str(tmp_path / "there.png"), "/no/such/picture.png", "/dev/zero"):
        answer = server.http.post("/v1/assign", json={"rows": [row | {"image": image}]})
        answers.append((answer.status_code, answer.json()))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 200


# --- the map -----------------------------------------------------------------------------------------------


def unpacked(content):
    magic, form, n, levels, size = struct.unpack_from("<4sIIII", content)
    header = json.loads(content[20 : 20 + size])
    arrays = np.frombuffer(content, "<u2", offset=20 + size).reshape(-1, n)
    assert (magic, form, len(arrays), size % 4) == (b"DMAP", 1, 2 + levels + 1, 0)
    return header, arrays


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_the_binary_map_is_the_map(server, engine, coding):
    with server.http.stream("GET", "/v1/map", headers={"Accept-Encoding": coding}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding", "identity") == coding
    header, arrays = unpacked(gzip.decompress(raw) if coding == "gzip" else raw)
    for axis, name in enumerate("xy"):
        low, high = header[name]
        told = low + arrays[axis] / 65535 * (high - low)
        expected = np.array([getattr(point, name) for point in engine.map()])
        placed = np.isfinite(expected)
        assert np.abs(told - expected)[placed].max() <= (high - low) / 65535
    themes = [None if number == 65535 else header["themes"][0][number]["id"] for number in arrays[2].tolist()]
    assert themes == [point.theme for point in engine.map()]
    first = np.datetime64(header["dates"]["min"])
    assert [str(first + int(day)) for day in arrays[-1]] == [str(day) for day in engine.catalog.column("released")]


def test_the_map_as_json_comes_in_pages(server, engine):
    points, cursor = [], None
    while True:
        told = found(server, "/v1/map", format="json", limit=45, **({"cursor": cursor} if cursor else {}))
        assert (told["total"], len(told["points"]) <= 45) == (len(engine.catalog), True)
        points += told["points"]
        if (cursor := told["next"]) is None:
            break
    assert points == [plain(point) for point in engine.map()]
    assert found(server, "/v1/map", format="json")["points"] == points
    assert server.http.get("/v1/map", params={"format": "json", "limit": 10_001}).status_code == 422
    assert "format=json" in server.http.get("/v1/map", params={"limit": 5}).json()["detail"]


def test_names_and_items_of_the_map_fit_its_rows(server, engine):
    names = found(server, "/v1/map/names")["names"]
    assert [name["id"] for name in names] == [theme.id for theme in engine.themes()]
    places = {(point.x, point.y) for point in engine.map()}
    assert all((name["x"], name["y"]) in places for name in names)
    told = found(server, "/v1/map/items", rows="5,0,5")["items"]
    assert [card["id"] for card in told] == [engine.catalog.ids[row] for row in (5, 0, 5)]
    assert server.http.get("/v1/map/items", params={"rows": "9999"}).status_code == 404


def test_the_report_comes_whole_and_in_its_forms(server, engine):
    answer = server.http.get("/v1/report")
    assert answer.text == engine.report.read_text()
    assert found(server, "/v1/report", format="json")["title"] == "second.csv"


# --- tags --------------------------------------------------------------------------------------------------


def test_an_answer_that_is_known_is_not_sent_again(server):
    for path in ("/v1/about", "/v1/search?like=0010", "/v1/map", "/v1/items/0000/image", "/v1/items?format=csv"):
        answer = server.http.get(path)
        again = server.http.get(path, headers={"If-None-Match": f'"other", {answer.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
    other = server.http.get("/v1/search?like=0011", headers={"If-None-Match": answer.headers["etag"]})
    assert other.status_code == 200


def test_a_failure_has_no_tag(server):
    answer = server.http.get("/v1/items/nobody")
    assert answer.status_code == 404
    assert "etag" not in answer.headers


# --- edits -------------------------------------------------------------------------------------------------


def test_edits_are_those_of_the_command_and_show_at_once(serving, workspace):
    from discover import edits
    from discover.edits import log

    with serving(workspace) as server:
        tag = server.http.get("/v1/themes").headers["etag"]
        wanted = {"kind": "rename", "themes": ["T0001"], "text": "Old houses"}
        told = server.http.post("/v1/edits", json=wanted).json()
        assert (told["edit"]["number"], told["edit"]["stands"], told["note"]) == (1, True, "")
        assert plain(log.read(workspace)[0]) | {"keys": None} == {
            name: value for name, value in told["edit"].items() if name != "stands"
        } | {"keys": None}
        answer = server.http.get("/v1/themes", headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert "Old houses" in [theme["label"] for theme in answer.json()["themes"]]
        assert server.http.post("/v1/edits", json={"kind": "hide", "themes": ["T0002"]}).status_code == 200
        assert "T0002" not in [theme["id"] for theme in found(server, "/v1/themes")["themes"]]
        told = server.http.post("/v1/edits", json={"kind": "together", "items": [["0010", "0011"]]}).json()
        assert told["note"] == "takes effect with the next run"
        assert server.http.delete("/v1/edits/1").json()["edit"]["undoes"] == 1
        assert [each["stands"] for each in found(server, "/v1/edits")["edits"]] == [False, True, True, False]
        assert "Old houses" not in [theme["label"] for theme in found(server, "/v1/themes")["themes"]]
        sizes = {id: found(server, "/v1/items", where=f"theme = '{id}'")["total"] for id in ("T0004", "T0005")}
        assert server.http.post("/v1/edits", json={"kind": "merge", "themes": ["T0004", "T0005"]}).status_code == 200
        merged = {id: found(server, "/v1/items", where=f"theme = '{id}'")["total"] for id in sizes}
        assert merged == {"T0004": sum(sizes.values()), "T0005": 0}  # conditions see the themes as they are now
        edits.add(workspace, "rename", ["T0003"], text="From the command")  # by someone else
        until(server, lambda: "From the command" in server.http.get("/v1/themes").text)
        refused = server.http.post("/v1/edits", json=wanted | {"themes": ["T9999"]})
        assert (refused.status_code, refused.json()["detail"]) == (
            400,
            "rename: no theme 'T9999'. `discover themes` lists them",
        )
        assert server.http.delete("/v1/edits/1").status_code == 400


@pytest.mark.slow
def test_people_edit_while_a_run_works_but_one_at_a_time(serving, workspace):
    from discover.store import versions

    with serving(workspace) as server, versions.writing(workspace):
        answer = server.http.post("/v1/edits", json={"kind": "hide", "themes": ["T0001"]})
        assert answer.status_code < 300
        with versions.editing(workspace):
            answer = server.http.post("/v1/edits", json={"kind": "hide", "themes": ["T0002"]})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:discover:BusyError")
    assert int(answer.headers["retry-after"]) > 0


def test_a_service_that_only_reads_refuses_edits(server):
    answer = server.http.post("/v1/edits", json={"kind": "hide", "themes": ["T0001"]})
    assert answer.status_code == 403
    assert server.http.delete("/v1/edits/1").status_code == 403
