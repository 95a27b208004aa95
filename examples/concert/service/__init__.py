"""A small concert-reservation service, written the usual way, to have something real to test against.

Starlette for HTTP, SQLAlchemy on a SQLite file, plain synchronous database code in a thread pool, and a pool
of ten database connections. `app.create_app` makes it; `serve.py` in the folder above runs it.
"""
