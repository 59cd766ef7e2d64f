"""The official Anthropic SDK against the stand-in model, and through the gateway."""

import asyncio
import base64
import json
import unittest

import anthropic
import httpx2
import pydantic

from modes import Modes
from places import (
    BLOCK_MESSAGE, CARD, GATEWAY, LABEL, PNG, SAY_CARD, STANDIN,
    Recorder, arrivals, fresh_id, named, needs_gateway, received,
)

WEATHER = {
    "name": "weather",
    "description": "Tells the weather of a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}
TIME = {"name": "time", "input_schema": {"type": "object", "properties": {"zone": {"type": "string"}}}}
THINK = {"type": "enabled", "budget_tokens": 1024}


class Trip(pydantic.BaseModel):
    city: str
    days: int
    stops: list[str]


def user(content):
    return [{"role": "user", "content": content}]


def client(base, **options):
    options.setdefault("max_retries", 0)
    return anthropic.Anthropic(base_url=base, api_key="sk-ant-test", **options)


def direct(**options):
    return client(STANDIN, **options)


def through(upstream, **options):
    return client(f"{GATEWAY}/{upstream}", **options)


def ask(c, model, content, **extra):
    return c.messages.create(model=model, max_tokens=2048, messages=user(content), **extra)


def events(c, model, content, **extra):
    return list(ask(c, model, content, stream=True, **extra))


def joined(all_events):
    """The text of a stream, and why it ended."""
    text = "".join(e.delta.text for e in all_events if e.type == "content_block_delta" and e.delta.type == "text_delta")
    return text, [e.delta.stop_reason for e in all_events if e.type == "message_delta"]


def dump(all_events):
    return [event.model_dump() for event in all_events]


# Each call a program may make, as a function of the client; what it returns can be compared.
def message(c, **extra):
    return ask(c, "stand-in", "Hello there", system="Be brief.", **extra).model_dump()


def stream_events(c, **extra):
    return dump(events(c, "echo/chunk=3", "One, two, three and a żółw", **extra))


def stream_cut(c, **extra):
    return dump(events(c, "echo/cut=7", "Zażółć gęślą jaźń 😀", **extra))


def thinking(c, **extra):
    return dump(events(c, "echo", "Think first", thinking=THINK, **extra))


def stream_helper(c, **extra):
    with c.messages.stream(model="echo", max_tokens=99, messages=user("Good day"), **extra) as stream:
        text = "".join(stream.text_stream)
        return text, stream.get_final_message().model_dump()


def tools(c, **extra):
    return ask(c, "echo", "Oslo", tools=[WEATHER], **extra).model_dump()


def tools_stream(c, **extra):
    return dump(events(c, "echo/chunk=2", 'Å "quoted" town', tools=[WEATHER, TIME], tool_choice={"type": "any"}, **extra))


def tool_result(c, **extra):
    messages = user("Weather?") + [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "14 degrees, rain"}]},
    ]
    return c.messages.create(model="stand-in", max_tokens=99, messages=messages, tools=[WEATHER], **extra).model_dump()


def structured(c, **extra):
    parsed = c.messages.parse(model="echo", max_tokens=99, messages=user("Bergen"), output_format=Trip, **extra)
    return parsed.parsed_output.model_dump()


def image(c, **extra):
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    return ask(c, "stand-in", [{"type": "text", "text": "What is this?"}, {"type": "image", "source": source}], **extra).model_dump()


def count(c, **extra):
    return c.messages.count_tokens(model="stand-in", messages=user("Hello there"), **extra).model_dump()


def models(c, **extra):
    return [model.model_dump() for model in c.models.list(**extra)]


def upload(c, **extra):
    return c.beta.files.upload(file=("notes.txt", b"a plain note\n", "text/plain"), **extra).model_dump()


def broken_stream(c):
    """The text that came before a stream broke off; the SDK must tell, or a program would take it for the whole."""
    got = []
    try:
        for event in ask(c, "echo/reset=4", "one two three four", stream=True):
            got.append(event)
    except (anthropic.APIError, httpx2.TransportError):
        assert got, "nothing came before the break"
        return joined(got)[0]
    raise AssertionError("the stream ended as if it were whole")


