"""IAM over its API."""

from typing import Any

from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.remote import as_neighbour


class RemoteIAM:
    """IAM through a botocore client. See :class:`~mockbuild.neighbours.base.IAM`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def has_instance_profile(self, name: str) -> bool:
        """Tell whether there is such an instance profile."""
        try:
            with as_neighbour():
                self._client.get_instance_profile(InstanceProfileName=name)
        except NeighbourError as error:
            if error.code in ("NoSuchEntity", "NoSuchEntityException"):
                return False
            raise
        return True
