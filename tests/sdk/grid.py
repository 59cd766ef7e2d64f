"""Prints which client passed which tests: `python grid.py FILE`, of the lines that the tests wrote (see `python/results.py`).

A cell is how many tests passed of a feature of a client where nothing matches, where a value is redacted, and where it is
blocked. What a test is about is told by the words of its name. The exit code is how many cells lack a test and a reason.
"""

import re
import sys
from collections import Counter

CLIENTS = {
    "test_openai": "openai", "test_openai_more": "openai", "test_anthropic": "anthropic", "test_gemini": "google-genai",
    "test_bedrock": "boto3", "test_ollama": "ollama", "test_cohere": "cohere", "test_mistral": "mistralai", "test_mcp": "mcp",
    "test_langchain": "langchain-openai", "test_litellm": "litellm", "node-openai": "openai (Node)",
    "node-anthropic": "@anthropic-ai/sdk", "node-ai": "ai (Node)",
}
# The first whose words are in a test's name is what it is about.
FEATURES = {
    "concurrency": "at once",
    "errors": "error|broken|retries|failing|unknown",
    "embeddings": "embed",
    "file": "file|upload|document",
    "image": "image",
    "structured": "structured",
    "tools": "tool",
    "stream": "stream|progress",
    "chat": "chat|prompt|answer|message|generate|converse|invoke|create",
}
COLUMNS = ["chat", "stream", "tools", "structured", "image", "file", "embeddings", "errors", "concurrency"]
MODES = ["nothing matches", "redact", "block"]
# What an API does not offer.
ABSENT = {
    ("anthropic", "embeddings"): "the API has none",
    ("@anthropic-ai/sdk", "embeddings"): "the API has none",
    ("ollama", "file"): "the API takes texts and images",
    ("mcp", "chat"): "a server of tools, resources and prompts has no chat",
    ("mcp", "embeddings"): "the protocol has none",
}


def cells(lines):
    """How many tests of each client, feature and mode passed, and failed."""
    passed, failed = Counter(), Counter()
    for line in lines:
        module, name, outcome = line.rstrip("\n").split("\t")
        mode = re.search("|".join(MODES), name)
        feature = next((feature for feature, words in FEATURES.items() if re.search(words, name)), None)
        if mode and feature and module in CLIENTS:
            counter = {"passed": passed, "failed": failed}.get(outcome, Counter())
            counter[CLIENTS[module], feature, mode.group()] += 1
    return passed, failed


def main(path):
    with open(path) as lines:
        passed, failed = cells(lines)
    ran = {client for client, _, _ in passed + failed}
    width, missing = max(map(len, CLIENTS.values())), 0
    print("passed where nothing matches/redacted/blocked")
    print(" ".join([" " * width] + [f"{column:>11}" for column in COLUMNS]))
    for client in dict.fromkeys(CLIENTS.values()):
        row = []
        for column in COLUMNS:
            counts = [passed[client, column, mode] for mode in MODES]
            text = "/".join(map(str, counts))
            if (client, column) in ABSENT:
                text = "n.a."
            elif client not in ran:
                text = "skipped"
            elif any(failed[client, column, mode] for mode in MODES):
                text += " FAILED"
            elif not all(counts):
                text += " MISSES"
                missing += 1
            row.append(f"{text:>11}")
        print(" ".join([client.ljust(width), *row]))
    for (client, column), reason in ABSENT.items():
        print(f"n.a.: {column} of {client}: {reason}")
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
