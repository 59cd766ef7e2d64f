"""The official OpenAI SDK against the stand-in model, and through the gateway."""

import asyncio
import json
import unittest

import httpx2
import openai
import pydantic

from places import (
    BLOCK_MESSAGE, CARD, GATEWAY, LABEL, PNG, SAY_CARD, STANDIN,
    Recorder, arrivals, fresh_id, named, needs_gateway, received,
)

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
TIME = {"type": "function", "function": {"name": "time", "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}}}}


class Trip(pydantic.BaseModel):
    city: str
    days: int
    stops: list[str]


def user(text):
    return [{"role": "user", "content": text}]


def client(base, **options):
    options.setdefault("max_retries", 0)
    return openai.OpenAI(base_url=f"{base}/v1", api_key="sk-test", **options)


def direct(**options):
    return client(STANDIN, **options)


def through(upstream, **options):
    return client(f"{GATEWAY}/{upstream}", **options)


def joined(chunks, index=0):
    """The text of one choice of a stream, and why it ended."""
    choices = [choice for chunk in chunks for choice in chunk.choices if choice.index == index]
    reasons = [choice.finish_reason for choice in choices if choice.finish_reason]
    return "".join(choice.delta.content or "" for choice in choices), reasons


def joined_arguments(chunks, call=0):
    """The argument text of one tool call of a stream."""
    deltas = [delta for chunk in chunks for choice in chunk.choices for delta in choice.delta.tool_calls or []]
    return "".join(delta.function.arguments for delta in deltas if delta.index == call)


# Each call a program may make, as a function of the client; what it returns can be compared.
def chat(c, **extra):
    return c.chat.completions.create(model="stand-in", messages=user("Hello there"), **extra).model_dump()


def chat_choices(c, **extra):
    return c.chat.completions.create(model="echo", messages=user("Good day"), n=3, logprobs=True, **extra).model_dump()


def chat_stream(c, **extra):
    stream = c.chat.completions.create(
        model="echo/chunk=3", messages=user("One, two, three and a żółw"), n=2, stream=True,
        stream_options={"include_usage": True}, **extra,
    )
    return [chunk.model_dump() for chunk in stream]


def chat_stream_cut(c, **extra):
    stream = c.chat.completions.create(model="echo/cut=7", messages=user("Zażółć gęślą jaźń 😀"), stream=True, **extra)
    return [chunk.model_dump() for chunk in stream]


def tools(c, **extra):
    return c.chat.completions.create(model="echo", messages=user("Oslo"), tools=[WEATHER], **extra).model_dump()


def tools_stream(c, **extra):
    stream = c.chat.completions.create(
        model="echo/chunk=2", messages=user('Å "quoted" town'), tools=[WEATHER, TIME], tool_choice="required", stream=True, **extra,
    )
    return [chunk.model_dump() for chunk in stream]


def tool_result(c, **extra):
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo","days":1}'}}
    messages = user("Weather?") + [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "14 degrees, rain"},
    ]
    return c.chat.completions.create(model="stand-in", messages=messages, tools=[WEATHER], **extra).model_dump()


def structured(c, **extra):
    parsed = c.chat.completions.parse(model="echo", messages=user("Bergen"), response_format=Trip, **extra)
    return parsed.choices[0].message.parsed.model_dump()


def structured_stream(c, **extra):
    with c.chat.completions.stream(model="echo/chunk=4", messages=user("Bergen"), response_format=Trip, **extra) as stream:
        kinds = [event.type for event in stream]
        return kinds, stream.get_final_completion().choices[0].message.parsed.model_dump()


def image(c, **extra):
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    ]
    return c.chat.completions.create(model="stand-in", messages=user(parts), **extra).model_dump()


def models(c, **extra):
    return [model.model_dump() for model in c.models.list(**extra)]


def upload(c, **extra):
    return c.files.create(file=("notes.txt", b"a plain note\n", "text/plain"), purpose="user_data", **extra).model_dump()


