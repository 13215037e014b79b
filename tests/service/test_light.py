"""What the service costs before someone asks for much."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.conftest import running, until

QUESTIONS = ("/v1/about", "/v1/search?like=0010&why=true", "/v1/themes", "/v1/compare?ids=0010&ids=0011", "/v1/map",
             "/v1/trends", "/v1/suggest?text=a", "/v1/items?where=year>1990", "/v1/items/0000/image", "/")  # fmt: skip


@pytest.mark.parametrize("extra", ["", pytest.param("/v1/search?text=a+haunted+mansion", marks=pytest.mark.slow)])
def test_torch_is_imported_for_texts_only(made, extra):
    code = f"""
import sys
from starlette.testclient import TestClient
from discover.service import app
from discover.service.current import Current

with TestClient(app.build(Current({str(made)!r}), app.Limits()), base_url="http://localhost") as http:
    for path in {QUESTIONS!r} + ({extra!r},) * bool({extra!r}):
        assert http.get(path).status_code == 200, path
print([name for name in ("torch", "umap", "hdbscan", "matplotlib", "pandas", "mcp") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ("torch" in done.stdout) == bool(extra), done.stdout
    assert "umap" not in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process has loaded is read from /proc")
def test_a_served_model_is_loaded_before_a_text_asks_for_it_unless_told_not_to(made):
    def torch(server):
        return "libtorch" in Path(f"/proc/{server.process.pid}/maps").read_text()

    def start(line, **options):
        return subprocess.Popen([sys.executable, "-m", "discover", *map(str, line)], text=True, **options)

    with running(start, made) as server:
        until(server, lambda: torch(server))
    with running(start, made, "--no-preload") as server:
        assert server.http.get("/v1/search?like=0010").status_code == 200
        assert not torch(server)
        assert server.http.get("/v1/search?text=a+haunted+mansion").json()["matches"]
        assert torch(server)
