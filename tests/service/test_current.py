"""What answers, while the workspace changes, breaks and is mended; in one process, over real workspaces."""

import contextlib
import io
import threading

import pytest
from PIL import Image
from starlette.testclient import TestClient

import discover
from discover import edits
from discover.core import plugins
from discover.core.errors import ModelError, WorkspaceError
from discover.edits.log import LOG
from discover.service import app, current
from discover.service.current import Current
from discover.service.routes import map as maps
from discover.store import versions
from discover.store.workspace import encode_current
from discover.testing import shows

TONIGHT = "takes effect with the next run"
RENAMED = {"kind": "rename", "themes": ["T0001"], "text": "Old houses"}


def damaged(workspace):
    """One bit of version 2 is other than it was written: found when it is read, not when it is opened."""
    vectors = workspace / "versions" / "00000002" / "cohort" / "rows.npy"
    content = vectors.read_bytes()
    vectors.unlink()  # a hard link of the version that all tests share
    vectors.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@contextlib.contextmanager
def looking(workspace, monkeypatch, **options):
    monkeypatch.setattr(current, "LOOK_SECONDS", 0.02)
    found = Current(workspace, **options)
    found.start()
    try:
        yield found
    finally:
        found.stop()


def until(holds):
    end = threading.Event()
    for _ in range(60 * 50):
        if holds():
            return
        end.wait(0.02)
    raise AssertionError("not so within 60 s")


def arguments(found):
    """A client of the routes over it; nobody looks for news meanwhile."""
    return TestClient(app.build(found, app.Limits()), base_url="http://localhost")


def test_a_start_on_a_damaged_version_still_sees_edits_and_the_rollback(workspace, monkeypatch):
    damaged(workspace)
    with looking(workspace, monkeypatch) as found:
        until(lambda: "damaged" in found.failures["answers"])
        assert not found.ready
        edits.add(workspace, "rename", ["T0001"], text="Old houses")
        until(lambda: len(found.engine.edits) == 1)
        versions.rollback(workspace, 1)
        until(lambda: found.ready)
        assert (found.engine.version.number, len(found.engine.edits)) == (1, 1)
        until(lambda: not any(found.failures.values()))


def test_looking_goes_on_after_what_nobody_foresaw(workspace, monkeypatch):
    log = workspace / LOG
    with looking(workspace, monkeypatch) as found:
        until(lambda: found.ready)
        log.symlink_to(log)
        until(lambda: "OSError" in found.failures["news"])
        assert len(found.engine.similar("0010", k=3)) == 3
        log.unlink()
        until(lambda: found.failures["news"] == "")
        versions.rollback(workspace, 1)
        until(lambda: found.engine.version.number == 1)


def test_edits_that_cannot_be_read_are_not_taken(workspace):
    edits.add(workspace, "rename", ["T0001"], text="Old houses")
    found = Current(workspace)
    with (workspace / LOG).open("a") as log:
        log.write("no edit\n")
    for _ in range(2):
        with pytest.raises(WorkspaceError, match="line 2 is damaged"):
            found.look()
        assert found.engine.theme("T0001").label == "Old houses"


def test_an_edit_shows_though_a_newer_version_cannot_be_opened(workspace):
    versions.rollback(workspace, 1)
    found = Current(workspace)
    damaged(workspace)
    (workspace / "CURRENT").write_bytes(encode_current(2))
    with pytest.raises(WorkspaceError, match="damaged"):
        found.look()
    http = arguments(found)
    answer = http.post("/v1/edits", json=RENAMED)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert "Old houses" in [theme["label"] for theme in http.get("/v1/themes").json()["themes"]]
    assert http.delete("/v1/edits/1").status_code == 200
    assert "Old houses" not in [theme["label"] for theme in http.get("/v1/themes").json()["themes"]]


def test_what_shows_at_once_says_so_and_the_rest_when_it_will(workspace):
    http = arguments(Current(workspace))
    notes = [
        http.post("/v1/edits", json=asked).json()["note"]
        for asked in (
            RENAMED,
            {"kind": "hide", "themes": ["T0002"]},
            {"kind": "merge", "themes": ["T0003", "T0004"]},
            {"kind": "pin", "themes": ["T0001"]},
            {"kind": "together", "items": [["0010", "0011"]]},
        )
    ]
    assert notes == ["", "", "", TONIGHT, TONIGHT]
    assert [http.delete(f"/v1/edits/{number}").json()["note"] for number in range(1, 6)] == notes


def test_conditions_are_answered_while_a_model_loads(made, monkeypatch):
    engine, load = discover.open(made), plugins.load
    begun, go = threading.Event(), threading.Event()

    def slowly(*given):
        begun.set()
        assert go.wait(60)
        return load(*given)

    monkeypatch.setattr(plugins, "load", slowly)
    found = []
    texts = threading.Thread(target=lambda: found.append(engine.search("a haunted mansion", k=1)))
    rows = threading.Thread(target=lambda: found.append(engine.matching("id = '0010'")))
    texts.start()
    assert begun.wait(60)
    rows.start()
    rows.join(30)
    assert found == [["0010"]]
    go.set()
    texts.join()
    assert len(found[1]) == 1


