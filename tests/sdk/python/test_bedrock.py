"""AWS's official SDK for Bedrock against the stand-in model, and through the gateway."""

import base64
import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from modes import SCHEMA, Modes, failed, unittest
from places import PNG, fresh_id

WEATHER = {"toolSpec": {"name": "weather", "description": "Tells the weather.", "inputSchema": {"json": SCHEMA}}}


def client(address, name, secret=os.environ["MARIA_SECRET_ACCESS_KEY"]):
    # the gateway answers only what is signed with the secret it knows for this id
    c = boto3.client(
        "bedrock-runtime", endpoint_url=address, region_name="eu-central-1", aws_access_key_id="PKMARIA0000000001",
        aws_secret_access_key=secret, config=Config(connect_timeout=5, read_timeout=30),
    )
    c.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("x-client-request-id", name))
    return c


def user(text):
    return [{"role": "user", "content": [{"text": text}]}]


def plain(response):
    # dates, and the gateway's request id
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def make(c, model="echo", messages=None, **options):
    return plain(c.converse(modelId=model, messages=messages or user("Good day"), **options))


def events(c, model, text, **options):
    yield from c.converse_stream(modelId=model, messages=user(text), **options)["stream"]


def structured(c, text="Bergen"):
    schema = {"jsonSchema": {"name": "trip", "schema": json.dumps(SCHEMA)}}
    config = {"textFormat": {"type": "json_schema", "structure": schema}}
    return json.loads(make(c, messages=user(text), outputConfig=config)["output"]["message"]["content"][0]["text"])


def tool_result(c):
    call = {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Oslo"}}}
    result = {"toolResult": {"toolUseId": "t1", "content": [{"json": {"degrees": 14}}]}}
    messages = user("Weather?") + [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    return make(c, "stand-in", messages, toolConfig={"tools": [WEATHER]})


def image(c, text="What is this?"):
    picture = {"image": {"format": "png", "source": {"bytes": base64.b64decode(PNG)}}}
    return make(c, "stand-in", [{"role": "user", "content": [picture, {"text": text}]}])["output"]["message"]["content"][0]["text"]


def document(c, text="a plain note"):
    part = {"document": {"format": "txt", "name": "note", "source": {"bytes": text.encode()}}}
    return make(c, "stand-in", [{"role": "user", "content": [part, {"text": "Sum it up"}]}])


def invoke(c, model="anthropic.echo", text="Good day"):
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}
    return json.loads(c.invoke_model(modelId=model, body=json.dumps(body))["body"].read())


def invoke_events(c, model, text):
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}
    for event in c.invoke_model_with_response_stream(modelId=model, body=json.dumps(body))["body"]:
        yield json.loads(event["chunk"]["bytes"])


def embed(c, text="one"):
    body = c.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": text}))["body"]
    return json.loads(body.read())


class Converse(Modes, unittest.TestCase):
    peer = "bedrock"
    refusal = ClientError
    ended, blocked = "end_turn", "content_filtered"
    client = staticmethod(client)
    calls = {
        "converse": lambda c: make(c, "stand-in", system=[{"text": "Be brief."}]),
        "stream": lambda c: list(events(c, "echo~cut=7", "One żółw 😀")),
        "tools": lambda c: make(c, toolConfig={"tools": [WEATHER]}),
        "tools_stream": lambda c: list(events(c, "echo~chunk=2", 'Å "q"', toolConfig={"tools": [WEATHER], "toolChoice": {"any": {}}})),
        "tool_result": tool_result,
        "structured": structured,
        "image": image,
        "document": document,
        "embed": embed,
        "error_400": lambda c: failed(lambda: make(c, "echo~status=400")),
        "error_404": lambda c: failed(lambda: make(c, "echo~status=404")),
        "error_429": lambda c: failed(lambda: make(c, "echo~status=429")),
    }
    send = {
        "embedding": embed,
        "document": document,
        "image": image,
        "structured": structured,
        "system": lambda c, text: make(c, system=[{"text": text}]),
    }

    def ask(self, c, model, text):
        return make(c, model, user(text))["output"]["message"]["content"][0]["text"]

    def stream(self, c, model, text):
        for event in events(c, model, text):
            yield event.get("contentBlockDelta", {}).get("delta", {}).get("text"), event.get("messageStop", {}).get("stopReason")

    def tool(self, c, model, text):
        answer = make(c, model, user(text), toolConfig={"tools": [WEATHER]})
        return answer["output"]["message"]["content"][0]["toolUse"]["input"]

    def tool_stream(self, c, model, text):
        deltas = [event.get("contentBlockDelta") for event in events(c, model, text, toolConfig={"tools": [WEATHER]})]
        return json.loads("".join(delta["delta"]["toolUse"]["input"] for delta in deltas if delta))

    def test_another_secret_is_refused(self):
        with self.assertRaises(ClientError) as raised:
            make(client(self.through().meta.endpoint_url, fresh_id(), "another"))
        self.assertIn("the signature does not match", str(raised.exception))
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)

    def test_structured(self):
        self.assertEqual(structured(self.through()), {"city": "Bergen", "days": 1})

    def test_image(self):
        self.assertIn("an image of 70 bytes", image(self.through()))


class Invoke(Modes, unittest.TestCase):
    """InvokeModel with a body of another provider's API."""

    peer = "bedrock"
    refusal = ClientError
    ended, blocked = "end_turn", "refusal"
    client = staticmethod(client)
    calls = {
        "invoke": invoke,
        "stream": lambda c: list(invoke_events(c, "anthropic.echo~cut=7", "One żółw 😀")),
        "error_429": lambda c: failed(lambda: invoke(c, "anthropic.echo~status=429")),
    }

    def ask(self, c, model, text):
        return invoke(c, f"anthropic.{model}", text)["content"][0]["text"]

    def stream(self, c, model, text):
        for event in invoke_events(c, f"anthropic.{model}", text):
            yield event.get("delta", {}).get("text"), event.get("delta", {}).get("stop_reason")


if __name__ == "__main__":
    unittest.main()