def broken_stream(c):
    """The text that came before a stream broke off; the SDK must tell, or a program would take it for the whole."""
    stream = c.chat.completions.create(model="echo/reset=3", messages=user("one two three four"), stream=True)
    chunks = []
    try:
        for chunk in stream:
            chunks.append(chunk)
    except (openai.APIError, httpx2.TransportError):
        assert chunks, "nothing came before the break"
        return joined(chunks)[0]
    raise AssertionError("the stream ended as if it were whole")


def error(status):
    def call(c, **extra):
        try:
            c.chat.completions.create(model=f"stand-in/status={status}", messages=user("Hello"), **extra)
        except openai.APIStatusError as raised:
            return type(raised).__name__, raised.status_code, raised.code, raised.type, raised.body
        raise AssertionError("the error was not raised")

    return call


CALLS = {
    "chat": chat, "chat_choices": chat_choices, "chat_stream": chat_stream, "chat_stream_cut": chat_stream_cut,
    "tools": tools, "tools_stream": tools_stream, "tool_result": tool_result, "structured": structured,
    "structured_stream": structured_stream, "image": image, "models": models, "upload": upload,
    "error_401": error(401), "error_404": error(404), "error_429": error(429), "error_500": error(500),
}


class StandIn(unittest.TestCase):
    """The stand-in model speaks the API: every answer is what the SDK expects."""

    def test_chat(self):
        answer = chat(direct())
        self.assertEqual(answer["choices"][0]["finish_reason"], "stop")
        self.assertIn("11 characters in 1 messages", answer["choices"][0]["message"]["content"])
        self.assertEqual(answer["usage"]["prompt_tokens"], 3)

    def test_choices_with_logprobs(self):
        choices = chat_choices(direct())["choices"]
        self.assertEqual([choice["message"]["content"] for choice in choices], ["Good day", "Good day (choice 2)", "Good day (choice 3)"])
        self.assertEqual("".join(token["token"] for token in choices[0]["logprobs"]["content"]), "Good day")

    def test_stream(self):
        stream = direct().chat.completions.create(
            model="echo/chunk=3", messages=user("One, two"), n=2, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
        self.assertEqual(joined(chunks), ("One, two", ["stop"]))
        self.assertEqual(joined(chunks, 1), ("One, two (choice 2)", ["stop"]))
        self.assertEqual((chunks[-1].choices, chunks[-1].usage.prompt_tokens), ([], 2))
        self.assertGreater(len(chunks), 8)

    def test_stream_cut_inside_characters(self):
        stream = direct().chat.completions.create(model="echo/cut=1", messages=user("żółw 😀"), stream=True)
        self.assertEqual(joined(list(stream)), ("żółw 😀", ["stop"]))

    def test_tools(self):
        choice = tools(direct())["choices"][0]
        self.assertEqual(choice["finish_reason"], "tool_calls")
        self.assertEqual(json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]), {"city": "Oslo", "days": 1})

    def test_tools_stream_helper(self):
        with direct().chat.completions.stream(
            model="echo/chunk=2", messages=user('Å "quoted" town'), tools=[WEATHER, TIME], tool_choice="required"
        ) as stream:
            calls = stream.get_final_completion().choices[0].message.tool_calls
        self.assertEqual([call.function.name for call in calls], ["weather", "time"])
        self.assertEqual(json.loads(calls[0].function.arguments), {"city": 'Å "quoted" town', "days": 1})
        self.assertEqual(json.loads(calls[1].function.arguments), {"zone": 'Å "quoted" town'})

    def test_tool_result(self):
        self.assertIn("14 degrees, rain", tool_result(direct())["choices"][0]["message"]["content"])

    def test_structured(self):
        trip = {"city": "Bergen", "days": 1, "stops": ["example"]}
        self.assertEqual(structured(direct()), trip)
        kinds, streamed = structured_stream(direct())
        self.assertEqual(streamed, trip)
        self.assertIn("content.done", kinds)

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(direct())["choices"][0]["message"]["content"])

    def test_models_and_files(self):
        self.assertEqual(models(direct())[0]["id"], "stand-in")
        self.assertEqual((upload(direct())["bytes"], upload(direct())["filename"]), (13, "notes.txt"))

    def test_errors(self):
        self.assertEqual(error(401)(direct())[:3], ("AuthenticationError", 401, "invalid_api_key"))
        self.assertEqual(error(429)(direct())[:3], ("RateLimitError", 429, "rate_limit_exceeded"))
        self.assertEqual(error(500)(direct())[:2], ("InternalServerError", 500))

    def test_retries(self):
        name = fresh_id()
        with self.assertRaises(openai.RateLimitError):
            direct(max_retries=2).chat.completions.create(
                model="stand-in/status=429", messages=user("Hello"), extra_headers=named(name)
            )
        self.assertEqual(len(arrivals(name)), 3)

    def test_broken_stream(self):
        self.assertEqual(broken_stream(direct()), "one two")


