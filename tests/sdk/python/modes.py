"""What is asked of every SDK: its calls in three modes, each a test.

A test case that inherits from `Modes` says how its SDK is called; what it lacks is not tested:

- `peer`: the name of its upstreams, `client(address, name)`: a client of that address whose requests bear that name
- `ask(c, model, text)`: the text of a whole answer, `stream(c, model, text)`: pieces of text and reasons why it ended
- `tool(c, model, text)` and `tool_stream(…)`: the arguments of the call of a tool, as a dictionary
- `send`: other calls that carry a text to the model, by name, each called with a client and the text; of `earlier`, the text
  stands before the last turn, where what was blocked once is covered from then on
- `calls`: calls by name, each called with a client; their results are compared as they are
"""

import base64
import contextlib
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from places import BLOCK_MESSAGE, CARD, GATEWAY, LABEL, REFUSING, SAY_CARD, STANDIN, arrivals, fresh_id, received

SAID = f"The card is {LABEL}, and it expires next year."
CUTS = ["chunk=1", "chunk=3", "chunk=1000", "cut=1", "cut=11", "chunk=2,cut=5"]


@contextlib.contextmanager
def sent():
    """Counts the requests that leave through the HTTP libraries of the SDKs, retries included."""
    count, lock, patches = [0], threading.Lock(), contextlib.ExitStack()
    for module, kind, method in [
        ("httpx", "HTTPTransport", "handle_request"),
        ("httpx2", "HTTPTransport", "handle_request"),
        ("botocore.httpsession", "URLLib3Session", "send"),
    ]:
        with contextlib.suppress(ImportError):
            owner = getattr(__import__(module, fromlist=[kind]), kind)
            original = getattr(owner, method)

            def counting(*args, _original=original, **kwargs):
                with lock:
                    count[0] += 1
                return _original(*args, **kwargs)

            patches.enter_context(mock.patch.object(owner, method, counting))
    with patches:
        yield count


def failed(call):
    """What kind of exception a call ends with, and what it says; both can be compared."""
    try:
        call()
    except Exception as raised:
        return type(raised).__name__, getattr(raised, "body", None) or str(raised)
    raise AssertionError("the error was not raised")


