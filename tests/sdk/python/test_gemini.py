"""Google's official SDK for Gemini against the stand-in model, and through the gateway."""

import base64
import io
import json

from google import genai
from google.genai import errors, types

from modes import SCHEMA, Modes, failed, sent, unittest
from places import BLOCK_MESSAGE, CARD, LABEL, PNG, arrivals, fresh_id, named, received

WEATHER = types.Tool(function_declarations=[{"name": "weather", "description": "Tells the weather.", "parameters_json_schema": SCHEMA}])


def client(address, name):
    return genai.Client(api_key="test", http_options={"base_url": address, "headers": named(name)})


def make(c, model="echo", contents="Good day", **config):
    return c.models.generate_content(model=model, contents=contents, config=config or None)


def plain(response):
    # the headers hold dates and the gateway's request id
    return response.model_dump(exclude={"sdk_http_response"})


def structured(c, text="Bergen"):
    return make(c, contents=text, response_mime_type="application/json", response_json_schema=SCHEMA).parsed


def tool_result(c):
    contents = [
        types.Content(role="user", parts=[types.Part(text="Weather?")]),
        types.Content(role="model", parts=[types.Part.from_function_call(name="weather", args={"city": "Oslo"})]),
        types.Content(role="user", parts=[types.Part.from_function_response(name="weather", response={"degrees": 14})]),
    ]
    return plain(make(c, "stand-in", contents, tools=[WEATHER]))


def image(c, text="What is this?"):
    picture = types.Part.from_bytes(data=base64.b64decode(PNG), mime_type="image/png")
    return make(c, "stand-in", [picture, text]).text


def file(c, text="a plain note"):
    part = types.Part.from_bytes(data=text.encode(), mime_type="text/plain")
    return plain(make(c, "stand-in", [part, "Sum it up"]))


def upload(c, text="a plain note\n"):
    return c.files.upload(file=io.BytesIO(text.encode()), config={"mime_type": "text/plain", "display_name": "note"})


def embed(c, texts=("one", "two")):
    return plain(c.models.embed_content(model="stand-in", contents=list(texts)))


def parts():
    """The parts of uploads that reached the stand-in model; they bear no name."""
    return [entry for entry in arrivals(None) if "upload_id=" in entry["path"]]


class Gemini(Modes, unittest.TestCase):
    peer = "gemini"
    refusal = errors.ClientError
    ended, blocked = "FinishReason.STOP", "FinishReason.SPII"
    client = staticmethod(client)
    calls = {
        "generate": lambda c: plain(make(c, "stand-in")),
        "candidates": lambda c: plain(make(c, candidate_count=3, system_instruction="Be brief.")),
        "stream": lambda c: [plain(part) for part in c.models.generate_content_stream(model="echo~cut=7", contents="One żółw 😀")],
        "tools": lambda c: plain(make(c, contents="Oslo", tools=[WEATHER])),
        "tool_result": tool_result,
        "structured": structured,
        "image": image,
        "embed": embed,
        "file_in_a_prompt": file,
        "count_tokens": lambda c: plain(c.models.count_tokens(model="stand-in", contents="How much?")),
        "upload": lambda c: upload(c).model_dump(),
        "chat": lambda c: [c.chats.create(model="echo").send_message(text).text for text in ("One", "Two")],
        "error_400": lambda c: failed(lambda: make(c, "echo~status=400")),
        "error_429": lambda c: failed(lambda: make(c, "echo~status=429")),
        "error_500": lambda c: failed(lambda: make(c, "echo~status=500")),
    }
    send = {
        "image": image,
        "structured": structured,
        "file_in_a_prompt": file,
        "embedding": lambda c, text: embed(c, [text]),
        "system": lambda c, text: make(c, system_instruction=text),
        "count_tokens": lambda c, text: c.models.count_tokens(model="stand-in", contents=text),
    }

    def ask(self, c, model, text):
        return make(c, model, text).text

    def stream(self, c, model, text):
        for part in c.models.generate_content_stream(model=model, contents=text):
            yield part.text, part.candidates[0].finish_reason

    def tool(self, c, model, text):
        return make(c, model, text, tools=[WEATHER]).function_calls[0].args

    def test_structured(self):
        self.assertEqual(structured(self.through()), {"city": "Bergen", "days": 1})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(self.through()))

    def test_redact_tool_results(self):
        name = fresh_id()
        result = types.Part.from_function_response(name="weather", response={"note": f"é {CARD}"})
        make(self.through("-redact", name), "stand-in", types.Content(role="user", parts=[result]))
        self.assertIn(f"é {LABEL}", str(json.loads(received(name))))

    def test_redact_file(self):
        upload(self.through("-redact"), f"Charge {CARD} please")
        self.assertEqual(received(parts()[-1]["seq"]), f"Charge {LABEL} please".encode())

    def test_block_file(self):
        before = len(parts())
        with sent() as count, self.assertRaises(errors.APIError) as raised:
            upload(self.through("-block"), f"Charge {CARD} please")
        self.assertEqual(count[0], 2, "the start and the only part")
        self.assertEqual(len(parts()), before)
        self.assertIn(BLOCK_MESSAGE, str(raised.exception))


if __name__ == "__main__":
    unittest.main()
