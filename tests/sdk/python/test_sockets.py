"""The WebSocket clients of the OpenAI and Google SDKs against a stand-in, and through the gateway.

`SOCKETS` is the address of `socket_server.py`, `SOCKETS_LOG` what it was sent, a JSON object on each line.
"""

import asyncio
import os
import unittest
from unittest import mock

import openai
from google import genai
from google.genai import types
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from places import BLOCK_MESSAGE, CARD, GATEWAY, LABEL, SAY_CARD, needs_gateway

SOCKETS = os.environ.get("SOCKETS")
SAID = f"The card is {LABEL}, and it expires next year."


async def realtime(address, texts):
    """For each text of one session: what is said, why it ended, and the errors told."""
    c = openai.AsyncOpenAI(base_url=f"{address}/v1", websocket_base_url=f"{address.replace('http', 'ws')}/v1", api_key="sk-test")
    turns = []
    async with c.realtime.connect(model="stand-in") as connection:
        for text in texts:
            part = {"type": "input_text", "text": text}
            await connection.conversation.item.create(item={"type": "message", "role": "user", "content": [part]})
            said, ended, told = "", None, []
            async for event in connection:
                if event.type == "conversation.item.done":
                    await connection.response.create()
                elif event.type == "response.output_text.delta":
                    said += event.delta
                elif event.type == "error":
                    told.append(event.error.message)
                    if CARD in text:
                        break
                elif event.type == "response.done":
                    details = event.response.status_details
                    ended = details.reason if details else event.response.status
                    break
            turns.append((said, ended, told))
    return turns


def plainly(uri, **options):
    """Connects without TLS, which the SDK asks for whatever its address says."""
    options.pop("ssl", None)
    return connect(uri.replace("wss://", "ws://"), **options)


@mock.patch("google.genai.live.ws_connect", plainly)
async def live(address, texts):
    c = genai.Client(api_key="test", http_options={"base_url": address})
    turns = []
    async with c.aio.live.connect(model="stand-in", config={"response_modalities": ["TEXT"]}) as session:
        for text in texts:
            await session.send_client_content(turns=types.Content(role="user", parts=[types.Part(text=text)]))
            said = ""
            async for message in session.receive():
                said += message.text or ""
            turns.append(said)
    return turns


def heard(talk, case, *texts):
    """What `talk` hears where `case` says what happens; without a case, without the gateway."""
    kind = talk.__name__
    talking = talk(SOCKETS if case is None else f"{GATEWAY}/{kind}{case}", texts)
    return asyncio.run(asyncio.wait_for(talking, timeout=20))


def log():
    with open(os.environ["SOCKETS_LOG"]) as lines:
        return lines.read()


@needs_gateway
@unittest.skipUnless(SOCKETS, "SOCKETS is not set")
class Realtime(unittest.TestCase):
    def test_nothing_matches(self):
        texts = ["Good day", 'One żółw 😀 "q"']
        self.assertEqual(heard(realtime, "", *texts), [(text, "completed", []) for text in texts])
        self.assertEqual(heard(realtime, None, *texts), heard(realtime, "", *texts))

    def test_redact_prompt(self):
        self.assertEqual(heard(realtime, "-redact", f"Charge {CARD} please"), [(f"Charge {LABEL} please", "completed", [])])

    def test_redact_answer(self):
        self.assertEqual(heard(realtime, "-answer-redact", SAY_CARD, "fine"), [(SAID, "completed", []), ("fine", "completed", [])])

    def test_block_prompt(self):
        [(said, _, [error]), after] = heard(realtime, "-block", f"Charge realtime {CARD}", "fine")
        self.assertEqual(said, "")
        self.assertIn(BLOCK_MESSAGE, error)
        self.assertEqual(after, ("fine", "completed", []))
        self.assertNotIn("Charge realtime", log())

    def test_block_answer(self):
        [(said, ended, [error]), after] = heard(realtime, "-answer-block", SAY_CARD, "fine")
        self.assertTrue("The card is ".startswith(said), said)
        self.assertEqual(ended, "content_filter")
        self.assertIn(BLOCK_MESSAGE, error)
        self.assertEqual(after, ("fine", "completed", []))


@needs_gateway
@unittest.skipUnless(SOCKETS, "SOCKETS is not set")
class Live(unittest.TestCase):
    def test_nothing_matches(self):
        texts = ["Good day", 'One żółw 😀 "q"']
        self.assertEqual(heard(live, "", *texts), texts)
        self.assertEqual(heard(live, None, *texts), texts)

    def test_redact_prompt(self):
        self.assertEqual(heard(live, "-redact", f"Charge {CARD} please"), [f"Charge {LABEL} please"])

    def test_redact_answer(self):
        self.assertEqual(heard(live, "-answer-redact", SAY_CARD, "fine"), [SAID, "fine"])

    def test_block_prompt(self):
        [said, after] = heard(live, "-block", f"Charge live {CARD}", "fine")
        self.assertIn(BLOCK_MESSAGE, said)
        self.assertEqual(after, "fine")
        self.assertNotIn("Charge live", log())

    def test_block_answer(self):
        """The turn says why, and the session, in which nothing can be cancelled, ends."""
        [said] = heard(live, "-answer-block", SAY_CARD)
        self.assertTrue(said.startswith("The card is Blocked by"), said)
        self.assertIn(BLOCK_MESSAGE, said)
        self.assertNotIn("1111", said)
        with self.assertRaises(ConnectionClosedError) as raised:
            heard(live, "-answer-block", SAY_CARD, "fine")
        self.assertEqual(raised.exception.rcvd.code, 1008)


if __name__ == "__main__":
    unittest.main()
