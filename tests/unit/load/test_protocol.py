"""Messages between coordinator and worker."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.load.protocol import Decoder, encode

messages = st.lists(st.tuples(st.sampled_from("PSDGXTKQ"), st.dictionaries(st.text(), st.integers())))


@given(messages, st.integers(1, 50))
def test_messages_arrive_whole_however_the_stream_is_cut(
    sent: list[tuple[str, dict[str, Any]]], size: int
) -> None:
    stream = b"".join(encode(kind, body) for kind, body in sent)
    decoder = Decoder()
    got = [message for at in range(0, len(stream), size) for message in decoder.feed(stream[at : at + size])]
    assert [(kind, json.loads(payload)) for kind, payload in got] == sent


@pytest.mark.parametrize("stream", [b"\x00\x00\x00\x00Pxx", b"\xff\xff\xff\xffPxx"])
def test_what_no_worker_sends_is_an_error(stream: bytes) -> None:
    with pytest.raises(ValueError, match="a message of"):
        list(Decoder().feed(stream))
