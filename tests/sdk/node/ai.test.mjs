// Vercel's AI SDK with its OpenAI provider (Responses and Chat Completions) against the stand-in model, and through the gateway.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, Output, embedMany, generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import {
  BLOCK_MESSAGE, CARD, CUTS, GATEWAY, LABEL, PNG, SAID, SAY_CARD, STANDIN,
  arrivals, base64, collect, counting, freshId, named, needsGateway, plain, raised, received, testsOfTexts,
} from './places.mjs';

const Trip = z.object({ city: z.string(), days: z.number() });
const called = { weather: tool({ description: 'Tells the weather.', inputSchema: Trip }) };
const run = { weather: tool({ description: 'Tells the weather.', inputSchema: Trip, execute: ({ city }) => `14 degrees in ${city}` }) };

// A client of an address: a function that gives the settings of a call.
function client(base, api, { id = freshId(), ...options } = {}) {
  const provider = createOpenAI({ baseURL: `${base}/v1`, apiKey: 'sk-test', ...named(id), ...options });
  return (model, prompt, extra) => ({ model: provider[api](model), prompt, maxRetries: 0, ...extra });
}

const streamed = (settings) => streamText({ ...settings, onError: () => {} });

// The text of a stream, why it ended, and how many pieces it had.
async function pieces(settings) {
  const result = streamed(settings);
  const parts = await collect(result.textStream);
  return { text: parts.join(''), reason: await result.finishReason, count: parts.length };
}

const errorOf = (status) => async (c) => {
  const error = await raised(() => generateText(c(`stand-in/status=${status}`, 'Hello')));
  return { name: error.name, status: error.statusCode, body: error.responseBody, retryable: error.isRetryable };
};

const pictureWith = (text) => [
  { role: 'user', content: [{ type: 'text', text }, { type: 'file', data: PNG, mediaType: 'image/png' }] },
];
const fileOf = (text) => [
  {
    role: 'user',
    content: [{ type: 'text', text: 'Sum it up' }, { type: 'file', data: base64(text), mediaType: 'text/plain', filename: 'note.txt' }],
  },
];
const anyFile = { providerOptions: { openai: { passThroughUnsupportedFiles: true } } };
const described = (description) => ({ weather: tool({ description, inputSchema: Trip }) });

// Each call a program may make, as a function of the client; what it returns can be compared.
const CALLS = {
  generate: async (c) => {
    const { text, finishReason, usage } = await generateText(c('stand-in', 'Hello there', { instructions: 'Be brief.' }));
    return plain({ text, finishReason, usage });
  },
  stream: async (c) => {
    const result = streamed(c('echo/chunk=3', 'One, two and a żółw'));
    return { parts: await collect(result.textStream), reason: await result.finishReason, usage: plain(await result.usage) };
  },
  streamCut: (c) => pieces(c('echo/cut=7', 'Zażółć gęślą jaźń 😀')),
  tools: async (c) => (await generateText(c('echo', 'Oslo', { tools: called }))).toolCalls.map(({ toolName, input }) => ({ toolName, input })),
  toolsStream: async (c) =>
    (await streamed(c('echo/chunk=2', 'Å "q"', { tools: called })).toolCalls).map(({ toolName, input }) => ({ toolName, input })),
  toolLoop: async (c) => (await generateText(c('stand-in', 'Weather?', { tools: run, stopWhen: isStepCount(3) }))).text,
  structured: async (c) => (await generateText(c('echo', 'Bergen', { output: Output.object({ schema: Trip }) }))).output,
  structuredStream: async (c) =>
    collect(streamed(c('echo/chunk=4', 'Bergen', { output: Output.object({ schema: Trip }) })).partialOutputStream),
  image: async (c) => (await generateText(c('stand-in', pictureWith('What is this?')))).text,
  error400: errorOf(400),
  error429: errorOf(429),
  error500: errorOf(500),
};