@needs_gateway
class NothingMatches(unittest.TestCase):
    """Through the gateway everything is as without it: the SDK's objects, and the bytes the model receives."""

    def test_retries_are_the_callers(self):
        name = fresh_id()
        with self.assertRaises(openai.RateLimitError):
            through("openai", max_retries=2).chat.completions.create(
                model="stand-in/status=429", messages=user("Hello"), extra_headers=named(name)
            )
        self.assertEqual(len(arrivals(name)), 3)

    def test_a_broken_stream_is_an_error(self):
        self.assertTrue("one two".startswith(broken_stream(through("openai"))))

    def test_32_at_once(self):
        async def ask(c, number):
            text = f"Message {number}: " + "all is well. " * number
            stream = await c.chat.completions.create(model="echo/chunk=5", messages=user(text), stream=True)
            return joined([chunk async for chunk in stream]), (text, ["stop"])

        async def ask_all():
            async with openai.AsyncOpenAI(base_url=f"{GATEWAY}/openai/v1", api_key="sk-test", max_retries=0) as c:
                return await asyncio.gather(*(ask(c, number) for number in range(32)))

        for got, expected in asyncio.run(ask_all()):
            self.assertEqual(got, expected)


def same(name, call):
    def test(self):
        here, there = fresh_id(), fresh_id()
        expected = call(direct(), extra_headers=named(here))
        self.assertEqual(call(through("openai"), extra_headers=named(there)), expected)
        # A form's boundary differs from request to request.
        if name != "upload":
            self.assertEqual(received(there), received(here))

    return test


for name, call in CALLS.items():
    setattr(NothingMatches, f"test_{name}", same(name, call))


