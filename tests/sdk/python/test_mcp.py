"""The official MCP SDK, client and server, through the gateway, in both eras of the protocol.

`MCP` is the address of `mcp_server.py`, `MCP_LOG` what it was called with, a JSON object on each line.
"""

import asyncio
import json
import os
import unittest

import httpx2
import mcp
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from places import BLOCK_MESSAGE, CARD, GATEWAY, LABEL, needs_gateway

MCP = os.environ.get("MCP")
SAY_CARD = "The card is 4111| 1111| 1111| 1111."
ERAS = ["legacy", "auto"]


def called(era, address, *calls):
    """The results of calls of one client, one after another."""

    async def run():
        async with httpx2.AsyncClient(timeout=30) as http, Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=era) as c:
            return [await call(c) for call in calls]

    return asyncio.run(run())


def through(era, case, *calls):
    return called(era, f"{GATEWAY}/mcp{case}", *calls)


def tool(name, **arguments):
    async def call(c):
        return (await c.call_tool(name, arguments)).model_dump()

    return call


def refused(call):
    """What a client is told when it is blocked: by an error, or by a result of a tool, which the model reads."""

    async def told(c):
        try:
            result = await call(c)
        except mcp.MCPError as raised:
            return raised.error.message
        assert result["is_error"], result
        return text(result)

    return told


def progress(name, **arguments):
    """A call that returns the result, and what was reported before it."""

    async def call(c):
        steps = []

        async def report(step, total, message):
            steps.append((step, total, message))

        result = await c.call_tool(name, arguments, progress_callback=report)
        return result.model_dump(), steps

    return call


async def unknown_resource(c):
    try:
        await c.read_resource("note://unknown")
    except mcp.MCPError as raised:
        return raised.error.code, raised.error.message
    raise AssertionError("the error was not raised")


def dumped(method, *arguments, **named):
    async def call(c):
        return (await getattr(c, method)(*arguments, **named)).model_dump()

    return call


CALLS = {
    "tools": dumped("list_tools"),
    "resources": dumped("list_resources"),
    "prompts": dumped("list_prompts"),
    "tool": tool("echo", text='Å "quoted" town 😀'),
    "structured": tool("add", a=1, b=2),
    "image": tool("picture"),
    "progress": progress("slowly", steps=3),
    "caption": tool("caption", text="a pixel"),
    "resource": dumped("read_resource", "note://plain"),
    "prompt": dumped("get_prompt", "greet", {"name": "Ada"}),
    "failing_tool": tool("fail", text="broken"),
    "unknown_tool": tool("nothing"),
    "unknown_resource": unknown_resource,
}


def log():
    with open(os.environ["MCP_LOG"]) as lines:
        return [json.loads(line) for line in lines]


def text(result):
    return result["content"][0]["text"]


