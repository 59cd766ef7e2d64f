"""A model that talks over WebSockets, as the upstream of the tests: `python socket_server.py PORT LOG`.

It speaks OpenAI's Realtime API and Gemini's Live API, in text. Asked to `SAY <<text>>` it says that without its bars, otherwise
what it was asked. It writes the messages it received to LOG, one on each line.
"""

import asyncio
import json
import re
import sys

from websockets.asyncio.server import serve

PORT, LOG = int(sys.argv[1]), sys.argv[2]


def pieces(asked):
    """The answer, three characters at a time."""
    said = re.search("SAY <<(.*)>>", asked)
    text = said[1].replace("|", "") if said else asked
    return [text[at : at + 3] for at in range(0, len(text), 3)]


async def received(socket):
    async for message in socket:
        event = json.loads(message)
        with open(LOG, "a") as log:
            log.write(json.dumps(event, ensure_ascii=False) + "\n")
        yield event


async def realtime(socket):
    count, asked = 0, ""

    async def send(kind, **event):
        nonlocal count
        count += 1
        await socket.send(json.dumps({"type": kind, "event_id": f"event_{count}", **event}))

    await send("session.created", session={"type": "realtime", "object": "realtime.session", "id": "sess_1", "model": "stand-in"})
    async for event in received(socket):
        if event["type"] == "conversation.item.create":
            asked = event["item"]["content"][0]["text"]
            await send("conversation.item.done", previous_item_id=None, item=event["item"] | {"id": "item_user", "status": "completed"})
        elif event["type"] == "response.create":
            said, place = pieces(asked), {"response_id": f"resp_{count}", "item_id": f"item_{count}", "output_index": 0}
            part = {"content_index": 0, **place}
            head = {"object": "realtime.response", "id": place["response_id"], "status_details": None}
            await send("response.created", response=head | {"status": "in_progress", "output": []})
            item = {"id": place["item_id"], "type": "message", "role": "assistant"}
            whole = item | {"status": "completed", "content": [{"type": "output_text", "text": "".join(said)}]}
            added = {"response_id": place["response_id"], "output_index": 0}
            await send("response.output_item.added", item=item | {"status": "in_progress", "content": []}, **added)
            await send("response.content_part.added", part={"type": "text", "text": ""}, **part)
            for piece in said:
                await send("response.output_text.delta", delta=piece, **part)
            await send("response.output_text.done", text="".join(said), **part)
            await send("response.content_part.done", part={"type": "text", "text": "".join(said)}, **part)
            await send("response.output_item.done", item=whole, **added)
            await send("response.done", response=head | {"status": "completed", "output": [whole]})


async def live(socket):
    async def send(message):
        # the API sends its JSON in binary messages
        await socket.send(json.dumps(message).encode())

    async for message in received(socket):
        if "setup" in message:
            await send({"setupComplete": {}})
        elif content := message.get("client_content", message.get("clientContent")):
            for piece in pieces(content["turns"][-1]["parts"][0]["text"]):
                await send({"serverContent": {"modelTurn": {"role": "model", "parts": [{"text": piece}]}}})
            await send({"serverContent": {"generationComplete": True}})
            await send({"serverContent": {"turnComplete": True}, "usageMetadata": {"totalTokenCount": 3}})


async def main():
    async def talk(socket):
        await (live if "BidiGenerateContent" in socket.request.path else realtime)(socket)

    async with serve(talk, "127.0.0.1", PORT) as server:
        await server.serve_forever()


asyncio.run(main())