def error(status):
    def call(c, **extra):
        try:
            ask(c, f"stand-in/status={status}", "Hello", **extra)
        except anthropic.APIStatusError as raised:
            return type(raised).__name__, raised.status_code, raised.body
        raise AssertionError("the error was not raised")

    return call


CALLS = {
    "message": message, "stream_events": stream_events, "stream_cut": stream_cut, "thinking": thinking,
    "stream_helper": stream_helper, "tools": tools, "tools_stream": tools_stream, "tool_result": tool_result,
    "structured": structured, "image": image, "count": count, "models": models, "upload": upload,
    "error_401": error(401), "error_404": error(404), "error_429": error(429), "error_529": error(529),
}


class StandIn(unittest.TestCase):
    """The stand-in model speaks the API: every answer is what the SDK expects."""

    def test_message(self):
        answer = message(direct())
        self.assertEqual((answer["stop_reason"], answer["usage"]["input_tokens"]), ("end_turn", 5))
        self.assertIn("20 characters in 1 messages", answer["content"][0]["text"])

    def test_stream(self):
        self.assertEqual(joined(events(direct(), "echo/chunk=3", "One, two")), ("One, two", ["end_turn"]))
        self.assertEqual(joined(events(direct(), "echo/cut=1", "żółw 😀")), ("żółw 😀", ["end_turn"]))
        text, final = stream_helper(direct())
        self.assertEqual((text, final["content"][0]["text"]), ("Good day", "Good day"))

    def test_thinking(self):
        with direct().messages.stream(model="echo", max_tokens=2048, messages=user("Think first"), thinking=THINK) as stream:
            thought, said = stream.get_final_message().content
        self.assertEqual((thought.type, said.text), ("thinking", "Think first"))
        self.assertTrue(thought.thinking and thought.signature)

    def test_tools(self):
        answer = tools(direct())
        self.assertEqual((answer["stop_reason"], answer["content"][0]["input"]), ("tool_use", {"city": "Oslo", "days": 1}))

    def test_tools_stream_helper(self):
        with direct().messages.stream(
            model="echo/chunk=2", max_tokens=99, messages=user('Å "quoted" town'), tools=[WEATHER, TIME], tool_choice={"type": "any"}
        ) as stream:
            weather, time = stream.get_final_message().content
        self.assertEqual((weather.name, weather.input), ("weather", {"city": 'Å "quoted" town', "days": 1}))
        self.assertEqual((time.name, time.input), ("time", {"zone": 'Å "quoted" town'}))

    def test_tool_result(self):
        self.assertIn("14 degrees, rain", tool_result(direct())["content"][0]["text"])

    def test_structured(self):
        self.assertEqual(structured(direct()), {"city": "Bergen", "days": 1, "stops": ["example"]})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(direct())["content"][0]["text"])

    def test_count_models_files(self):
        self.assertEqual(count(direct())["input_tokens"], 3)
        self.assertEqual(models(direct())[0]["id"], "stand-in")
        self.assertEqual(upload(direct())["size_bytes"], 13)

    def test_errors(self):
        self.assertEqual(error(401)(direct())[:2], ("AuthenticationError", 401))
        self.assertEqual(error(429)(direct())[:2], ("RateLimitError", 429))
        self.assertEqual(error(529)(direct())[2]["error"]["type"], "overloaded_error")

    def test_retries(self):
        name = fresh_id()
        with self.assertRaises(anthropic.RateLimitError):
            ask(direct(max_retries=2), "stand-in/status=429", "Hello", extra_headers=named(name))
        self.assertEqual(len(arrivals(name)), 3)

    def test_broken_stream(self):
        self.assertEqual(broken_stream(direct()), "one")


@needs_gateway
class NothingMatches(unittest.TestCase):
    """Through the gateway everything is as without it: the SDK's objects, and the bytes the model receives."""

    def test_retries_are_the_callers(self):
        name = fresh_id()
        with self.assertRaises(anthropic.RateLimitError):
            ask(through("anthropic", max_retries=2), "stand-in/status=429", "Hello", extra_headers=named(name))
        self.assertEqual(len(arrivals(name)), 3)

    def test_a_broken_stream_is_an_error(self):
        self.assertTrue("one".startswith(broken_stream(through("anthropic"))))

    def test_32_at_once(self):
        async def ask_one(c, number):
            text = f"Message {number}: " + "all is well. " * number
            stream = await c.messages.create(model="echo/chunk=5", max_tokens=99, messages=user(text), stream=True)
            return joined([event async for event in stream]), (text, ["end_turn"])

        async def ask_all():
            async with anthropic.AsyncAnthropic(base_url=f"{GATEWAY}/anthropic", api_key="sk-ant-test", max_retries=0) as c:
                return await asyncio.gather(*(ask_one(c, number) for number in range(32)))

        for got, expected in asyncio.run(ask_all()):
            self.assertEqual(got, expected)


