"""What the service costs before someone asks for much."""

import subprocess
import sys

import pytest

QUESTIONS = ("/v1/about", "/v1/search?like=0010&why=true", "/v1/themes", "/v1/compare?ids=0010&ids=0011", "/v1/map",
             "/v1/trends", "/v1/suggest?text=a", "/v1/items?where=year>1990", "/v1/items/0000/image", "/")  # fmt: skip


@pytest.mark.parametrize("extra", ["", "/v1/search?text=a+haunted+mansion"])
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