@pytest.mark.parametrize("width", [100, 400])
def test_a_replaced_picture_is_shown(run, tmp_path, width):
    path, address = tmp_path / "2.png", f"/v1/items/0002/image?width={width}"
    Image.new("RGB", (600, 900), (80, 90, 120)).save(path)
    rows = [row | {"poster": str(path)} for row in shows(each=1)]
    run(rows, tmp_path / "ws", {"image": {"encoder": "clip", "model": "local-dir:nowhere"}})
    http = arguments(Current(tmp_path / "ws"))
    first = http.get(address)
    assert Image.open(io.BytesIO(first.content)).size == (width, width * 3 // 2)
    Image.new("RGB", (600, 300), (0, 200, 0)).save(path)
    second = http.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert Image.open(io.BytesIO(second.content)).size == (width, width // 2)
    again = http.get(address, headers={"If-None-Match": second.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    path.unlink()
    assert http.get(address).status_code == 404


def test_a_tag_tells_whether_edits_may_be_made_and_what_may_go_has_none(made):
    tags = set()
    for editable in (True, False):
        http = arguments(Current(made, editable=editable))
        tags.add(http.get("/v1/about").headers["etag"])
        changes = http.get("/v1/changes")
        assert changes.status_code == 200
        assert "etag" not in changes.headers
    assert len(tags) == 2


def test_ready_tells_what_fails_and_what_is_stale_but_no_message(workspace, monkeypatch):
    versions.rollback(workspace, 1)
    with looking(workspace, monkeypatch) as found:
        until(lambda: found.ready)
        http = arguments(found)
        assert http.get("/ready").json() == {"ready": True, "version": 1, "stale": False, "failures": {}}
        damaged(workspace)
        (workspace / "CURRENT").write_bytes(encode_current(2))
        until(lambda: found.failures["news"])
        told = http.get("/ready")
        assert told.status_code == 200
        assert (told.json()["version"], told.json()["stale"], list(told.json()["failures"])) == (1, True, ["news"])
        assert str(workspace) in found.failures["news"]
        assert str(workspace) not in told.text
        versions.rollback(workspace, 1)
        until(lambda: http.get("/ready").json() == {"ready": True, "version": 1, "stale": False, "failures": {}})


def test_models_are_loaded_in_the_background_while_others_are_answered(made, monkeypatch):
    load, begun, go, loaded = plugins.load, threading.Event(), threading.Event(), []

    def slowly(*given):
        begun.set()
        assert go.wait(60)
        loaded.append(load(*given))
        return loaded[-1]

    monkeypatch.setattr(plugins, "load", slowly)
    with looking(made, monkeypatch, models="background") as found:
        assert begun.wait(60)
        http = arguments(found)
        assert http.get("/ready").status_code == 200
        assert len(http.get("/v1/search?like=0010").json()["matches"]) == 10
        go.set()
        until(lambda: loaded)
        assert http.get("/v1/search?text=a+haunted+mansion&k=1").json()["matches"]
        assert len(loaded) == 1  # the text waited for it


def test_a_model_that_is_not_here_is_told_and_others_are_answered(made, monkeypatch):
    def missing(*given):
        raise ModelError("no weights in /secret")

    monkeypatch.setattr(plugins, "load", missing)
    with looking(made, monkeypatch, models="background") as found:
        until(lambda: found.failures["models"])
        told = arguments(found).get("/ready")
        assert (told.status_code, list(told.json()["failures"])) == (200, ["models"])
        assert "secret" not in told.text


def test_the_map_is_packed_once_for_a_version_and_its_edits(workspace, monkeypatch):
    packed = []
    pack = maps.pack
    monkeypatch.setattr(maps, "pack", lambda *given: packed.append(given) or pack(*given))
    found = Current(workspace)
    http = arguments(found)
    plain = {"Accept-Encoding": "identity"}
    first = http.get("/v1/map", headers=plain)
    again = http.get("/v1/map", headers=plain)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert http.get("/v1/map").content == first.content  # as zipped bytes
    assert len(packed) == 1
    assert http.post("/v1/edits", json=RENAMED).status_code == 200
    renamed = http.get("/v1/map", headers=plain)
    assert b"Old houses" in renamed.content
    assert renamed.headers["etag"] != first.headers["etag"]
    versions.rollback(workspace, 1)
    found.look()
    assert http.get("/v1/map", headers=plain).content[:20] != first.content[:20]
    assert len(packed) == 3


def test_an_answer_has_another_tag_once_an_edit_was_exchanged_for_another(workspace, monkeypatch):
    days = iter(["2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"])
    monkeypatch.setattr("discover.edits.adding._now", lambda: next(days))
    found = Current(workspace)
    http = arguments(found)
    tags = set()
    for text in ("Old houses", "Older houses"):
        (workspace / LOG).unlink(missing_ok=True)
        assert http.post("/v1/edits", json=RENAMED | {"text": text}).status_code == 200
        tags.add(http.get("/v1/themes").headers["etag"])
    assert len(tags) == 2


LISTS = (
    "/v1/themes", "/v1/themes?format=csv", "/v1/trends", "/v1/white-space", "/v1/events", "/v1/events?since=1",
    "/v1/changes", "/v1/about", "/v1/map", "/v1/map?format=json", "/v1/map/names", "/v1/items", "/v1/items?format=csv",
    "/v1/duplicates", "/v1/suggest?text=a", "/v1/items/0010", "/v1/compare?ids=0010&ids=0011",
    "/v1/search?like=0010&k=200&explain=true&weights=metadata=1",
)  # fmt: skip


def test_a_hidden_theme_is_in_no_list(workspace):
    http = arguments(Current(workspace))
    [theme] = http.get("/v1/items/0010").json()["themes"]
    named = [path for path in LISTS if theme["id"].encode() in http.get(path).content]
    assert len(named) > 10
    assert http.post("/v1/edits", json={"kind": "hide", "themes": [theme["id"]]}).status_code == 200
    for path in LISTS:
        answer = http.get(path)
        assert (answer.status_code, theme["id"].encode() in answer.content) == (200, False), path
    assert http.get(f"/v1/themes/{theme['id']}").json()["events"]  # who knows it can show it again