def same(name, call):
    def test(self):
        here, there = fresh_id(), fresh_id()
        expected = call(direct(), extra_headers=named(here))
        self.assertEqual(call(through("anthropic"), extra_headers=named(there)), expected)
        # A form's boundary differs from request to request.
        if name != "upload":
            self.assertEqual(received(there), received(here))

    return test


for name, call in CALLS.items():
    setattr(NothingMatches, f"test_{name}", same(name, call))


@needs_gateway
class Redact(unittest.TestCase):
    """A value is rewritten on its way; the program that calls notices nothing but the label."""

    def test_prompt_and_system(self):
        name = fresh_id()
        answer = through("anthropic-redact").messages.with_raw_response.create(
            model="echo", max_tokens=99, system=f"The card is {CARD}.", messages=user(f"Charge {CARD} please"), extra_headers=named(name)
        )
        self.assertEqual(answer.headers["x-portcullis-decision"], "redact")
        body = json.loads(received(name))
        self.assertEqual((body["system"], body["messages"][0]["content"]), (f"The card is {LABEL}.", f"Charge {LABEL} please"))
        self.assertEqual(answer.parse().content[0].text, f"Charge {LABEL} please")

    def test_tool_input_and_result_in_the_prompt(self):
        name = fresh_id()
        messages = user("Go on") + [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "pay", "input": {"note": "é", "card": CARD}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": f"Charged {CARD}."}]}]},
        ]
        through("anthropic-redact").messages.create(model="stand-in", max_tokens=99, messages=messages, extra_headers=named(name))
        sent = json.loads(received(name))["messages"]
        self.assertEqual(sent[1]["content"][0]["input"], {"note": "é", "card": LABEL})
        self.assertEqual(sent[2]["content"][0]["content"][0]["text"], f"Charged {LABEL}.")

    def test_answer(self):
        answer = ask(through("anthropic-answer-redact"), "stand-in", SAY_CARD)
        self.assertEqual(answer.content[0].text, f"The card is {LABEL}, and it expires next year.")

    def test_stream_however_it_is_cut(self):
        for options in ["chunk=1", "chunk=3", "chunk=1000", "cut=1", "cut=11", "chunk=2,cut=5"]:
            with self.subTest(options):
                got = joined(events(through("anthropic-answer-redact"), f"stand-in/{options}", SAY_CARD, thinking=THINK))
                self.assertEqual(got, (f"The card is {LABEL}, and it expires next year.", ["end_turn"]))

    def test_streamed_tool_input(self):
        for chunk in [1, 3, 8]:
            with self.subTest(chunk):
                with through("anthropic-answer-redact").messages.stream(
                    model=f"stand-in/chunk={chunk}", max_tokens=99, messages=user(SAY_CARD), tools=[WEATHER]
                ) as stream:
                    call = stream.get_final_message().content[0]
                self.assertEqual(call.input, {"city": f"The card is {LABEL}, and it expires next year.", "days": 1})


