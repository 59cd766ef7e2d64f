"""LiteLLM as a client of several APIs against the stand-in model, and through the gateway."""

import base64
import json
import os

# Without this it reads its price list over the network when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

from modes import SCHEMA, Modes, failed, unittest
from places import PNG, named

litellm.suppress_debug_info = True
WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}}


def user(content):
    return [{"role": "user", "content": content}]


def make(c, model="echo", content="Good day", **options):
    return litellm.completion(model=model, messages=user(content), **c, **options)


def plain(response):
    # made up by the client, when an answer brings none
    return response.model_dump(exclude={"id", "created"})


def image(c, text="What is this?"):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    return make(c, "stand-in", [{"type": "text", "text": text}, picture]).choices[0].message.content


def file(c, text="a plain note"):
    data = "data:text/plain;base64," + base64.b64encode(text.encode()).decode()
    part = {"type": "file", "file": {"file_data": data, "filename": "note.txt"}}
    return make(c, "stand-in", [part, {"type": "text", "text": "Sum it up"}]).choices[0].message.content


def embed(c, text="one"):
    return litellm.embedding(model="stand-in", input=[text, "two"], encoding_format="float", **c).model_dump()


def structured(c, text="Bergen"):
    return json.loads(make(c, content=text, response_format={"type": "json_schema", "json_schema": {"name": "trip", "schema": SCHEMA}}).choices[0].message.content)


CALLS = {
    "chat": lambda c: plain(make(c, "stand-in")),
    "stream": lambda c: [plain(chunk) for chunk in make(c, "echo~cut=7", "One żółw 😀", stream=True)],
    "tools": lambda c: make(c, content="Oslo", tools=[WEATHER]).choices[0].message.tool_calls[0].function.model_dump(),
    "image": image,
    "structured": structured,
    "error_400": lambda c: failed(lambda: make(c, "echo~status=400")),
}
SEND = {"image": image, "structured": structured}


class Shared(Modes):
    """What LiteLLM does the same whatever API it speaks."""

    refusal = Exception
    api = ""
    path = ""

    def client(self, address, name):
        return {
            "api_base": address + self.path, "api_key": "sk-test", "extra_headers": named(name), "custom_llm_provider": self.api,
            "timeout": 30,
        }

    def ask(self, c, model, text):
        return make(c, model, text).choices[0].message.content

    def stream(self, c, model, text):
        for chunk in make(c, model, text, stream=True):
            yield chunk.choices[0].delta.content, chunk.choices[0].finish_reason

    def tool(self, c, model, text):
        return json.loads(make(c, model, text, tools=[WEATHER]).choices[0].message.tool_calls[0].function.arguments)


class OpenAi(Shared, unittest.TestCase):
    peer, api, path = "openai", "openai", "/v1"
    calls = CALLS | {"embed": embed, "file": file}
    send = SEND | {"embedding": embed, "file": file}


class Anthropic(Shared, unittest.TestCase):
    peer, api = "anthropic", "anthropic"
    calls = CALLS
    send = SEND


if __name__ == "__main__":
    unittest.main()
