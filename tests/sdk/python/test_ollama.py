"""Ollama's official SDK against the stand-in model, and through the gateway."""

import json

import ollama

from modes import SCHEMA, Modes, failed, unittest
from places import PNG, named

WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}}


def user(text, **more):
    return [{"role": "user", "content": text, **more}]


def make(c, model="echo", messages=None, **options):
    return c.chat(model=model, messages=messages or user("Good day"), **options).model_dump()


def structured(c, text="Bergen"):
    return json.loads(make(c, messages=user(text), format=SCHEMA)["message"]["content"])


def tool_result(c):
    call = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Oslo"}}}]}
    return make(c, "stand-in", user("Weather?") + [call, {"role": "tool", "content": "14 degrees", "tool_name": "weather"}])


def image(c, text="What is this?"):
    return make(c, "stand-in", user(text, images=[PNG]))["message"]["content"]


class Ollama(Modes, unittest.TestCase):
    peer = "ollama"
    refusal = ollama.ResponseError
    calls = {
        "chat": lambda c: make(c, "stand-in"),
        "stream": lambda c: [part.model_dump() for part in c.chat("echo~cut=7", user("One żółw 😀"), stream=True)],
        "tools": lambda c: make(c, tools=[WEATHER]),
        "tools_stream": lambda c: [part.model_dump() for part in c.chat("echo", user('Å "q"'), tools=[WEATHER], stream=True)],
        "tool_result": tool_result,
        "structured": structured,
        "image": image,
        "generate": lambda c: c.generate("echo", "Good day").model_dump(),
        "generate_stream": lambda c: [part.model_dump() for part in c.generate("echo~chunk=2", "Good day", stream=True)],
        "embed": lambda c: c.embed("stand-in", ["one", "two"]).model_dump(),
        "models": lambda c: c.list().model_dump(),
        "error_400": lambda c: failed(lambda: make(c, "echo~status=400")),
        "error_404": lambda c: failed(lambda: make(c, "echo~status=404")),
        "error_500": lambda c: failed(lambda: make(c, "echo~status=500")),
    }
    send = {
        "image": image,
        "structured": structured,
        "embedding": lambda c, text: c.embed("stand-in", [text]),
        "generate": lambda c, text: c.generate("echo", text),
    }
    earlier = {"system": lambda c, text: make(c, messages=[{"role": "system", "content": text}] + user("Hello"))}

    def client(self, address, name):
        return ollama.Client(host=address, headers=named(name))

    def ask(self, c, model, text):
        return make(c, model, user(text))["message"]["content"]

    def stream(self, c, model, text):
        for part in c.chat(model, user(text), stream=True):
            yield part.message.content, part.done_reason

    def tool(self, c, model, text):
        return make(c, model, user(text), tools=[WEATHER])["message"]["tool_calls"][0]["function"]["arguments"]

    def tool_stream(self, c, model, text):
        parts = list(c.chat(model, user(text), tools=[WEATHER], stream=True))
        return dict(next(part.message.tool_calls for part in parts if part.message.tool_calls)[0].function.arguments)

    def test_structured(self):
        self.assertEqual(structured(self.through()), {"city": "Bergen", "days": 1})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(self.through()))


if __name__ == "__main__":
    unittest.main()
