"""What a service on a network meets: strangers, haste, size, slowness, nonsense."""

import json
import os
import re
import signal
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from discover.service import guard
from discover.service import server as server_module
from discover.service.guard import is_loopback
from tests.forks import SERVE
from tests.service.conftest import until

KEY = "k" * 15 + "é1"
PROBLEM = "application/problem+json"


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    told = answer.json()
    assert told["status"] == status
    assert set(told) == {"type", "title", "status", "detail", "instance"}
    assert "\n" not in told["detail"]
    return told["detail"]


@pytest.fixture
def command(forks):
    """A function that runs `discover serve`, which is to end by itself."""

    def command(workspace, *options, **environment):
        return forks.run(["serve", "-w", workspace, *options], imports=SERVE, env=os.environ | environment, limit=60)

    return command


# --- who ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        (["--host", "0.0.0.0"], {}, "0.0.0.0 can be reached from other machines: set DISCOVER_API_KEYS"),
        (["--host", "::"], {}, ":: can be reached from other machines"),
        ([], {"DISCOVER_API_KEYS": "secret"}, "a key is shorter than 16 characters"),
        (["--rate", "often"], {}, "--rate 'often': give a rate such as 100/second"),
        (["--port", "99999"], {}, "--port 99999: give a number up to 65535, or 0 for a free port"),
        (["--port", "-1"], {}, "--port -1: give a number"),
        (["--host", "no.such.host.invalid"], {}, "--host 'no.such.host.invalid': "),
        (["--host", "http://127.0.0.1"], {}, "--host 'http://127.0.0.1': "),
        (["--host", "127.0.0.1:80"], {}, "--host '127.0.0.1:80': "),
        (["--host", "é" * 70], {}, ". Give an address of this machine, such as 127.0.0.1"),
        (["--host", ""], {}, "--host '': "),
        (["--host", "192.0.2.1"], {"DISCOVER_API_KEYS": "k" * 16}, "192.0.2.1:8321: Cannot assign requested address"),
    ],
)
def test_what_would_not_be_safe_or_cannot_be_is_one_line(command, made, options, environment, message):
    done = command(made, *options, **({"DISCOVER_API_KEYS": ""} | environment))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_one_line(command, made, server):
    done = command(made, "--port", str(server.port))
    assert done.returncode == 2
    assert f"127.0.0.1:{server.port}: Address already in use" in done.stderr


