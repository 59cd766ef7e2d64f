"""The official OpenAI SDK beyond chat, and as Azure's client, against the stand-in model and through the gateway."""

import base64
import io
import json

import openai
import pydantic

from modes import SCHEMA, Modes, failed, unittest
from places import PNG, SAY_CARD, named

WEATHER = {"type": "function", "name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}

CHAT_WEATHER = {"type": "function", "function": {key: value for key, value in WEATHER.items() if key != "type"}}


class Trip(pydantic.BaseModel):
    city: str
    days: int


def make(c, model="echo", text="Good day", **options):
    return c.responses.create(model=model, input=text, **options).model_dump()


def structured(c, text="Bergen"):
    return c.responses.parse(model="echo", input=text, text_format=Trip).output_parsed.model_dump()


def structured_stream(c):
    with c.responses.stream(model="echo~chunk=4", input="Bergen", text_format=Trip) as stream:
        return [event.type for event in stream], stream.get_final_response().output_parsed.model_dump()


def tool_result(c):
    call = {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": '{"city":"Oslo"}'}
    result = {"type": "function_call_output", "call_id": "c1", "output": "14 degrees"}
    return make(c, "stand-in", [{"role": "user", "content": "Weather?"}, call, result], tools=[WEATHER])


def image(c, text="What is this?"):
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}
    parts = [{"type": "input_text", "text": text}, picture]
    return c.responses.create(model="stand-in", input=[{"role": "user", "content": parts}]).output_text


def file(c, text="a plain note"):
    data = "data:text/plain;base64," + base64.b64encode(text.encode()).decode()
    part = {"type": "input_file", "filename": "note.txt", "file_data": data}
    return make(c, "stand-in", [{"role": "user", "content": [part, {"type": "input_text", "text": "Sum it up"}]}])


def embed(c, text="one", **options):
    return c.embeddings.create(model="stand-in", input=[text, "two"], **options).model_dump()


def moderate(c, text="one"):
    return c.moderations.create(model="stand-in", input=text).model_dump()


def draw(c, text="A fjord"):
    return c.images.generate(model="stand-in", prompt=text).model_dump()


def transcribe(c, text="what was said", prompt="Names"):
    sound = ("sound.txt", io.BytesIO(text.encode()), "text/plain")
    return c.audio.transcriptions.create(model="stand-in", file=sound, prompt=prompt).model_dump()


def speak(c, text="Good day"):
    return c.audio.speech.create(model="stand-in", voice="alloy", input=text).read()


def upload(c, text="a plain note\n"):
    return c.files.create(file=("notes.txt", text.encode(), "text/plain"), purpose="user_data").model_dump()


class Responses(Modes, unittest.TestCase):
    peer = "openai"
    refusal = openai.PermissionDeniedError
    ended, blocked = "completed", "content_filter"
    random = ("transcribe",)
    calls = {
        "create": lambda c: make(c, "stand-in", instructions="Be brief.", metadata={"a": "b"}),
        "stream": lambda c: [event.model_dump() for event in make_stream(c, "echo~cut=7", "One żółw 😀")],
        "tools": lambda c: make(c, tools=[WEATHER]),
        "tools_stream": lambda c: [event.model_dump() for event in make_stream(c, "echo~chunk=2", 'Å "q"', tools=[WEATHER])],
        "tool_result": tool_result,
        "structured": structured,
        "structured_stream": structured_stream,
        "image": image,
        "file": file,
        "embed": embed,
        "embed_floats": lambda c: embed(c, encoding_format="float"),
        "moderate": moderate,
        "draw": draw,
        "transcribe": transcribe,
        "speak": speak,
        "error_400": lambda c: failed(lambda: make(c, "echo~status=400")),
        "error_429": lambda c: failed(lambda: make(c, "echo~status=429")),
    }
    send = {
        "embedding": embed,
        "moderation": moderate,
        "draw": draw,
        "image": image,
        "structured": structured,
        "speech": speak,
        "file_in_a_prompt": file,
        "file": upload,
        "transcription_prompt": lambda c, text: transcribe(c, prompt=text),
        "instructions": lambda c, text: make(c, instructions=text),
    }

    def client(self, address, name):
        return openai.OpenAI(base_url=f"{address}/v1", api_key="sk-test", default_headers=named(name))

    def ask(self, c, model, text):
        return c.responses.create(model=model, input=text).output_text

    def stream(self, c, model, text):
        for event in make_stream(c, model, text):
            if event.type == "response.output_text.delta":
                yield event.delta, None
            elif event.type == "response.completed":
                yield None, event.response.status
            elif event.type == "response.incomplete":
                yield None, event.response.incomplete_details.reason

    def tool(self, c, model, text):
        return json.loads(make(c, model, text, tools=[WEATHER])["output"][0]["arguments"])

    def tool_stream(self, c, model, text):
        events = list(make_stream(c, model, text, tools=[WEATHER]))
        arguments = "".join(event.delta for event in events if event.type == "response.function_call_arguments.delta")
        done = next(event.arguments for event in events if event.type == "response.function_call_arguments.done")
        self.assertEqual(done, arguments)
        return json.loads(arguments)

    def test_structured(self):
        self.assertEqual(structured(self.through()), {"city": "Bergen", "days": 1})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(self.through()))

    def test_stream_and_its_copies_agree(self):
        events = list(make_stream(self.through("-answer-redact"), "stand-in~chunk=2", SAY_CARD))
        said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        done = next(event.text for event in events if event.type == "response.output_text.done")
        self.assertEqual([done, events[-1].response.output_text], [said, said])
        self.assertEqual([event.sequence_number for event in events], list(range(len(events))))


