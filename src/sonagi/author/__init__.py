"""Writes load tests: a first one, or from what describes requests already (curl, OpenAPI, HAR)."""
