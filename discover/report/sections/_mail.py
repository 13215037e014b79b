"""The Markdown report as a page for mail: mail programs run no script and drop style sheets, so styles are inline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from discover.report.sections.base import environment, read

INK, PAPER = "#1c1b19", "#fbfaf7"  # those of _tokens.css
SANS = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
SERIF = "Georgia,'Times New Roman',serif"
STYLES = {
    "h1": f"font:normal 28px/1.2 {SERIF};margin:0 0 8px;color:{INK}",
    "h2": f"font:normal 20px/1.3 {SERIF};margin:28px 0 8px;padding-top:10px;border-top:2px solid {INK};color:{INK}",
    "h3": f"font:normal 17px/1.3 {SERIF};margin:20px 0 6px;color:{INK}",
    "p": "margin:0 0 10px",
    "ul": "margin:0 0 12px;padding:0 0 0 18px",
    "li": "margin:0 0 8px",
    "strong": "font-weight:600",
}


def page(title: str, markdown: str, about: Mapping[str, str]) -> str:
    """One HTML page of the report's Markdown; HTML within it stays text."""
    from markdown_it import MarkdownIt

    writer = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False})
    tokens = writer.parse(markdown.rpartition("<!--")[0])
    for token in (part for block in tokens for part in (block, *(block.children or ()))):
        if token.nesting >= 0 and token.tag in STYLES:
            token.attrSet("style", STYLES[token.tag])
    body = Markup(writer.renderer.render(tokens, writer.options, {}))
    values: dict[str, Any] = {"title": title, "about": list(about.items()), "body": body}
    values |= {"paper": PAPER, "ink": INK, "sans": Markup(SANS)}
    return environment().from_string(read("_mail.html")).render(values)