@needs_gateway
class Redact(unittest.TestCase):
    """A value is rewritten on its way; the program that calls notices nothing but the label."""

    def test_prompt(self):
        name = fresh_id()
        answer = through("openai-redact").chat.completions.with_raw_response.create(
            model="echo", messages=user(f"Charge {CARD} please"), extra_headers=named(name)
        )
        self.assertEqual(answer.headers["x-portcullis-decision"], "redact")
        self.assertEqual(json.loads(received(name))["messages"][0]["content"], f"Charge {LABEL} please")
        self.assertEqual(answer.parse().choices[0].message.content, f"Charge {LABEL} please")

    def test_tool_arguments_in_the_prompt(self):
        name = fresh_id()
        call = {"id": "call_1", "type": "function", "function": {"name": "pay", "arguments": json.dumps({"note": "é", "card": CARD})}}
        messages = user("Go on") + [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "call_1", "content": "done"}]
        through("openai-redact").chat.completions.create(model="stand-in", messages=messages, extra_headers=named(name))
        arguments = json.loads(received(name))["messages"][1]["tool_calls"][0]["function"]["arguments"]
        self.assertEqual(json.loads(arguments), {"note": "é", "card": LABEL})

    def test_answer(self):
        answer = through("openai-answer-redact").chat.completions.create(model="stand-in", messages=user(SAY_CARD))
        self.assertEqual(answer.choices[0].message.content, f"The card is {LABEL}, and it expires next year.")

    def test_stream_however_it_is_cut(self):
        for options in ["chunk=1", "chunk=3", "chunk=1000", "cut=1", "cut=11", "chunk=2,cut=5"]:
            with self.subTest(options):
                stream = through("openai-answer-redact").chat.completions.create(
                    model=f"stand-in/{options}", messages=user(SAY_CARD), stream=True, n=2
                )
                chunks = list(stream)
                said = f"The card is {LABEL}, and it expires next year."
                self.assertEqual(joined(chunks), (said, ["stop"]))
                self.assertEqual(joined(chunks, 1), (f"{said} (choice 2)", ["stop"]))

    def test_streamed_tool_arguments(self):
        for chunk in [1, 3, 8]:
            with self.subTest(chunk):
                stream = through("openai-answer-redact").chat.completions.create(
                    model=f"stand-in/chunk={chunk}", messages=user(SAY_CARD), tools=[WEATHER], stream=True
                )
                arguments = json.loads(joined_arguments(list(stream)))
                self.assertEqual(arguments, {"city": f"The card is {LABEL}, and it expires next year.", "days": 1})


@needs_gateway
class Block(unittest.TestCase):
    """A block is the SDK's own permission error, is not retried, and repeats nothing."""

    def refused(self, upstream, **request):
        name, recorder = fresh_id(), Recorder(openai.DefaultHttpxClient)
        c = through(upstream, http_client=recorder.client, max_retries=2)
        with self.assertRaises(openai.PermissionDeniedError) as raised:
            answer = c.chat.completions.create(extra_headers=named(name), **request)
            list(answer) if request.get("stream") else None
        refusal = raised.exception
        self.assertEqual((refusal.status_code, refusal.code, recorder.sent), (403, "content_policy_violation", 1))
        self.assertEqual(refusal.response.headers["x-should-retry"], "false")
        self.assertEqual(refusal.response.headers["x-portcullis-decision"], "block")
        self.assertIn(BLOCK_MESSAGE, refusal.message)
        self.assertNotIn("1111", str(refusal.body))
        return name

    def test_prompt(self):
        name = self.refused("openai-block", model="echo", messages=user(f"Charge {CARD} please"))
        self.assertEqual(arrivals(name), [])

    def test_streamed_request(self):
        name = self.refused("openai-block", model="echo", messages=user(f"Charge {CARD} please"), stream=True)
        self.assertEqual(arrivals(name), [])

    def test_answer(self):
        name = self.refused("openai-answer-block", model="stand-in", messages=user(SAY_CARD))
        self.assertEqual(len(arrivals(name)), 1)

    def test_mid_stream(self):
        for options in ["chunk=1", "chunk=4", "chunk=1000", "cut=3"]:
            with self.subTest(options):
                stream = through("openai-answer-block").chat.completions.create(
                    model=f"stand-in/{options}", messages=user(SAY_CARD), stream=True, n=2
                )
                chunks = list(stream)
                for choice in range(2):
                    text, reasons = joined(chunks, choice)
                    self.assertEqual(reasons, ["content_filter"])
                    self.assertTrue("The card is ".startswith(text), text)

    def test_mid_stream_helper(self):
        with through("openai-answer-block").chat.completions.stream(model="stand-in/chunk=4", messages=user(SAY_CARD)) as stream:
            # what the helper makes of a filtered answer: an exception of its own
            with self.assertRaises(openai.ContentFilterFinishReasonError):
                stream.get_final_completion()


if __name__ == "__main__":
    unittest.main()
