"""Mistral's official SDK against the stand-in model, and through the gateway."""

import json

import httpx2
from mistralai.client import Mistral, errors

from modes import SCHEMA, Modes, failed, unittest
from places import PNG, named

WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}}


def user(content):
    return [{"role": "user", "content": content}]


def make(c, model="echo", messages=None, **options):
    return c.chat.complete(model=model, messages=messages or user("Good day"), **options).model_dump()


def structured(c, text="Bergen"):
    schema = {"type": "json_schema", "json_schema": {"name": "trip", "schema": SCHEMA}}
    return json.loads(make(c, messages=user(text), response_format=schema)["choices"][0]["message"]["content"])


def tool_result(c):
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
    messages = user("Weather?") + [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "name": "weather", "content": "14 degrees"},
    ]
    return make(c, "stand-in", messages, tools=[WEATHER])


def image(c, text="What is this?"):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    return make(c, "stand-in", user([picture, {"type": "text", "text": text}]))["choices"][0]["message"]["content"]


def events(c, model, text, **options):
    return c.chat.stream(model=model, messages=user(text), **options)


def upload(c, text="a plain note\n"):
    return c.files.upload(file={"file_name": "notes.txt", "content": text.encode()}).model_dump()


class MistralAi(Modes, unittest.TestCase):
    peer = "mistral"
    refusal = errors.MistralError
    random = ("upload",)
    calls = {
        "chat": lambda c: make(c, "stand-in"),
        "stream": lambda c: [event.model_dump() for event in events(c, "echo~cut=7", "One żółw 😀")],
        "tools": lambda c: make(c, tools=[WEATHER]),
        "tools_stream": lambda c: [event.model_dump() for event in events(c, "echo~chunk=2", 'Å "q"', tools=[WEATHER])],
        "tool_result": tool_result,
        "structured": structured,
        "image": image,
        "embed": lambda c: c.embeddings.create(model="stand-in", inputs=["one", "two"]).model_dump(),
        "upload": upload,
        "error_400": lambda c: failed(lambda: make(c, "echo~status=400")),
        "error_401": lambda c: failed(lambda: make(c, "echo~status=401")),
        "error_500": lambda c: failed(lambda: make(c, "echo~status=500")),
    }
    send = {
        "embedding": lambda c, text: c.embeddings.create(model="stand-in", inputs=[text]),
        "file": upload,
        "image": image,
        "structured": structured,
    }
    earlier = {"system": lambda c, text: make(c, messages=[{"role": "system", "content": text}] + user("Hello"))}

    def client(self, address, name):
        return Mistral(api_key="test", server_url=address, client=httpx2.Client(headers=named(name), timeout=30))

    def ask(self, c, model, text):
        return make(c, model, user(text))["choices"][0]["message"]["content"]

    def stream(self, c, model, text):
        for event in events(c, model, text):
            for choice in event.data.choices:
                yield choice.delta.content, choice.finish_reason

    def tool(self, c, model, text):
        call = make(c, model, user(text), tools=[WEATHER])["choices"][0]["message"]["tool_calls"][0]
        return json.loads(call["function"]["arguments"])

    def tool_stream(self, c, model, text):
        deltas = [choice.delta for event in events(c, model, text, tools=[WEATHER]) for choice in event.data.choices]
        return json.loads("".join(call.function.arguments for delta in deltas for call in delta.tool_calls or []))

    def test_structured(self):
        self.assertEqual(structured(self.through()), {"city": "Bergen", "days": 1})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(self.through()))


if __name__ == "__main__":
    unittest.main()
