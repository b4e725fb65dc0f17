"""The Parameter Store of Systems Manager over its API."""

from collections.abc import Sequence
from typing import Any

from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.remote import as_neighbour


class RemoteSSM:
    """Parameters through a botocore client. See :class:`~mockbuild.neighbours.base.SSM`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def put(self, name: str, value: str, data_type: str = "text") -> None:
        """Write a parameter, in place of the value it had."""
        with as_neighbour():
            self._client.put_parameter(
                Name=name, Value=value, Type="String", DataType=data_type, Overwrite=True
            )

    def get(self, name: str) -> str | None:
        """Return the value of a parameter; ``None`` if there is none."""
        try:
            with as_neighbour():
                found = self._client.get_parameter(Name=name, WithDecryption=True)
        except NeighbourError as error:
            if error.code in ("ParameterNotFound", "ParameterVersionNotFound"):
                return None
            raise
        value: str = found["Parameter"]["Value"]
        return value

    def delete(self, name: str) -> None:
        """Remove a parameter. One that is not there is no error."""
        try:
            with as_neighbour():
                self._client.delete_parameter(Name=name)
        except NeighbourError as error:
            if error.code != "ParameterNotFound":
                raise

    def names(self) -> Sequence[str]:
        """Return the names of all parameters, sorted."""
        with as_neighbour():
            pages = self._client.get_paginator("describe_parameters").paginate()
            return sorted(item["Name"] for page in pages for item in page["Parameters"])
