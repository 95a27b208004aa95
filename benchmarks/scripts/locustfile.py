"""The same load for Locust."""

import os

from locust import FastHttpUser, constant, task


class Visitor(FastHttpUser):
    """One GET with a check."""

    wait_time = constant(float(os.environ.get("PAUSE", "0")))

    @task
    def get(self) -> None:
        with self.client.get("/", catch_response=True) as response:
            if response.status_code != 200:
                response.failure("status")
