"""No secret that a server writes into its log is quoted."""

import pytest

from sonagi.probes.masking import mask

SECRET = "hunter2-S3cr3t"


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Basic {SECRET}",
        f"authorization: Bearer {SECRET}",
        f"'Authorization': 'Bearer {SECRET}'",
        f'"authorization":"{SECRET}"',
        f"Proxy-Authorization: Basic {SECRET}",
        f"Cookie: a=1; session={SECRET}; b={SECRET}",
        f"Set-Cookie: sid={SECRET}; Path=/; HttpOnly",
        f'{{"cookie": "JSESSIONID={SECRET}"}}',
        f"login failed: password={SECRET}",
        f"login failed: passwd: {SECRET}, user: kim",
        f'{{"user":"kim","password":"{SECRET}"}}',
        f"{{'db_password': '{SECRET}'}}",
        f'password => "{SECRET}"',
        f"SPRING_DATASOURCE_PASSWORD={SECRET}",
        f"GET /login?user=kim&password={SECRET}&x=1",
        f"GET /hook?access_token={SECRET}",
        f"client_secret: {SECRET}",
        f"X-API-Key: {SECRET}",
        f"api_key={SECRET}",
        f"JSESSIONID={SECRET}",
        f"connecting to postgresql://app:{SECRET}@db:5432/concerts",
        f"redis://:{SECRET}@cache:6379/0",
        f"CREATE USER app IDENTIFIED BY '{SECRET}'",
        f"sent Bearer {SECRET}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_a_secret_is_blotted_out(line: str) -> None:
    assert SECRET not in mask(line)
    assert "***" in mask(line)


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1" * 18,
        "sk_live_" + "4e" * 12,
    ],
)
def test_a_secret_that_shows_what_it_is_is_blotted_out_anywhere(secret: str) -> None:
    assert secret not in mask(f"got {secret} from upstream")


@pytest.mark.parametrize(
    "line",
    [
        "HikariPool-1 - Connection is not available, request timed out after 30001ms (total=10, active=10)",
        "Unexpected token < in JSON at position 0",
        "user kim not found in table passengers",
        "http://127.0.0.1:8000/concerts/ took 12 ms",
        "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert mask(line) == line