@needs_gateway
class Block(unittest.TestCase):
    """A block is the SDK's own permission error, is not retried, and repeats nothing."""

    def refused(self, upstream, model, content, **extra):
        name, recorder = fresh_id(), Recorder(anthropic.DefaultHttpxClient)
        c = through(upstream, http_client=recorder.client, max_retries=2)
        with self.assertRaises(anthropic.PermissionDeniedError) as raised:
            answer = ask(c, model, content, extra_headers=named(name), **extra)
            list(answer) if extra.get("stream") else None
        refusal = raised.exception
        self.assertEqual((refusal.status_code, refusal.body["error"]["type"], recorder.sent), (403, "permission_error", 1))
        self.assertEqual(refusal.response.headers["x-should-retry"], "false")
        self.assertEqual(refusal.response.headers["x-portcullis-decision"], "block")
        self.assertIn(BLOCK_MESSAGE, refusal.body["error"]["message"])
        self.assertNotIn("1111", str(refusal.body))
        return name

    def test_prompt(self):
        name = self.refused("anthropic-block", "echo", f"Charge {CARD} please")
        self.assertEqual(arrivals(name), [])

    def test_streamed_request(self):
        name = self.refused("anthropic-block", "echo", f"Charge {CARD} please", stream=True)
        self.assertEqual(arrivals(name), [])

    def test_answer(self):
        name = self.refused("anthropic-answer-block", "stand-in", SAY_CARD)
        self.assertEqual(len(arrivals(name)), 1)

    def test_mid_stream(self):
        for options in ["chunk=1", "chunk=4", "chunk=1000", "cut=3"]:
            with self.subTest(options):
                got = events(through("anthropic-answer-block"), f"stand-in/{options}", SAY_CARD)
                text, reasons = joined(got)
                self.assertEqual((reasons, got[-1].type), (["refusal"], "message_stop"))
                kinds = [event.type for event in got]
                self.assertEqual(kinds.count("content_block_stop"), kinds.count("content_block_start"))
                self.assertTrue("The card is ".startswith(text), text)

    def test_mid_stream_helper(self):
        with through("anthropic-answer-block").messages.stream(
            model="stand-in/chunk=4", max_tokens=99, messages=user(SAY_CARD)
        ) as stream:
            final = stream.get_final_message()
        self.assertEqual(final.stop_reason, "refusal")


def document(c, text="a plain note"):
    source = {"type": "base64", "media_type": "text/plain", "data": base64.b64encode(text.encode()).decode()}
    plain = {"type": "document", "title": "note", "source": {"type": "text", "media_type": "text/plain", "data": "a plain note"}}
    return ask(c, "stand-in", [{"type": "document", "source": source}, plain, {"type": "text", "text": "Sum it up"}]).model_dump()


def batch(c, text="Good day"):
    request = {"custom_id": "one", "params": {"model": "echo", "max_tokens": 100, "messages": user(text)}}
    return c.messages.batches.create(requests=[request]).model_dump()


def picture(c, text):
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    return ask(c, "stand-in", [{"type": "image", "source": source}, {"type": "text", "text": text}])


class Channels(Modes, unittest.TestCase):
    """What the tests above do not send."""

    peer = "anthropic"
    refusal = anthropic.PermissionDeniedError
    ended, blocked = "end_turn", "refusal"
    calls = {
        "document": document,
        "batch": batch,
        "count_tokens": lambda c: c.messages.count_tokens(model="stand-in", messages=user("How much?"), tools=[WEATHER]).model_dump(),
    }
    send = {
        "document": document,
        "image": picture,
        "structured": lambda c, text: c.messages.parse(model="echo", max_tokens=99, messages=user(text), output_format=Trip),
        "batch": batch,
        "file": lambda c, text: c.beta.files.upload(file=("note.txt", text.encode(), "text/plain")),
        "count_tokens": lambda c, text: c.messages.count_tokens(model="stand-in", messages=user(text)),
        "tool_description": lambda c, text: ask(c, "stand-in", "Hello", tools=[WEATHER | {"description": text}]),
        "metadata": lambda c, text: ask(c, "stand-in", "Hello", metadata={"user_id": text}),
        "stop_sequence": lambda c, text: ask(c, "stand-in", "Hello", stop_sequences=[text]),
    }

    def client(self, address, name):
        return client(address, max_retries=2, default_headers=named(name))

    def ask(self, c, model, text):
        return "".join(block.text for block in ask(c, model, text).content)

    def tool(self, c, model, text):
        return ask(c, model, text, tools=[WEATHER]).content[0].input

    def tool_stream(self, c, model, text):
        deltas = [event.delta for event in ask(c, model, text, tools=[WEATHER], stream=True) if event.type == "content_block_delta"]
        return json.loads("".join(delta.partial_json for delta in deltas))

    def stream(self, c, model, text):
        for event in ask(c, model, text, stream=True):
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                yield event.delta.text, None
            elif event.type == "message_delta":
                yield None, event.delta.stop_reason


if __name__ == "__main__":
    unittest.main()
