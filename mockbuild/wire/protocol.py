"""The three protocols the services speak."""

from enum import Enum


class Protocol(Enum):
    """A protocol, by the name the service models give it."""

    JSON = "json"
    REST_JSON = "rest-json"
    CBOR = "smithy-rpc-v2-cbor"
