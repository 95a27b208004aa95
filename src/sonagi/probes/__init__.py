"""Watching the server's side while the load runs: its host, process, log, and what it says of itself."""
