"""SNS over its API."""

from typing import Any

from mockbuild.neighbours.base import NeighbourError
from mockbuild.neighbours.remote import as_neighbour


class RemoteSNS:
    """SNS through a botocore client. See :class:`~mockbuild.neighbours.base.SNS`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def has_topic(self, arn: str) -> bool:
        """Tell whether there is such a topic."""
        try:
            with as_neighbour():
                self._client.get_topic_attributes(TopicArn=arn)
        except NeighbourError as error:
            if error.code in ("NotFound", "NotFoundException", "InvalidParameter"):
                return False
            if error.code in ("AuthorizationError", "AuthorizationErrorException"):
                return True  # there is one, though not for everybody
            raise
        return True

    def publish(self, arn: str, text: str) -> None:
        """Send a message to a topic."""
        with as_neighbour():
            self._client.publish(TopicArn=arn, Message=text)