def make_stream(c, model, text, **options):
    return c.responses.create(model=model, input=text, stream=True, **options)


def make_chat(c, model="echo", text="Good day", **options):
    return c.chat.completions.create(model=model, messages=user(text), **options)


def chat_image(c, text="What is this?"):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    return make_chat(c, "stand-in", [{"type": "text", "text": text}, picture]).model_dump()


def chat_file(c, text="a plain note"):
    data = "data:text/plain;base64," + base64.b64encode(text.encode()).decode()
    part = {"type": "file", "file": {"filename": "note.txt", "file_data": data}}
    return make_chat(c, "stand-in", [part, {"type": "text", "text": "Sum it up"}]).model_dump()


def chat_structured(c, text="Bergen"):
    answer = c.chat.completions.parse(model="echo", messages=user(text), response_format=Trip)
    return answer.choices[0].message.parsed.model_dump()


class Chat(Modes, unittest.TestCase):
    """Chat completions."""

    peer = "openai"
    refusal = openai.PermissionDeniedError
    calls = {
        "chat": lambda c: make_chat(c).model_dump(),
        "stream": lambda c: [chunk.model_dump() for chunk in chunks(c, "echo~cut=7", "One żółw 😀")],
        "tools": lambda c: make_chat(c, tools=[CHAT_WEATHER]).model_dump(),
        "image": chat_image,
        "file": chat_file,
        "structured": chat_structured,
        "embed": embed,
        "error_401": lambda c: failed(lambda: make_chat(c, "echo~status=401")),
    }
    send = {"embedding": embed, "image": chat_image, "file": chat_file, "structured": chat_structured}

    def client(self, address, name):
        return openai.OpenAI(base_url=f"{address}/v1", api_key="sk-test", default_headers=named(name))

    def ask(self, c, model, text):
        return make_chat(c, model, text).choices[0].message.content

    def stream(self, c, model, text):
        for chunk in chunks(c, model, text):
            for choice in chunk.choices:
                yield choice.delta.content, choice.finish_reason

    def tool(self, c, model, text):
        call = make_chat(c, model, text, tools=[CHAT_WEATHER]).choices[0].message.tool_calls[0]
        return json.loads(call.function.arguments)

    def tool_stream(self, c, model, text):
        choices = [choice for chunk in chunks(c, model, text, tools=[CHAT_WEATHER]) for choice in chunk.choices]
        return json.loads("".join(call.function.arguments for choice in choices for call in choice.delta.tool_calls or []))


class Azure(Chat):
    """The same SDK as a client of Azure: deployments in the path, and a key in a header of its own."""

    peer = "azure"

    def client(self, address, name):
        return openai.AzureOpenAI(
            azure_endpoint=address, api_key="test", api_version="2024-10-21", default_headers=named(name),
        )


def user(text):
    return [{"role": "user", "content": text}]


def chunks(c, model, text, **options):
    return make_chat(c, model, text, stream=True, **options)


if __name__ == "__main__":
    unittest.main()