for (const api of ['responses', 'chat']) {
  const direct = (options) => client(STANDIN, api, options);
  const through = (upstream, options) => client(`${GATEWAY}/${upstream}`, api, options);

  describe(`${api}: the stand-in model speaks the API`, () => {
    test('text, tools, structured output, image', async () => {
      assert.match((await CALLS.generate(direct())).text, /characters in 2 messages/);
      assert.deepEqual((await CALLS.stream(direct())).parts.join(''), 'One, two and a żółw');
      assert.equal((await CALLS.streamCut(direct())).text, 'Zażółć gęślą jaźń 😀');
      assert.deepEqual(await CALLS.tools(direct()), [{ toolName: 'weather', input: { city: 'Oslo', days: 1.5 } }]);
      assert.deepEqual(await CALLS.toolsStream(direct()), [{ toolName: 'weather', input: { city: 'Å "q"', days: 1.5 } }]);
      assert.match(await CALLS.toolLoop(direct()), /14 degrees in/);
      assert.deepEqual(await CALLS.structured(direct()), { city: 'Bergen', days: 1.5 });
      assert.deepEqual((await CALLS.structuredStream(direct())).at(-1), { city: 'Bergen', days: 1.5 });
      assert.match(await CALLS.image(direct()), /an image of 70 bytes/);
      assert.equal((await CALLS.error429(direct())).status, 429);
    });
  });

  describe(`${api}: nothing matches: all is as without the gateway`, needsGateway, () => {
    const calls = { ...CALLS };
    // of chat completions the SDK sends PDFs only
    if (api === 'responses') calls.file = async (c) => (await generateText(c('stand-in', fileOf('a plain note'), anyFile))).text;
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const [here, there] = [freshId(), freshId()];
        const expected = await call(direct({ id: here }));
        assert.deepEqual(await call(through('openai', { id: there })), expected);
        assert.equal(await received(there), await received(here));
        assert.equal(await arrivals(there), await arrivals(here));
      });
    }

    test('16 at once', async () => {
      const c = through('openai');
      const one = async (number) => {
        const text = `Message ${number}: ${'all is well. '.repeat(number)}`;
        assert.equal((await pieces(c('echo/chunk=5', text))).text, text);
      };
      await Promise.all(Array.from({ length: 16 }, (_, number) => one(number)));
    });
  });

  testsOfTexts(
    describe, test, 'openai',
    {
      generate: (c, text) => generateText(c('echo', text)),
      'tool description': (c, text) => generateText(c('echo', 'Oslo', { tools: described(text) })),
      structured: (c, text) => generateText(c('echo', text, { output: Output.object({ schema: Trip }) })),
      image: (c, text) => generateText(c('stand-in', pictureWith(text))),
      ...(api === 'responses' && { file: (c, text) => generateText(c('stand-in', fileOf(text), anyFile)) }),
    },
    (upstream, id) => through(upstream, { id }),
    (error) => APICallError.isInstance(error) && error.statusCode === 403,
  );

  describe(`${api}: redact`, needsGateway, () => {
    test('16 at once', async () => {
      const one = async (number) => {
        const { text, reason } = await pieces(through('openai-answer-redact')(`stand-in/chunk=${number + 1}`, SAY_CARD));
        assert.deepEqual([text, reason], [SAID, 'stop']);
      };
      await Promise.all(Array.from({ length: 16 }, (_, number) => one(number)));
    });

    test('the provider’s error is the same', async () => {
      const told = async (c, text) => {
        const error = await raised(() => generateText(c('echo/status=400', text)));
        return [error.statusCode, error.responseBody];
      };
      assert.deepEqual(await told(through('openai-redact'), `Charge ${CARD}`), await told(direct(), 'Charge it'));
    });

    test('a prompt', async () => {
      const id = freshId();
      const { text } = await generateText(through('openai-redact', { id })('echo', `Charge ${CARD} please`));
      assert.equal(text, `Charge ${LABEL} please`);
      assert.ok(!(await received(id)).includes(CARD));
    });

    test('an answer', async () =>
      assert.equal((await generateText(through('openai-answer-redact')('stand-in', SAY_CARD))).text, SAID));

    for (const cut of CUTS) {
      test(`a stream, ${cut}`, async () => {
        const { text, reason } = await pieces(through('openai-answer-redact')(`stand-in/${cut}`, SAY_CARD));
        assert.deepEqual([text, reason], [SAID, 'stop']);
      });
    }

    test('streamed tool arguments', async () => {
      const c = through('openai-answer-redact');
      const [call] = await streamed(c('stand-in/chunk=3', SAY_CARD, { tools: called })).toolCalls;
      assert.deepEqual(call.input, { city: SAID, days: 1.5 });
    });
  });

  describe(`${api}: block`, needsGateway, () => {
    async function refused(upstream, call) {
      const [id, counter] = [freshId(), counting()];
      const error = await raised(() => call(through(upstream, { id, fetch: counter.fetch })));
      assert.ok(APICallError.isInstance(error), String(error));
      assert.deepEqual([error.statusCode, error.isRetryable, counter.sent], [403, false, 1]);
      assert.ok(error.message.includes(BLOCK_MESSAGE), error.message);
      assert.ok(!error.responseBody.includes('1111'));
      return arrivals(id);
    }
    const retries = { maxRetries: 2 };

    test('before the provider’s error', async () =>
      assert.equal(await refused('openai-block', (c) => generateText(c('echo/status=400', `Charge ${CARD} please`, retries))), 0));

    test('a prompt', async () =>
      assert.equal(await refused('openai-block', (c) => generateText(c('echo', `Charge ${CARD} please`, retries))), 0));

    test('an answer', async () =>
      assert.equal(await refused('openai-answer-block', (c) => generateText(c('stand-in', SAY_CARD, retries))), 1));

    test('a streamed request', async () => {
      const stream = async (c) => {
        for await (const part of streamed(c('echo', `Charge ${CARD}`, retries)).stream) if (part.type === 'error') throw part.error;
      };
      assert.equal(await refused('openai-block', stream), 0);
    });

    for (const cut of ['chunk=1', 'chunk=4', 'chunk=1000', 'cut=3']) {
      test(`mid-stream, ${cut}`, async () => {
        const { text, reason } = await pieces(through('openai-answer-block')(`stand-in/${cut}`, SAY_CARD));
        assert.equal(reason, 'content-filter');
        assert.ok('The card is '.startsWith(text), text);
      });
    }
  });
}

describe('embeddings', needsGateway, () => {
  const embed = async (base, values, id = freshId()) => {
    const provider = createOpenAI({ baseURL: `${base}/v1`, apiKey: 'sk-test', ...named(id) });
    const { embeddings, usage } = await embedMany({ model: provider.embeddingModel('stand-in'), values, maxRetries: 2 });
    return { embeddings, usage };
  };

  test('nothing matches: embed many', async () =>
    assert.deepEqual(await embed(`${GATEWAY}/openai`, ['one', 'two']), await embed(STANDIN, ['one', 'two'])));

  test('redact: embed many', async () => {
    const id = freshId();
    await embed(`${GATEWAY}/openai-redact`, [`Charge ${CARD}`], id);
    assert.deepEqual(JSON.parse(await received(id)).input, [`Charge ${LABEL}`]);
  });

  test('block: embed many', async () => {
    const id = freshId();
    const error = await raised(() => embed(`${GATEWAY}/openai-block`, [`Charge ${CARD}`], id));
    assert.equal(error.statusCode, 403);
    assert.equal(await arrivals(id), 0);
  });
});
