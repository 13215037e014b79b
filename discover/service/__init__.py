"""The engine over HTTP: each route calls the engine and shapes JSON, nothing more.

    app.py      assembly                       current.py  the open engine, and the next one when there is one
    routes/     one file a noun                guard.py    who may ask how much: hosts, keys, rates, sizes, time
    wire/       what travels, as types         problem.py  errors as problem+json
    options.py  the options of a query         tools.py    the same engine for assistants (MCP)
    server.py   uvicorn with deadlines         page/       the page, as plain files

Needs `pip install 'content-discover[serve]'`.
"""
