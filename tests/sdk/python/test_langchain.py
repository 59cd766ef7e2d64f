"""LangChain's OpenAI package against the stand-in model, and through the gateway."""

import base64

import openai
import pydantic
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from modes import SCHEMA, Modes, failed, unittest
from places import PNG, named

WEATHER = {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}


class Trip(pydantic.BaseModel):
    city: str
    days: int


def chat(c, model="echo", **options):
    address, name = c
    return ChatOpenAI(model=model, base_url=f"{address}/v1", api_key="sk-test", default_headers=named(name), **options)


def embed(c, *texts):
    address, name = c
    # token ids of a vocabulary that is downloaded otherwise
    made = OpenAIEmbeddings(
        model="stand-in", base_url=f"{address}/v1", api_key="sk-test", default_headers=named(name), check_embedding_ctx_length=False,
    )
    return made.embed_documents(list(texts) or ["one", "two"])


def plain(message):
    # run ids differ
    return message.model_dump(exclude={"id"})


def structured(c, text="Bergen", **options):
    return chat(c, **options).with_structured_output(Trip).invoke(text).model_dump()


def tool_result(c):
    call = {"id": "c1", "name": "weather", "args": {"city": "Oslo"}, "type": "tool_call"}
    messages = [HumanMessage("Weather?"), AIMessage("", tool_calls=[call]), ToolMessage("14 degrees", tool_call_id="c1")]
    return plain(chat(c, "stand-in").bind_tools([WEATHER]).invoke(messages))


def image(c, text="What is this?"):
    picture = {"type": "image", "base64": PNG, "mime_type": "image/png"}
    return chat(c, "stand-in").invoke([HumanMessage([picture, {"type": "text", "text": text}])]).text


def file(c, text="a plain note", **options):
    data = base64.b64encode(text.encode()).decode()
    part = {"type": "file", "base64": data, "mime_type": "text/plain", "filename": "note.txt"}
    return chat(c, "stand-in", **options).invoke([HumanMessage([part, {"type": "text", "text": "Sum it up"}])]).text


class LangChain(Modes, unittest.TestCase):
    peer = "openai"
    refusal = openai.PermissionDeniedError
    calls = {
        "chat": lambda c: plain(chat(c, "stand-in").invoke("Hello there")),
        "stream": lambda c: [plain(chunk) for chunk in chat(c, "echo~cut=7").stream("One żółw 😀")],
        "tools": lambda c: plain(chat(c).bind_tools([WEATHER]).invoke("Oslo")),
        "tool_result": tool_result,
        "structured": structured,
        "responses": lambda c: plain(chat(c, use_responses_api=True).invoke("Good day")),
        "responses_structured": lambda c: structured(c, use_responses_api=True),
        "image": image,
        "file": file,
        "responses_file": lambda c: file(c, use_responses_api=True),
        "batch": lambda c: [plain(message) for message in chat(c).batch(["One", "Two", "Three"], config={"max_concurrency": 1})],
        "embed": embed,
        "error_400": lambda c: failed(lambda: chat(c, "echo~status=400").invoke("Hello")),
    }
    send = {
        "embedding": embed,
        "image": image,
        "file": file,
        "responses_file": lambda c, text: file(c, text, use_responses_api=True),
        "structured": structured,
    }

    def client(self, address, name):
        return address, name

    def ask(self, c, model, text):
        return chat(c, model).invoke(text).text

    def stream(self, c, model, text):
        for chunk in chat(c, model).stream(text):
            yield chunk.text, chunk.response_metadata.get("finish_reason")

    def tool(self, c, model, text):
        return chat(c, model).bind_tools([WEATHER]).invoke(text).tool_calls[0]["args"]

    def test_structured(self):
        self.assertEqual(structured(self.through()), {"city": "Bergen", "days": 1})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(self.through()))


if __name__ == "__main__":
    unittest.main()