@needs_gateway
@unittest.skipUnless(MCP, "MCP is not set")
class Mcp(unittest.TestCase):
    def test_redact_tool_arguments(self):
        for era in ERAS:
            with self.subTest(era):
                [result] = through(era, "-redact", tool("echo", text=f"Charge {CARD} {era}"))
                self.assertEqual(text(result), f"Charge {LABEL} {era}")
                self.assertEqual(log()[-1], {"text": f"Charge {LABEL} {era}"})

    def test_redact_prompt_arguments(self):
        for era in ERAS:
            with self.subTest(era):
                through(era, "-redact", dumped("get_prompt", "greet", {"name": CARD}))
                self.assertEqual(log()[-1], {"name": LABEL})

    def test_redact_tool_results_structured_or_not(self):
        for era in ERAS:
            with self.subTest(era):
                [result] = through(era, "-answer-redact", tool("say", text=SAY_CARD))
                self.assertEqual(text(result), f"The card is {LABEL}.")
                # the same value once more, as structured content
                self.assertEqual(result["structured_content"], {"result": f"The card is {LABEL}."})

    def test_redact_resources(self):
        for era in ERAS:
            with self.subTest(era):
                [result] = through(era, "-answer-redact", dumped("read_resource", "note://card"))
                self.assertEqual(result["contents"][0]["text"], f"The card is {LABEL}.")

    def test_block_tool_arguments(self):
        for era in ERAS:
            with self.subTest(era):
                before = len(log())
                [told, after] = through(era, "-block", refused(tool("echo", text=f"Charge {CARD}")), tool("echo", text="fine"))
                self.assertIn(BLOCK_MESSAGE, told)
                self.assertNotIn("1111", told)
                # the session goes on
                self.assertEqual(text(after), "fine")
                self.assertEqual(log()[before:], [{"text": "fine"}])

    def test_redact_progress(self):
        for era in ERAS:
            with self.subTest(era):
                [(result, steps)] = through(era, "-answer-redact", progress("tell", text=SAY_CARD))
                self.assertEqual((text(result), steps), ("told", [(1, 1, f"The card is {LABEL}.")]))

    def test_block_progress(self):
        for era in ERAS:
            with self.subTest(era):
                heard = []

                async def report(_step, _total, message):
                    heard.append(message)

                async def call(c):
                    return (await c.call_tool("tell", {"text": SAY_CARD}, progress_callback=report)).model_dump()

                [told] = through(era, "-answer-block", refused(call))
                self.assertIn(BLOCK_MESSAGE, told)
                self.assertNotIn("1111", str(heard))

    def test_redact_image_and_text(self):
        for era in ERAS:
            with self.subTest(era):
                [result] = through(era, "-answer-redact", tool("caption", text=SAY_CARD))
                self.assertEqual([part["type"] for part in result["content"]], ["image", "text"])
                self.assertEqual(result["content"][1]["text"], f"The card is {LABEL}.")

    def test_redact_error(self):
        for era in ERAS:
            with self.subTest(era):
                [result] = through(era, "-answer-redact", tool("fail", text=SAY_CARD))
                self.assertTrue(result["is_error"])
                self.assertIn(f"The card is {LABEL}.", text(result))

    def test_block_results_of_a_structured_tool(self):
        for era in ERAS:
            with self.subTest(era):
                [told, after] = through(era, "-answer-block", refused(tool("say", text=SAY_CARD)), tool("echo", text="fine"))
                self.assertIn(BLOCK_MESSAGE, told)
                self.assertNotIn("1111", told)
                self.assertEqual(text(after), "fine")

    def test_block_prompt_arguments(self):
        for era in ERAS:
            with self.subTest(era):
                [told] = through(era, "-block", refused(dumped("get_prompt", "greet", {"name": CARD})))
                self.assertIn(BLOCK_MESSAGE, told)

    def at_once(self, case, message):
        """The results of 16 calls of as many clients."""

        async def one(number):
            async with Client(f"{GATEWAY}/mcp{case}/mcp") as c:
                call = tool("echo", text=message.format(number))
                return await refused(call)(c) if case == "-block" else text(await call(c))

        async def all_of_them():
            return await asyncio.gather(*map(one, range(16)))

        return asyncio.run(all_of_them())

    def test_nothing_matches_16_at_once(self):
        self.assertEqual(self.at_once("", "message {}"), [f"message {number}" for number in range(16)])

    def test_redact_16_at_once(self):
        self.assertEqual(self.at_once("-redact", "{}: " + CARD), [f"{number}: {LABEL}" for number in range(16)])

    def test_block_16_at_once(self):
        for told in self.at_once("-block", "{}: " + CARD):
            self.assertIn(BLOCK_MESSAGE, told)


def blocked(call):
    def test(self):
        for era in ERAS:
            with self.subTest(era):
                [told] = through(era, "-answer-block", refused(call))
                self.assertIn(BLOCK_MESSAGE, told)
                self.assertNotIn("1111", told)

    return test


BLOCKED = {
    "image_and_text": tool("caption", text=SAY_CARD),
    "error": tool("fail", text=SAY_CARD),
    "resource": dumped("read_resource", "note://card"),
}
for name, call in BLOCKED.items():
    setattr(Mcp, f"test_block_{name}", blocked(call))


def same(era, call):
    def test(self):
        self.assertEqual(through(era, "", call), called(era, MCP, call))

    return test


for era in ERAS:
    for name, call in CALLS.items():
        setattr(Mcp, f"test_nothing_matches_{name}_{era}", same(era, call))


if __name__ == "__main__":
    unittest.main()