class Modes:
    peer = ""
    calls = {}
    send = {}
    earlier = {}
    # Calls whose bytes differ from time to time.
    random = ()
    # What a block raises, and the reasons that end a stream: of a whole one, of one that was blocked.
    refusal = Exception
    ended = "stop"
    blocked = "content_filter"
    tool = tool_stream = None

    def __init_subclass__(cls, **options):
        """Makes a test of each call and each way to send a text."""
        super().__init_subclass__(**options)
        for name, call in cls.calls.items():
            setattr(cls, f"test_nothing_matches_{name}", lambda self, name=name, call=call: self.same(call, name in self.random))
        for name, call in (cls.send | cls.earlier).items():
            setattr(cls, f"test_redact_{name}", lambda self, call=call: self.redacted(call))
        for name, call in cls.send.items():
            setattr(cls, f"test_block_{name}", lambda self, call=call: self.refused("-block", call, f"Charge {CARD} please", 0))
        if not cls.tool:
            cls.test_redact_tool_arguments = cls.test_block_tool_arguments = None

    def setUp(self):
        if not GATEWAY:
            self.skipTest("GATEWAY is not set")

    def through(self, case="", name=None):
        return self.client(f"{GATEWAY}/{self.peer}{case}", name or fresh_id())

    def joined(self, pieces):
        pieces = list(pieces)
        return "".join(text or "" for text, _ in pieces), [str(reason) for _, reason in pieces if reason]

    def same(self, call, random):
        here, there = fresh_id(), fresh_id()
        expected = call(self.client(STANDIN, here))
        self.assertEqual(call(self.through(name=there)), expected)
        self.assertEqual(len(arrivals(there)), len(arrivals(here)))
        self.assertGreater(len(arrivals(here)), 0)
        if not random:
            self.assertEqual(received(there), received(here))

    def redacted(self, call):
        name = fresh_id()
        call(self.through("-redact", name), f"Charge {CARD} please")
        body = received(name)
        self.assertNotIn(CARD.encode(), body)
        encoded = base64.b64encode(f"Charge {LABEL} please".encode())
        self.assertTrue(LABEL.encode() in body or encoded in body, body)

    def refused(self, case, call, text, upstream):
        name = fresh_id()
        with sent() as count, self.assertRaises(self.refusal) as raised:
            call(self.through(case, name), text)
        self.assertEqual(count[0], 1, "it was retried")
        self.assertEqual(len(arrivals(name)), upstream)
        self.assertIn(BLOCK_MESSAGE, str(raised.exception))
        self.assertNotIn("1111", str(raised.exception))

    def test_stand_in(self):
        """Without a gateway: the stand-in speaks the API."""
        c = self.client(STANDIN, fresh_id())
        self.assertEqual(self.ask(c, "echo", "Good day"), "Good day")
        self.assertEqual(self.joined(self.stream(c, "echo~chunk=3", "Good żółw")), ("Good żółw", [self.ended]))
        for tool in filter(None, [self.tool, self.tool_stream]):
            self.assertEqual(tool(c, "echo", "Oslo"), {"city": "Oslo", "days": 1})

    def test_nothing_matches_16_at_once(self):
        def one(number):
            text = f"Message {number}: " + "all is well. " * number
            return self.joined(self.stream(self.through(), "echo~chunk=5", text)), (text, [self.ended])

        with ThreadPoolExecutor(16) as pool:
            for got, expected in pool.map(one, range(16)):
                self.assertEqual(got, expected)

    def test_redact_16_at_once(self):
        def one(number):
            return self.joined(self.stream(self.through("-answer-redact"), f"stand-in~chunk={number + 1}", SAY_CARD))

        with ThreadPoolExecutor(16) as pool:
            for got in pool.map(one, range(16)):
                self.assertEqual(got, (SAID, [self.ended]))

    def test_block_16_at_once(self):
        def one(number):
            with self.assertRaises(self.refusal) as raised:
                self.ask(self.through("-block"), "echo", f"Message {number}: charge {CARD} please")
            return str(raised.exception)

        with ThreadPoolExecutor(16) as pool:
            for told in pool.map(one, range(16)):
                self.assertIn(BLOCK_MESSAGE, told)

    def test_redact_and_an_error(self):
        """The provider's error is the same whether the prompt was rewritten or not."""
        name = fresh_id()
        got = failed(lambda: self.ask(self.through("-redact", name), "echo~status=400", f"Charge {CARD} please"))
        self.assertEqual(got, failed(lambda: self.ask(self.client(STANDIN, fresh_id()), "echo~status=400", "Charge it please")))
        self.assertNotIn(CARD.encode(), received(name))

    def test_block_before_an_error(self):
        self.refused("-block", lambda c, text: self.ask(c, "echo~status=400", text), f"Charge {CARD} please", 0)

    def test_redact_prompt(self):
        name = fresh_id()
        self.assertEqual(self.ask(self.through("-redact", name), "echo", f"Charge {CARD} please"), f"Charge {LABEL} please")
        self.assertNotIn(CARD.encode(), received(name))

    def test_redact_streamed_prompt(self):
        pieces = self.stream(self.through("-redact"), "echo", f"Charge {CARD} please")
        self.assertEqual(self.joined(pieces), (f"Charge {LABEL} please", [self.ended]))

    def test_redact_answer(self):
        self.assertEqual(self.ask(self.through("-answer-redact"), "stand-in", SAY_CARD), SAID)

    def test_redact_stream_however_it_is_cut(self):
        for options in CUTS:
            with self.subTest(options):
                pieces = self.stream(self.through("-answer-redact"), f"stand-in~{options}", SAY_CARD)
                self.assertEqual(self.joined(pieces), (SAID, [self.ended]))

    def test_redact_tool_arguments(self):
        for tool in filter(None, [self.tool, self.tool_stream]):
            self.assertEqual(tool(self.through("-answer-redact"), "stand-in~chunk=3", SAY_CARD), {"city": SAID, "days": 1})

    def test_block_prompt(self):
        self.refused("-block", lambda c, text: self.ask(c, "echo", text), f"Charge {CARD} please", 0)

    def test_block_streamed_request(self):
        self.refused("-block", lambda c, text: list(self.stream(c, "echo", text)), f"Charge {CARD} please", 0)

    def test_block_answer(self):
        self.refused("-answer-block", lambda c, text: self.ask(c, "stand-in", text), SAY_CARD, 1)

    def test_block_tool_arguments(self):
        self.refused("-answer-block", lambda c, text: self.tool(c, "stand-in", text), SAY_CARD, 1)

    def test_block_mid_stream(self):
        for options in ["chunk=1", "chunk=4", "chunk=1000", "cut=3"]:
            with self.subTest(options):
                text, reasons = self.joined(self.stream(self.through("-answer-block"), f"stand-in~{options}", SAY_CARD))
                self.assertEqual(reasons, [self.blocked])
                # where an API has no other place for it, the reason stands in the text
                said, _, reason = text.partition("Blocked by")
                self.assertTrue("The card is ".startswith(said), text)
                self.assertNotIn("1111", reason)

    @unittest.skipUnless(REFUSING, "REFUSING is not set")
    def test_block_told_in_an_answer(self):
        """The SDK makes an answer of a refusal, and of a streamed one a stream that ends as filtered ones do."""
        for case, model, text, upstream in [("-block", "echo", f"Charge {CARD} please", 0), ("-answer-block", "stand-in", SAY_CARD, 1)]:
            with self.subTest(case):
                name = fresh_id()
                told = self.ask(self.client(f"{REFUSING}/{self.peer}{case}", name), model, text)
                self.assertEqual(len(arrivals(name)), upstream)
                self.assertNotIn("1111", told or "")
                streamed = self.stream(self.client(f"{REFUSING}/{self.peer}{case}", fresh_id()), model, text)
                told, reasons = self.joined(streamed)
                self.assertEqual(reasons, [self.blocked])
                self.assertNotIn("1111", told)


SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}


__all__ = ["Modes", "SCHEMA", "failed", "unittest"]
