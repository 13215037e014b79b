"""The tools as an assistant meets them: the SDK's own client, over stdio and over HTTP, in real processes."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager

import httpx
import pytest
from mcp import Client, StdioServerParameters

from discover.core.types import SearchOptions, plain
from discover.core.types.options import options
from discover.service.tools import SET_HERE

NAMES = {"search", "compare", "themes", "trends", "label"}


@asynccontextmanager
async def over_stdio(made, serving):
    command = ["-m", "discover", "mcp", "-w", str(made)]
    known = {name: value for name, value in os.environ.items() if name != "DISCOVER_API_KEYS"}
    async with Client(StdioServerParameters(command=sys.executable, args=command, env=known)) as client:
        yield client


@asynccontextmanager
async def over_http(made, serving):
    with serving(made, "--http", command="mcp") as server:
        async with Client(f"{server.url}/mcp") as client:
            yield client


@pytest.mark.parametrize("connected", [over_stdio, over_http])
def test_every_tool_answers_as_the_engine_does(made, engine, serving, connected):
    async def asked():
        async with connected(made, serving) as client:
            tools = (await client.list_tools()).tools
            assert {tool.name for tool in tools} == NAMES
            assert all(tool.description and tool.output_schema for tool in tools)
            [parameters] = [tool.input_schema["properties"] for tool in tools if tool.name == "search"]
            chosen = [option for option in options(SearchOptions) if option.name not in SET_HERE]
            assert parameters.keys() == {"text", "like", "unlike", *(option.name for option in chosen)}
            assert all(parameters[option.name]["description"] == option.help for option in chosen)

            async def call(tool, **given):
                told = await client.call_tool(tool, given)
                assert not told.is_error, told.content
                return told.structured_content

            told = await call("search", like=["0010"], k=3, where="year > 1990")
            expected = engine.search(like=["0010"], k=3, where="year > 1990", why=True)
            assert [(match["id"], match["score"], match["why"]) for match in told["matches"]] == [
                (match.id, match.score, match.why) for match in expected
            ]
            by_words = await call("search", like=["0010"], k=3, weights={"lexical": 1}, at_most={"theme": 1})
            expected = engine.search(like=["0010"], k=3, weights={"lexical": 1}, at_most={"theme": 1})
            assert [match["id"] for match in by_words["matches"]] == [match.id for match in expected]
            told = await call("compare", items=["0010", "0011"])
            assert told["pairs"] == plain(engine.compare(["0010", "0011"], sentences=False))["pairs"]
            told = await call("themes")
            assert [theme["label"] for theme in told["themes"]] == [theme.label for theme in engine.themes()]
            assert (await call("trends"))["trends"] == [plain(trend) for trend in engine.trends()]
            ids = engine.matching("'western' IN genres")[:6]
            assert (await call("label", items=ids))["text"] == engine.label(ids).text
            for tool, given, line in (
                ("search", {"like": ["nobody"]}, "no item has the id or title 'nobody'"),
                ("search", {"k": 0}, "search: k: Input should be greater than or equal to 1"),
                ("search", {"k": 0, "text": 5}, "search: text: Input should be a valid string. k: "),
                ("search", {"lik": ["0010"]}, "search: lik: unknown parameter. Did you mean 'like'? Valid: "),
                ("compare", {}, "compare: items: Field required"),
                ("themes", {"level": 9}, "level must be 0"),
                ("compare", {"items": ["0010", "0010"]}, "is given twice"),
            ):
                told = await client.call_tool(tool, given)
                assert told.is_error
                assert line in told.content[0].text
                assert len(told.content[0].text.splitlines()) == 1

    asyncio.run(asked())


def test_over_http_the_same_guards_stand(made, serving):
    key = "k" * 20
    with serving(made, "--http", "--host", "0.0.0.0", command="mcp", keys=key) as server:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        headers = {"Accept": "application/json, text/event-stream"}
        assert server.http.post("/mcp", json=asked, headers=headers).status_code == 401
        assert server.http.post("/mcp", json=asked, headers=headers | {"X-API-Key": key}).status_code != 401
        foreign = headers | {"X-API-Key": key, "Origin": "https://example.com"}
        assert server.http.post("/mcp", json=asked, headers=foreign).status_code == 403
        assert httpx.get(f"{server.url}/mcp", headers={"X-API-Key": "x" * 20}).status_code == 401
