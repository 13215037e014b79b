"""A new version is taken up while questions are asked: no error, no answer of two versions."""

import json
import threading

import httpx

from discover.store import versions
from discover.store.workspace import encode_current
from tests.service.conftest import until

SWAPS = 6
ASKING = 3  # threads
GONE = 10  # titles that only version 1 has


def test_swaps_under_load_give_no_error_and_no_mixed_answer(serving, workspace):
    import discover

    engines = {number: discover.open(workspace, number) for number in (1, 2)}
    ids = engines[2].catalog.ids
    expected = {n: [match.id for match in engine.similar("0010", k=110)] for n, engine in engines.items()}
    assert expected[1] != expected[2]
    problems, served, end = [], [], threading.Event()

    def term(server, number):
        with httpx.Client(base_url=server.url, timeout=60) as http:
            while not end.is_set():
                told = http.get("/v1/search", params={"like": "0010", "k": 110})
                if told.status_code != 200:
                    problems.append(told.text)
                    return
                answer, tag = told.json(), told.headers["etag"]
                served.append(answer["version"])
                if not tag.startswith(f'W/"{answer["version"]}-'):
                    problems.append(f"{tag} of version {answer['version']}")
                if [match["id"] for match in answer["matches"]] != expected[answer["version"]]:
                    problems.append(f"version {answer['version']}: {json.dumps(answer)[:300]}")
                about = http.get("/v1/about").json()
                if about["items"] != len(engines[about["version"]].catalog):
                    problems.append(f"version {about['version']} with {about['items']} items")
                if http.get(f"/v1/items/{ids[number]}").status_code != 200:
                    problems.append(ids[number])

    with serving(workspace, "--rate", "") as server:
        threads = [threading.Thread(target=term, args=(server, number)) for number in range(ASKING)]
        for thread in threads:
            thread.start()
        try:
            for swap in range(SWAPS):
                wanted = 1 + swap % 2
                versions.rollback(workspace, wanted)
                until(server, lambda wanted=wanted: server.http.get("/v1/about").json()["version"] == wanted)
        finally:
            end.set()
            for thread in threads:
                thread.join()
    assert problems == []
    assert set(served) == {1, 2}
    assert len(served) > SWAPS


def test_a_damaged_new_version_leaves_the_old_one_answering(serving, workspace):
    versions.rollback(workspace, 1)
    with serving(workspace) as server:
        cursor = server.http.get("/v1/items", params={"limit": 5}).json()["next"]
        vectors = workspace / "versions" / "00000002" / "cohort" / "rows.npy"
        content = vectors.read_bytes()
        vectors.unlink()
        vectors.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        (workspace / "CURRENT").write_bytes(encode_current(2))
        until(server, lambda: server.http.get("/ready").json()["stale"])
        assert server.http.get("/v1/search", params={"like": "0010"}).json()["version"] == 1
        vectors.write_bytes(content)
        until(server, lambda: server.http.get("/v1/about").json()["version"] == 2)
        assert not server.http.get("/ready").json()["stale"]
        assert [line for line in server.log if "damaged" in line]
        refused = server.http.get("/v1/items", params={"limit": 5, "cursor": cursor})
        assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
        assert "retry-after" not in refused.headers  # waiting brings the old version back to nobody
