"""An MCP server of the official SDK, as the upstream of the tests: `python mcp_server.py PORT LOG`.

It says what it is told to, and writes the arguments it received to LOG, a JSON object on each line.
"""

import asyncio
import json
import sys

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

PORT, LOG = int(sys.argv[1]), sys.argv[2]
server = MCPServer("stand-in", instructions="Say what you are told to say.")


def note(**arguments):
    with open(LOG, "a") as log:
        log.write(json.dumps(arguments, ensure_ascii=False) + "\n")


@server.tool()
def echo(text: str) -> str:
    """Repeats a text."""
    note(text=text)
    return text


@server.tool()
def say(text: str) -> str:
    """Says a text without its bars."""
    note(text=text)
    return text.replace("|", "")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
async def slowly(steps: int, ctx: Context) -> str:
    """Reports how far it is."""
    for step in range(steps):
        await ctx.report_progress(step + 1, steps, f"step {step + 1}")
        await asyncio.sleep(0.01)
    return f"{steps} steps"


@server.tool()
async def tell(text: str, ctx: Context) -> str:
    """Says a text without its bars as a report of progress."""
    await ctx.report_progress(1, 1, text.replace("|", ""))
    return "told"


@server.tool()
def fail(text: str) -> str:
    """Fails."""
    raise ToolError(text.replace("|", ""))


@server.tool()
def picture() -> Image:
    """Draws."""
    return Image(data=b"\x89PNG\r\n\x1a\n", format="png")


@server.tool(structured_output=False)
def caption(text: str) -> list:
    """Draws, and says a text without its bars."""
    return [picture(), text.replace("|", "")]


@server.resource("note://plain")
def plain() -> str:
    """A plain note."""
    return "a plain note"


@server.resource("note://card")
def card() -> str:
    """A note that holds a number card networks publish for tests."""
    return "The card is 4111 1111 1111 1111."


@server.prompt()
def greet(name: str) -> str:
    """Asks for a greeting."""
    note(name=name)
    return f"Greet {name}."


server.run("streamable-http", port=PORT)
