"""The page's files as they are committed: built from these sources, small, and nothing that loads from elsewhere."""

import gzip
import hashlib
import re
from pathlib import Path

from discover.service import app

PAGE = Path(__file__).parents[2] / "discover" / "service" / "page"
ASSETS = PAGE / "assets"


def test_the_bundle_was_built_from_the_sources_as_they_are():
    names = [str(path.relative_to(PAGE).as_posix()) for path in (PAGE / "src").rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for name in sorted(
        [*names, "package-lock.json", "../../report/sections/_tokens.css", "../../report/sections/_names.js"]
    ):
        digest.update(name.encode() + b"\0" + (PAGE / name).read_bytes() + b"\0")
    assert digest.hexdigest() == (ASSETS / "sources.sha256").read_text().strip(), "the sources changed: `make page`"


def test_the_types_are_those_of_the_service_as_it_is():
    first = (PAGE / "src" / "schema.d.ts").read_text().partition("\n")[0]
    assert hashlib.sha256(app.document()).hexdigest() in first, "what the service answers changed: `make page`"


def test_the_page_is_small():
    page = sum(len(gzip.compress((ASSETS / name).read_bytes())) for name in ("page.js", "page-style.css"))
    assert page <= 100_000


def test_the_page_obeys_a_strict_policy():
    html = (PAGE / "index.html").read_text()
    assert re.findall(r"<(?:script|link)[^>]*(?:src|href)=\"([^\"]*)\"", html)
    assert all(
        each.startswith("/assets/") for each in re.findall(r"<(?:script|link)[^>]*(?:src|href)=\"([^\"]*)\"", html)
    )
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", html)
    assert not re.search(r"\beval\(|new Function|document\.write", (ASSETS / "page.js").read_text())
    for source in (PAGE / "src").rglob("*.tsx"):
        assert "innerHTML" not in source.read_text().replace("dangerouslySetI", "i"), source  # nobody writes markup


def test_the_licence_of_everything_in_the_bundle_is_there():
    told = (ASSETS / "LICENSES.txt").read_text()
    script = (ASSETS / "page.js").read_text()
    assert script
    for name in ("preact", "d3-zoom", "d3-selection", "kdbush"):
        assert re.search(rf"^{name} \d", told, re.MULTILINE), name


def test_no_lock_file_names_a_registry():
    assert "resolved" not in (PAGE / "package-lock.json").read_text()