def test_no_workspace_is_one_line(command, tmp_path):
    done = command(tmp_path / "nowhere")
    assert (done.returncode, len(done.stderr.splitlines())) == (4, 1)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("10.0.0.1", False), ("example.com", False), ("2130706433", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(host, loopback):
    assert is_loopback(host) == loopback


def test_with_keys_only_who_has_one_gets_answers(serving, made):
    with serving(made, "--host", "0.0.0.0", keys=f"{KEY}, {'z' * 20}") as server:
        assert server.http.get("/health").status_code == 200
        assert server.http.get("/").status_code == 200  # the page itself, which asks for the key
        as_sent = KEY.encode()
        for headers in ({"Authorization": b"Bearer " + as_sent}, {"X-API-Key": as_sent}, {"X-API-Key": "z" * 20}):
            assert server.http.get("/v1/about", headers=headers).status_code == 200
        for headers in (
            {},
            {"Authorization": "Bearer x"},
            {"X-API-Key": KEY[:-1].encode()},
            {"X-API-Key": b"\xff" * 16},
        ):
            answer = server.http.get("/v1/about", headers=headers)
            assert "Give a key" in refused(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
        for path in ("/metrics", "/v1/report", "/v1/nothing", "/nothing", "//v1/about"):
            refused(server.http.get(server.url + path), 401)
        server.http.headers["X-API-Key"] = "z" * 20
        assert server.http.get("/v1/about", headers={"Host": "any.example"}).status_code == 200
    assert not [line for line in server.log if KEY in line or "zzzz" in line]


def session_of(server, key, **headers):
    answer = server.http.post("/session", headers={"X-API-Key": key.encode()} | headers)
    assert (answer.status_code, answer.content) == (204, b"")
    [told] = answer.headers.get_list("set-cookie")
    server.http.cookies.clear()
    return told


def test_a_session_is_asked_with_in_place_of_a_key_and_is_none(serving, made):
    with serving(made, keys=f"{KEY}, {'z' * 20}") as server:
        told = session_of(server, KEY)
        name, _, session = told.partition(";")[0].partition("=")
        assert {"httponly", "samesite=strict", "path=/"} == {part.strip().casefold() for part in told.split(";")[1:]}
        assert "secure" in session_of(server, KEY, Host="localhost", Origin="https://localhost").casefold()
        for path in ("/v1/about", "/v1/report", "/v1/items/0000/image", "/metrics"):
            assert server.http.get(path, headers={"Cookie": f"a=b; {name}={session}"}).status_code == 200
        end, _, signature = session.partition(".")
        later = int(end) + 1
        for other in (
            "", end, signature, f"{later}.{signature}", f"1.{signature}", f"0{session}", f"{session}0", f"{end}.",
            "9" * 30 + f".{signature}", "²" + session, guard._session(guard._digest(KEY.encode()), 1),
            guard._session(guard._digest(b"another key, as long"), later),
        ):  # fmt: skip
            refused(server.http.get("/v1/about", headers={"Cookie": f"{name}={other}".encode()}), 401)
        with_wrong_key = {"Cookie": f"{name}={session}", "X-API-Key": "x" * 20}
        refused(server.http.get("/v1/about", headers=with_wrong_key), 401)
        for headers in ({}, {"X-API-Key": "x" * 20}, {"Cookie": f"{name}={session}"}):  # a session makes no other one
            refused(server.http.post("/session", headers=headers), 401)
        refused(server.http.post("/session", headers={"X-API-Key": "z" * 20, "Origin": "https://example.com"}), 403)
        assert KEY not in session
    assert not [line for line in server.log if signature in line or KEY in line]


def test_on_loopback_a_foreign_name_or_page_is_refused(server):
    for host in ("example.com", "example.com:80", "localhost.example.com", "[::2]", "2130706433", ""):
        refused(server.http.get("/v1/about", headers={"Host": host}), 421)
    for host in ("localhost", "127.0.0.1:1", "[::1]:80", "LOCALHOST"):
        assert server.http.get("/v1/about", headers={"Host": host}).status_code == 200
    asked = {"json": {"like": ["0010"]}}
    refused(server.http.post("/v1/search", headers={"Origin": "https://example.com"}, **asked), 403)
    refused(server.http.post("/v1/search", headers={"Origin": "null"}, **asked), 403)
    assert server.http.post("/v1/search", headers={"Origin": server.url}, **asked).status_code == 200
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    refused(server.http.get("/v1/about", headers=foreign), 403)
    assert server.http.get("/v1/about", headers=foreign | {"Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert server.http.get("/v1/about", headers=foreign | {"Sec-Fetch-Site": "same-origin"}).status_code == 200
    answer = server.http.options("/v1/search", headers={"Origin": "https://example.com"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_pages_may_run_no_inline_script_and_load_nothing_from_elsewhere(server):
    for path in ("/", "/docs", "/v1/about", "/v1/items/nobody", "/nothing"):
        answer = server.http.get(path)
        policy = dict(each.strip().split(" ", 1) for each in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "http" not in server.http.get("/docs").text
    for path in ("/docs/begin.js", "/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css"):
        assert server.http.get(path).status_code == 200
    for path in ("/assets/..%2f..%2fapp.py", "/assets/%2e%2e/index.html", "/docs/assets/..%2fcore.py"):
        assert server.http.get(path).status_code == 404


# --- how often, how much, how long -------------------------------------------------------------------------


def test_too_many_requests_are_told_to_wait(serving, made):
    with serving(made, "--rate", "5/minute") as server:
        answers = [server.http.get("/v1/about") for _ in range(8)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
        assert int(answers[-1].headers["retry-after"]) > 0
        assert "at most 5 in" in refused(answers[-1], 429)
        assert server.http.get("/health").status_code == 200


def blocks(count, size=1 << 16):
    return (b"x" * size for _ in range(count))


@pytest.mark.parametrize(
    ("path", "start", "most"),
    [
        ("/v1/search", "", "4,000,000"),
        ("/v1/label", "", "4,000,000"),
        ("/v1/edits", "", "4,000,000"),
        ("/v1/search", '--b\r\nContent-Disposition: form-data; name="image"; filename="i"\r\n\r\n', "20,000,000"),
    ],
)
def test_200_megabytes_are_refused_before_they_are_read(server, path, start, most):
    headers = {"Content-Type": "multipart/form-data; boundary=b" if start else "application/json"}
    for sized in ({"Content-Length": str(len(start) + (3200 << 16))}, {}):
        answer = server.http.request("POST", path, headers=headers | sized, content=[start.encode(), *blocks(3200)])
        assert f"The body has more than {most} bytes" in refused(answer, 413)
    assert server.http.get("/health").status_code == 200


def closed_after(server, first, then=b"", pause=0.2):
    """Seconds until the service closes a connection on which we send slowly."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(first)
        stop = threading.Event()

        def drip():
            try:
                while then and not stop.wait(pause):
                    connection.sendall(then)
            except OSError:
                pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            while connection.recv(1 << 16):
                pass
        except ConnectionResetError:
            pass
        finally:
            stop.set()
        dripping.join()
    return time.monotonic() - start


def test_slow_senders_are_closed(server):
    get, post = (f"{method} HTTP/1.1\r\nHost: localhost\r\n".encode() for method in ("GET /health", "POST /v1/search"))
    body = post + b"Content-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
    slow = {
        "nothing": (b"",),
        "half a line": (b"GET /hea",),
        "headers drop by drop": (get, b"X-A: b\r\n"),
        "a body that never comes": (body,),
        "a body drop by drop": (body, b" "),
        "a second request": (get + b"\r\nGET /hea",),
        "an idle connection": (get + b"\r\n",),
    }
    taken = {}
    threads = [
        threading.Thread(target=lambda name=name, given=given: taken.update({name: closed_after(server, *given)}))
        for name, given in slow.items()
    ]
    for thread in threads:
        thread.start()
    assert server.http.get("/v1/about").status_code == 200  # others are answered meanwhile
    for thread in threads:
        thread.join()
    assert set(taken) == set(slow)
    assert all(seconds < 15 for seconds in taken.values()), taken


def test_who_does_not_take_the_answer_is_let_go(monkeypatch):
    monkeypatch.setattr(server_module, "TAKEN", 0.1)
    ended = threading.Event()

    async def much(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(1 << 26), "more_body": True})
        await send({"type": "http.response.body"})  # waits until the answer is taken, or the connection gone
        ended.set()

    running = uvicorn.Server(uvicorn.Config(much, http=server_module.Punctual, lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=running.run, args=([listener],))
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), timeout=30) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert ended.wait(30)
            with httpx.stream("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=30) as answer:
                assert sum(map(len, answer.iter_raw())) == 1 << 26  # who takes it gets all
        finally:
            running.should_exit = running.force_exit = True
            thread.join()


def test_a_service_that_is_stopped_ends_what_it_began(serving, made):
    body = json.dumps({"like": ["0010"], "k": 3}).encode()
    head = (
        f"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    with serving(made) as server, socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body[:5])
        until(server, lambda: "discover_running 2.0" in server.http.get("/metrics").text)  # that one and this
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx.TransportError):  # nobody new is let in
            until(server, lambda: httpx.get(f"{server.url}/health").status_code != 200)
        connection.sendall(body[5:])
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert len(json.loads(answer.partition(b"\r\n\r\n")[2])["matches"]) == 3
        assert server.process.wait(30) in (0, -signal.SIGTERM)


# --- nonsense ----------------------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        '{"k": NaN, "like": ["0010"]}', '{"diversity": 1e400, "like": ["0010"]}', '{"weights": {"text": -Infinity}}',
        '{"text": "\\ud800"}', '{"like": {"\\udc00": 1}}', '{"like": ["\\ud800"]}', '{"where": "\\ud83d"}',
        "[" * 100_000, '{"k": ' + "9" * 5000 + "}", '{"k": 1.5}', "", "null", '"x"', "{", '{"unknown": 1}',
        '{"like": {"0010": 1e308}}', '{"weights": {"\\u0000": 1}}', '{"text": "' + "x" * 100_001 + '"}',
        '{"like": [null]}', b"\xff\xfe{}",
    ],
    ids=range(20),
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/search", "/v1/recommend", "/v1/label", "/v1/assign", "/v1/edits"])
def test_nonsense_is_refused_in_one_line(server, path, body):
    answer = server.http.post(path, content=body, headers=JSON)
    assert 400 <= answer.status_code < 500, answer.text
    refused(answer, answer.status_code)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/search?like=0010&diversity=nan", "/v1/search?like=0010&weights=text=inf", "/v1/search?like=0010&k=1e400",
        "/v1/search?like=%ED%A0%80", "/v1/search?like=0010&weights=a", "/v1/items/%00",
        "/v1/search?like=0010&at_most=theme=0", "/v1/items?where=%27", "/v1/items?where=" + "(" * 9000,
        "/v1/items/0000/image?width=-1", "/v1/themes/%2e%2e%2f", "/v1/themes?level=99", "/v1/trends?level=-1",
        "/v1/compare?ids=0010", "/v1/compare?ids=0010&ids=0010", "/v1/map?format=exe", "/v1/map/items?rows=-1",
        "/v1/map/items?rows=" + "0," * 500 + "0",
        "/v1/report?format=markdown", "/v1/changes?since=99", "/v1/events?since=99999999999999999999",
        "/v1/items?where=year%20%3E%201990%3B%20DROP%20TABLE%20items", "/v1/suggest?text=" + "x" * 201,
    ],
)  # fmt: skip
def test_odd_addresses_are_answered_or_refused(server, path):
    answer = server.http.get(server.url + path)
    assert answer.status_code < 500, answer.text
    if answer.status_code != 200:
        refused(answer, answer.status_code)


def test_a_parameter_that_there_is_not_is_refused_on_every_route(server):
    described = server.http.get("/openapi.json").json()["paths"]
    for path, methods in described.items():
        for method, operation in methods.items():
            known = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
            address = path.replace("{id}", "0010").replace("{number}", "1")
            told = refused(server.http.request(method, address, params={"limt": 5}), 422)
            assert told.startswith("limt: unknown parameter. "), (method, path)
            assert told.endswith(f"Valid: {', '.join(known) or 'none'}"), (method, path)
    told = refused(server.http.get("/v1/items?limt=5&wher=x"), 422)
    assert "Did you mean 'limit'?" in told
    assert "Did you mean 'where'?" in told
    assert refused(server.http.get("/v1/items?limit=5&limit=6"), 422) == "limit: expected once, got 2 times"
    assert server.http.get("/v1/search?like=0010&like=0011&k=1").status_code == 200
    assert len(refused(server.http.get("/v1/items?" + "&".join(f"a{i}=" for i in range(999))), 422)) < 1_000
    assert server.http.get("/?view=map").status_code == 200  # the page's own addresses


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [("search", "like", 100), ("search", "unlike", 100), ("recommend", "history", 10_000)],
)
def test_as_many_ratings_as_items_may_be_given(server, path, name, most):
    for given in ({f"nobody {i}": 1 for i in range(most + 1)}, [f"nobody {i}" for i in range(most + 1)]):
        told = refused(server.http.post(f"/v1/{path}", json={name: given}), 422)
        assert f"at most {most} items" in told


def test_bytes_that_are_no_http_do_no_harm(server):
    for given in (b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 1000, b"GET /" + b"a" * 100_000):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(given)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
    assert server.http.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the picture: an empty file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "the picture: "),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "the picture: "),
    ],
)
def test_pictures_that_are_none_are_refused_without_a_path(server, content, message):
    answer = server.http.post("/v1/search", files={"image": ("../../etc/passwd", content)})
    told = refused(answer, answer.status_code)
    assert answer.status_code in (400, 422)
    assert "/tmp" not in told
    if answer.status_code == 422:
        assert message in told


def test_forms_that_are_none_are_refused(server):
    refused(server.http.post("/v1/search", data={"query": "{}"}), 415)
    refused(server.http.post("/v1/search", files={"query": ("q", b"{}"), "image": ("i", b"x")}), 400)
    more = {"files": {"image": ("i", b"x")}, "data": {"qurey": '{"k": 3}'}}
    assert "`query`, as JSON text, and `image`" in refused(server.http.post("/v1/search", **more), 422)
    refused(server.http.post("/v1/search", content=b"--x", headers={"Content-Type": "multipart/form-data"}), 400)


def test_an_answer_is_sent_without_waiting_for_more():
    listener = server_module._listening(server_module.Address("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_metrics_count_by_route(server):
    server.http.get("/v1/items/0000")
    told = server.http.get("/metrics").text
    assert 'discover_requests_total{method="GET",route="/v1/items/{id}",status="200"}' in told
    assert not [line for line in told.splitlines() if "0000" in line.rpartition(" ")[0]]
    server.http.request("MADE-UP", "/v1/about")
    assert "MADE-UP" not in server.http.get("/metrics").text
    assert "discover_version 2.0" in told
    assert server.http.get("/ready").json() == {"ready": True, "version": 2, "stale": False, "failures": {}}


def test_openapi_names_every_route_with_types(server):
    told = server.http.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            answer = operation["responses"]["200"]["content"]
            assert answer, (path, method)
            assert "application/problem+json" in json.dumps(operation["responses"]["422"]), (path, method)
            assert operation["description"]
    assert set(told["paths"]) >= {
        f"/v1/{name}" for name in ("search", "compare", "recommend", "themes", "label", "map")
    }
    named = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(told)))
    assert named <= {f"#/components/schemas/{name}" for name in told["components"]["schemas"]}
