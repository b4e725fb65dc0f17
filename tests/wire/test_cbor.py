"""CBOR, well-formed and hostile."""

import math
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockbuild.domain.aws_errors import InvalidInputException, SerializationException
from mockbuild.wire import cbor
from mockbuild.wire.http import HttpRequest
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.service import service_wire

CODEBUILD = service_wire("codebuild")

# Most of these are the examples of RFC 8949, appendix A.
EXAMPLES: list[tuple[str, Any]] = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("1903e8", 1000),
    ("1a000f4240", 1000000),
    ("1bffffffffffffffff", 18446744073709551615),
    ("c249010000000000000000", 18446744073709551616),
    ("3bffffffffffffffff", -18446744073709551616),
    ("c349010000000000000000", -18446744073709551617),
    ("20", -1),
    ("3903e7", -1000),
    ("f90000", 0.0),
    ("f93c00", 1.0),
    ("fb3ff199999999999a", 1.1),
    ("f97bff", 65504.0),
    ("fa47c35000", 100000.0),
    ("f90001", 5.960464477539063e-8),
    ("f97c00", math.inf),
    ("fbfff0000000000000", -math.inf),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("f7", None),
    ("c11a514b67b0", cbor.Tagged(1, 1363896240)),
    ("d74401020304", cbor.Tagged(23, b"\x01\x02\x03\x04")),
    ("40", b""),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("60", ""),
    ("62225c", '"\\'),
    ("62c3bc", "\u00fc"),
    ("64f0908591", "\U00010151"),
    ("83010203", [1, 2, 3]),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
    ("7f657374726561646d696e67ff", "streaming"),
    ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
    ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
]


@pytest.mark.docs
@pytest.mark.parametrize(("data", "value"), EXAMPLES, ids=[data for data, _ in EXAMPLES])
def test_examples_of_the_standard(data: str, value: Any) -> None:
    read = cbor.loads(bytes.fromhex(data))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.docs
@pytest.mark.parametrize(
    "data",
    [
        "",
        "18",
        "1b00",
        "1c",
        "1f",
        "3f",
        "41",
        "5bffffffffffffffff",
        "7bffffffffffffffff",
        "9bffffffffffffffff",
        "bbffffffffffffffff",
        "9a00ffffff00",
        "8201",
        "a16161",
        "a1",
        "a10101",
        "a1820101f6",
        "61ff",
        "7f61ffff",
        "7f4101ff",
        "5f7f6161ffff",
        "9f01",
        "bf616101",
        "bf6161ff",
        "ff",
        "f8ff",
        "f0",
        "fc",
        "c2f5",
        "c1",
        "dc",
        "0000",
        "fb0000",
        "81" * 5000 + "00",
        "9f" * 5000,
        "c1" * 5000 + "00",
        "a1616b" * 5000 + "00",
    ],
    ids=lambda data: data[:20],
)
def test_hostile_bytes_are_refused(data: str) -> None:
    with pytest.raises(cbor.CborError):
        cbor.loads(bytes.fromhex(data))


@pytest.mark.docs
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=40))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        value = cbor.loads(data)
    except cbor.CborError:
        return
    cbor.dumps(value)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"))
    | st.binary()
    | st.builds(cbor.Tagged, st.integers(4, 2**64 - 1), st.booleans()),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(st.characters(codec="utf-8")), parts),
    max_leaves=8,
)


@pytest.mark.docs
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(values)
def test_there_and_back(value: Any) -> None:
    assert cbor.loads(cbor.dumps(value)) == value


@pytest.mark.docs
def test_depth_up_to_the_limit_is_fine() -> None:
    assert cbor.loads(b"\x81" * cbor.MAX_DEPTH + b"\x00")


def _request(body: bytes) -> HttpRequest:
    path = "/service/CodeBuild_20161006/operation/StartBuild"
    return HttpRequest("POST", path, headers={"smithy-protocol": "rpc-v2-cbor"}, body=body)


@pytest.mark.inferred
@pytest.mark.parametrize(
    "value",
    [
        [],
        None,
        "text",
        {"projectName": 1},
        {"projectName": b"web"},
        {"timeoutInMinutesOverride": "60"},
        {"timeoutInMinutesOverride": 60.5},
        {"timeoutInMinutesOverride": 2**40},
        {"privilegedModeOverride": 1},
        {"environmentVariablesOverride": {}},
        {"environmentVariablesOverride": [1]},
    ],
    ids=repr,
)
def test_values_of_the_wrong_type_are_refused_by_name(value: Any) -> None:
    request = _request(cbor.dumps(value))
    with pytest.raises(SerializationException):
        CODEBUILD.operation("StartBuild").read(request, Protocol.CBOR)


@pytest.mark.inferred
@pytest.mark.parametrize("body", [b"\xff", b"\xa1", b"{}", b"\xa0\xa0"])
def test_malformed_bodies_are_refused_by_name(body: bytes) -> None:
    with pytest.raises(SerializationException):
        CODEBUILD.operation("StartBuild").read(_request(body), Protocol.CBOR)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("body", "params"),
    [
        (b"", {}),
        (b"\xa0", {}),
        (cbor.dumps({"projectName": "web", "other": [1]}), {"projectName": "web"}),
        (cbor.dumps({"projectName": None}), {}),
        (
            bytes.fromhex("bf6b70726f6a6563744e616d65637765 62ff".replace(" ", "")),
            {"projectName": "web"},
        ),
    ],
    ids=["nothing", "empty", "unknown member", "null", "indefinite"],
)
def test_bodies_are_read(body: bytes, params: dict[str, Any]) -> None:
    assert CODEBUILD.operation("StartBuild").read(_request(body), Protocol.CBOR) == params


@pytest.mark.docs
def test_a_time_is_tag_1_around_a_double() -> None:
    response = CODEBUILD.operation("StartBuild").write(
        {"build": {"startTime": 1.5, "id": None}}, Protocol.CBOR, "id-1"
    )
    assert response.body == (b"\xa1\x65build\xa1\x69startTime\xc1\xfb" + struct.pack(">d", 1.5))
    assert response.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert response.headers["Content-Type"] == "application/cbor"


@pytest.mark.model
@pytest.mark.parametrize("operation", ["DeleteProject", "DeleteReport"])
def test_an_empty_result_is_an_empty_map(operation: str) -> None:
    assert CODEBUILD.operation(operation).write({}, Protocol.CBOR, "id").body == b"\xa0"


@pytest.mark.docs
def test_errors() -> None:
    response = CODEBUILD.write_error(InvalidInputException("no"), Protocol.CBOR, "id-1")
    assert response.status == 400
    assert cbor.loads(response.body) == {"__type": "InvalidInputException", "message": "no"}
    assert response.headers["smithy-protocol"] == "rpc-v2-cbor"
