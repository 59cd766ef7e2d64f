"""Where the tests send their requests, and what they share.

`STANDIN` is the address of the stand-in model, as in http://127.0.0.1:8081. `GATEWAY` is the address of a gateway that
serves `tests/sdk/gateway.toml` in front of it; without it, only the tests that need no gateway run. `REFUSING` is the address
of one that tells refusals as answers of the model.
"""

import json
import os
import unittest
import urllib.request
import uuid

STANDIN = os.environ["STANDIN"]
GATEWAY = os.environ.get("GATEWAY")
REFUSING = os.environ.get("REFUSING")

# A number card networks publish for tests, and the same as a question that does not hold it: the stand-in model says
# what stands between the marks without the bars.
CARD = "4111 1111 1111 1111"
SAY_CARD = "SAY <<The card is 4111| 1111| 1111| 1111, and it expires next year.>>"
LABEL = "[CREDIT_CARD]"
# The statement that blocks, in tests/sdk/policy.toml.
BLOCK_MESSAGE = "Remove the card number and send again"

# The smallest picture: one transparent pixel, 70 bytes.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

needs_gateway = unittest.skipUnless(GATEWAY, "GATEWAY is not set")


def received(request_id):
    """The exact body that reached the stand-in model under this id, or None."""
    try:
        with urllib.request.urlopen(f"{STANDIN}/received/{request_id}") as answer:
            return answer.read()
    except urllib.error.HTTPError:
        return None


def arrivals(request_id):
    """The requests that reached the stand-in model under this id."""
    with urllib.request.urlopen(f"{STANDIN}/received?id={request_id or ''}") as answer:
        return json.load(answer)


def fresh_id():
    """A name for one call, sent as the header the tests look it up by."""
    return f"sdk-{uuid.uuid4()}"


def named(request_id):
    return {"x-client-request-id": request_id}


class Recorder:
    """An HTTP client of the SDK's own kind that counts the requests it sends, retries included."""

    def __init__(self, client_class):
        self.sent = 0
        self.client = client_class(event_hooks={"request": [self._count]})

    def _count(self, _request):
        self.sent += 1
