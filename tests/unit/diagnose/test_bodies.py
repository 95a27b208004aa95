"""What a body says of itself."""

import pytest

from sonagi.diagnose.bodies import failure, nothing


@pytest.mark.parametrize(
    ("sample", "quote"),
    [
        ('{"responseStatus":"FAIL","data":null}', 'responseStatus":"FAIL"'),
        ('{"status": "error", "message": "no seat"}', 'status": "error"'),
        ('{"success":false}', 'success":false'),
        ('{"result":"NG"}', 'result":"NG"'),
        ('{"error":{"code":17,"text":"x"}}', 'error":{'),
        ('{"errors":["id must be a number"]}', 'errors":['),
        ('{"code":"CONCERT_SEAT_NOT_FOUND"}', 'code":"CONCERT_SEAT_NOT_FOUND'),
        ('{"timestamp":"2024-08-22","status":500,"path":"/x"}', 'status":500'),
        ("<html><head><title>502 Bad Gateway</title>", "<title>502 Bad Gateway"),
        ("java.lang.NullPointerException: x", "java.lang.NullPointerException"),
        ("concert not found", "not found"),
        ("존재하지 않는 콘서트 좌석입니다.", "존재하지 않"),
        ("error=invalid_grant", "error=i"),
    ],
)
def test_a_failure_is_recognised_and_quoted(sample: str, quote: str) -> None:
    sign = failure(sample)
    assert sign is not None
    assert quote in sign.quote
    assert sign.likely >= 0.75


@pytest.mark.parametrize(
    "sample",
    [
        '{"error":null,"data":{"id":1}}',
        '{"errors":[],"data":[1,2]}',
        '{"success":true,"code":0}',
        '{"status":"OK","code":"0000","message":"정상 처리되었습니다"}',
        '{"code":200,"data":[]}',
        '{"productCode":450,"price":404.5}',
        '{"failures":0,"errorCount":0}',
        '{"id":404,"title":"Errors of youth"}',
        "<html><head><title>Concerts</title>",
        "OK",
        "",
    ],
)
def test_what_went_well_is_not_taken_for_a_failure(sample: str) -> None:
    assert failure(sample) is None


def test_a_failed_thing_in_a_list_is_no_failed_answer() -> None:
    sign = failure('[{"id":1,"status":"FAILED"},{"id":2,"status":"PAID"}]')
    assert sign is not None
    assert sign.likely < 0.75


def test_what_a_rush_ends_in_by_design_is_less_likely_a_failure() -> None:
    sign = failure('{"responseStatus":"FAIL","code":"SEAT_ALREADY_RESERVED"}')
    assert sign is not None
    assert 0.5 < sign.likely < 0.75


def test_a_phrase_in_a_long_page_is_part_of_its_content() -> None:
    assert failure("word " * 400 + "not found") is None


@pytest.mark.parametrize("sample", ['{"status":"OK","data":null}', '{"items":[]}', "[]", " ", "null"])
def test_an_answer_without_data_is_recognised(sample: str) -> None:
    assert nothing(sample) is not None


@pytest.mark.parametrize("sample", ['{"data":{"id":1}}', "[1]", "OK"])
def test_an_answer_with_data_is_none(sample: str) -> None:
    assert nothing(sample) is None
