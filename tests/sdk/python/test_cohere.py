"""Cohere's official SDK (API v2) against the stand-in model, and through the gateway."""

import json

import cohere
import httpx
from cohere.core.api_error import ApiError

from modes import SCHEMA, Modes, failed, unittest
from places import PNG, named

WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}}


def user(content):
    return [{"role": "user", "content": content}]


def make(c, model="echo", messages=None, **options):
    return c.chat(model=model, messages=messages or user("Good day"), **options).model_dump()


def structured(c, text="Bergen"):
    answer = make(c, messages=user(text), response_format={"type": "json_object", "json_schema": SCHEMA})
    return json.loads(answer["message"]["content"][0]["text"])


def tool_result(c):
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
    messages = user("Weather?") + [
        {"role": "assistant", "tool_calls": [call], "tool_plan": "I will look."},
        {"role": "tool", "tool_call_id": "c1", "content": "14 degrees"},
    ]
    return make(c, "stand-in", messages, tools=[WEATHER])


def image(c, text="What is this?"):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    return make(c, "stand-in", user([picture, {"type": "text", "text": text}]))["message"]["content"][0]["text"]


def embed(c, *texts):
    answer = c.embed(model="stand-in", texts=texts or ["one", "two"], input_type="search_document", embedding_types=["float"])
    return answer.model_dump()


def events(c, model, text, **options):
    return c.chat_stream(model=model, messages=user(text), **options)


class Cohere(Modes, unittest.TestCase):
    peer = "cohere"
    refusal = ApiError
    ended, blocked = "COMPLETE", "ERROR"
    calls = {
        "chat": lambda c: make(c, "stand-in"),
        "stream": lambda c: [event.model_dump() for event in events(c, "echo~cut=7", "One żółw 😀")],
        "tools": lambda c: make(c, tools=[WEATHER]),
        "tools_stream": lambda c: [event.model_dump() for event in events(c, "echo~chunk=2", 'Å "q"', tools=[WEATHER])],
        "tool_result": tool_result,
        "structured": structured,
        "image": image,
        "documents": lambda c: make(c, "stand-in", documents=[{"data": {"text": "a plain note"}}]),
        "embed": embed,
        "error_400": lambda c: failed(lambda: make(c, "echo~status=400")),
        "error_429": lambda c: failed(lambda: make(c, "echo~status=429")),
    }
    send = {
        "embedding": embed,
        "image": image,
        "structured": structured,
        "document": lambda c, text: make(c, documents=[{"data": {"text": text}}]),
    }
    earlier = {"system": lambda c, text: make(c, messages=[{"role": "system", "content": text}] + user("Hello"))}

    def client(self, address, name):
        c = cohere.ClientV2(api_key="test", base_url=address, httpx_client=httpx.Client(headers=named(name), timeout=30))
        return c

    def ask(self, c, model, text):
        return make(c, model, user(text))["message"]["content"][0]["text"]

    def stream(self, c, model, text):
        for event in events(c, model, text):
            if event.type == "content-delta":
                yield event.delta.message.content.text, None
            elif event.type == "message-end":
                yield None, event.delta.finish_reason

    def tool(self, c, model, text):
        call = make(c, model, user(text), tools=[WEATHER])["message"]["tool_calls"][0]
        return json.loads(call["function"]["arguments"])

    def tool_stream(self, c, model, text):
        parts = [event for event in events(c, model, text, tools=[WEATHER]) if event.type == "tool-call-delta"]
        return json.loads("".join(event.delta.message.tool_calls.function.arguments for event in parts))

    def test_structured(self):
        self.assertEqual(structured(self.through()), {"city": "Bergen", "days": 1})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(self.through()))


if __name__ == "__main__":
    unittest.main()
