// The official OpenAI SDK against the stand-in model, and through the gateway.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import {
  BLOCK_MESSAGE, CARD, CUTS, GATEWAY, LABEL, PNG, SAID, SAY_CARD, STANDIN,
  arrivals, base64, collect, counting, freshId, named, needsGateway, plain, raised, received, testsOfTexts, user,
} from './places.mjs';

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city', 'days'],
    },
  },
};
const TIME = { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: { zone: { type: 'string' } } } } };
const Trip = z.object({ city: z.string(), days: z.number(), stops: z.array(z.string()) });

const client = (base, options) => new OpenAI({ baseURL: `${base}/v1`, apiKey: 'sk-test', maxRetries: 0, ...options });
const direct = (options) => client(STANDIN, options);
const through = (upstream, options) => client(`${GATEWAY}/${upstream}`, options);
const ask = (c, model, content, extra, options) =>
  c.chat.completions.create({ model, messages: user(content), ...extra }, options);

// The text of one choice of a stream, and why it ended.
function joined(chunks, index = 0) {
  const choices = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
  const reasons = choices.map((choice) => choice.finish_reason).filter(Boolean);
  return [choices.map((choice) => choice.delta.content ?? '').join(''), reasons];
}

function joinedArguments(chunks) {
  const deltas = chunks.flatMap((chunk) => chunk.choices).flatMap((choice) => choice.delta.tool_calls ?? []);
  return deltas.map((delta) => delta.function.arguments ?? '').join('');
}

// The text that came before a stream broke off; the SDK must tell, or a program would take it for the whole.
async function brokenStream(c) {
  const chunks = [];
  const error = await raised(async () => {
    for await (const chunk of await ask(c, 'echo/reset=3', 'one two three four', { stream: true })) chunks.push(chunk);
  });
  assert.notEqual(error.code, 'ERR_ASSERTION');
  assert.ok(chunks.length > 0, 'nothing came before the break');
  return joined(chunks)[0];
}

const errorOf = (status) => async (c, options) => {
  const error = await raised(() => ask(c, `stand-in/status=${status}`, 'Hello', {}, options));
  return { kind: error.constructor.name, status: error.status, code: error.code, type: error.type, error: error.error };
};

const fileOf = (text) => [
  { type: 'file', file: { filename: 'note.txt', file_data: `data:text/plain;base64,${base64(text)}` } },
  { type: 'text', text: 'Sum it up' },
];
const pictureWith = (text) => [{ type: 'text', text }, { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }];
const uploadOf = async (text) => ({ file: await toFile(Buffer.from(text), 'notes.txt'), purpose: 'user_data' });

// Each call a program may make, as a function of the client; what it returns can be compared.
const CALLS = {
  chat: async (c, options) => plain(await ask(c, 'stand-in', 'Hello there', {}, options)),
  choices: async (c, options) => plain(await ask(c, 'echo', 'Good day', { n: 3, logprobs: true }, options)),
  stream: async (c, options) =>
    collect(await ask(c, 'echo/chunk=3', 'One, two and a żółw', { n: 2, stream: true, stream_options: { include_usage: true } }, options)),
  streamCut: async (c, options) => collect(await ask(c, 'echo/cut=7', 'Zażółć gęślą jaźń 😀', { stream: true }, options)),
  tools: async (c, options) => plain(await ask(c, 'echo', 'Oslo', { tools: [WEATHER] }, options)),
  toolsStream: async (c, options) =>
    collect(await ask(c, 'echo/chunk=2', 'Å "quoted" town', { tools: [WEATHER, TIME], tool_choice: 'required', stream: true }, options)),
  structured: async (c, options) => {
    const request = { model: 'echo', messages: user('Bergen'), response_format: zodResponseFormat(Trip, 'trip') };
    return (await c.chat.completions.parse(request, options)).choices[0].message.parsed;
  },
  structuredStream: async (c, options) => {
    const request = { model: 'echo/chunk=4', messages: user('Bergen'), response_format: zodResponseFormat(Trip, 'trip') };
    return (await c.chat.completions.stream(request, options).finalChatCompletion()).choices[0].message.parsed;
  },
  image: async (c, options) => {
    const url = `data:image/png;base64,${PNG}`;
    return plain(await ask(c, 'stand-in', [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url } }], {}, options));
  },
  fileInAPrompt: async (c, options) => plain(await ask(c, 'stand-in', fileOf('a plain note'), {}, options)),
  response: async (c, options) => plain(await c.responses.create({ model: 'stand-in', input: 'Hello there' }, options)),
  responseStream: async (c, options) => collect(await c.responses.create({ model: 'echo/cut=7', input: 'One żółw 😀', stream: true }, options)),
  responseTools: async (c, options) => {
    const tools = [{ type: 'function', ...WEATHER.function }];
    return collect(await c.responses.create({ model: 'echo/chunk=2', input: 'Å "q"', tools, stream: true }, options));
  },
  responseStructured: async (c, options) => {
    const request = { model: 'echo', input: 'Bergen', text: { format: zodTextFormat(Trip, 'trip') } };
    return (await c.responses.parse(request, options)).output_parsed;
  },
  embeddings: async (c, options) => plain(await c.embeddings.create({ model: 'stand-in', input: ['one', 'two'] }, options)),
  moderation: async (c, options) => plain(await c.moderations.create({ model: 'stand-in', input: 'one' }, options)),
  picture: async (c, options) => plain(await c.images.generate({ model: 'stand-in', prompt: 'A fjord' }, options)),
  models: async (c, options) => plain((await c.models.list(options)).data),
  upload: async (c, options) =>
    plain(await c.files.create({ file: await toFile(Buffer.from('a plain note\n'), 'notes.txt'), purpose: 'user_data' }, options)),
  error401: errorOf(401),
  error404: errorOf(404),
  error429: errorOf(429),
  error500: errorOf(500),
};

describe('the stand-in model speaks the API', () => {
  test('chat', async () => {
    const answer = await CALLS.chat(direct());
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.match(answer.choices[0].message.content, /11 characters in 1 messages/);
  });

  test('stream', async () => {
    const chunks = await CALLS.stream(direct());
    assert.deepEqual(joined(chunks), ['One, two and a żółw', ['stop']]);
    assert.deepEqual(joined(chunks, 1), ['One, two and a żółw (choice 2)', ['stop']]);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.deepEqual(joined(await CALLS.streamCut(direct())), ['Zażółć gęślą jaźń 😀', ['stop']]);
  });

  test('tools', async () => {
    const [choice] = (await CALLS.tools(direct())).choices;
    assert.equal(choice.finish_reason, 'tool_calls');
    assert.deepEqual(JSON.parse(choice.message.tool_calls[0].function.arguments), { city: 'Oslo', days: 1 });
    const request = { model: 'echo/chunk=2', messages: user('Å "q"'), tools: [WEATHER, TIME], tool_choice: 'required' };
    const streamed = await direct().chat.completions.stream(request).finalChatCompletion();
    const calls = streamed.choices[0].message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);
    assert.deepEqual(calls, [['weather', { city: 'Å "q"', days: 1 }], ['time', { zone: 'Å "q"' }]]);
  });

  test('structured output', async () => {
    const trip = { city: 'Bergen', days: 1.5, stops: ['example'] };
    assert.deepEqual(await CALLS.structured(direct()), trip);
    assert.deepEqual(await CALLS.structuredStream(direct()), trip);
  });

  test('responses and embeddings', async () => {
    assert.match((await CALLS.response(direct())).output[0].content[0].text, /11 characters in 1 messages/);
    assert.equal((await CALLS.responseStream(direct())).at(-1).response.output[0].content[0].text, 'One żółw 😀');
    assert.deepEqual(await CALLS.responseStructured(direct()), { city: 'Bergen', days: 1.5, stops: ['example'] });
    assert.equal((await CALLS.embeddings(direct())).data[1].embedding.length, 8);
  });

  test('image, models, files', async () => {
    assert.match((await CALLS.image(direct())).choices[0].message.content, /an image of 70 bytes/);
    assert.equal((await CALLS.models(direct()))[0].id, 'stand-in');
    assert.equal((await CALLS.upload(direct())).bytes, 13);
  });

  test('errors and retries', async () => {
    assert.equal((await CALLS.error401(direct())).kind, 'AuthenticationError');
    assert.equal((await CALLS.error429(direct())).code, 'rate_limit_exceeded');
    const id = freshId();
    await raised(() => ask(direct({ maxRetries: 2 }), 'stand-in/status=429', 'Hello', {}, named(id)));
    assert.equal(await arrivals(id), 3);
  });

  test('a broken stream is an error', async () => assert.equal(await brokenStream(direct()), 'one two'));
});

describe('nothing matches: all is as without the gateway', needsGateway, () => {
  for (const [name, call] of Object.entries(CALLS)) {
    test(name, async () => {
      const [here, there] = [freshId(), freshId()];
      const expected = await call(direct(), named(here));
      assert.deepEqual(await call(through('openai'), named(there)), expected);
      // A form's boundary differs from request to request.
      if (name !== 'upload') assert.equal(await received(there), await received(here));
    });
  }

  test('retries are the caller’s', async () => {
    const id = freshId();
    await raised(() => ask(through('openai', { maxRetries: 2 }), 'stand-in/status=429', 'Hello', {}, named(id)));
    assert.equal(await arrivals(id), 3);
  });

  test('a broken stream is an error', async () => assert.ok('one two'.startsWith(await brokenStream(through('openai')))));

  test('32 at once', async () => {
    const c = through('openai');
    const one = async (number) => {
      const text = `Message ${number}: ${'all is well. '.repeat(number)}`;
      assert.deepEqual(joined(await collect(await ask(c, 'echo/chunk=5', text, { stream: true }))), [text, ['stop']]);
    };
    await Promise.all(Array.from({ length: 32 }, (_, number) => one(number)));
  });
});

describe('redact: a value is rewritten on its way', needsGateway, () => {
  test('in the prompt', async () => {
    const id = freshId();
    const answer = await ask(through('openai-redact'), 'echo', `Charge ${CARD} please`, {}, named(id)).withResponse();
    assert.equal(answer.response.headers.get('x-portcullis-decision'), 'redact');
    assert.equal(JSON.parse(await received(id)).messages[0].content, `Charge ${LABEL} please`);
    assert.equal(answer.data.choices[0].message.content, `Charge ${LABEL} please`);
  });

  test('in an answer', async () => {
    const answer = await ask(through('openai-answer-redact'), 'stand-in', SAY_CARD);
    assert.equal(answer.choices[0].message.content, SAID);
  });

  for (const cut of CUTS) {
    test(`in a stream, ${cut}`, async () => {
      const chunks = await collect(await ask(through('openai-answer-redact'), `stand-in/${cut}`, SAY_CARD, { stream: true, n: 2 }));
      assert.deepEqual(joined(chunks), [SAID, ['stop']]);
      assert.deepEqual(joined(chunks, 1), [`${SAID} (choice 2)`, ['stop']]);
    });
  }

  test('in streamed tool arguments', async () => {
    const request = { stream: true, tools: [WEATHER] };
    const chunks = await collect(await ask(through('openai-answer-redact'), 'stand-in/chunk=3', SAY_CARD, request));
    assert.deepEqual(JSON.parse(joinedArguments(chunks)), { city: SAID, days: 1 });
  });
});

describe('redact: embeddings and responses', needsGateway, () => {
  test('an input to embed', async () => {
    const id = freshId();
    await through('openai-redact').embeddings.create({ model: 'stand-in', input: `Charge ${CARD} please` }, named(id));
    assert.equal(JSON.parse(await received(id)).input, `Charge ${LABEL} please`);
  });

  for (const cut of CUTS) {
    test(`a response’s stream and its copies, ${cut}`, async () => {
      const request = { model: `stand-in/${cut}`, input: SAY_CARD, stream: true };
      const events = await collect(await through('openai-answer-redact').responses.create(request));
      const deltas = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta);
      const done = events.find((event) => event.type === 'response.output_text.done').text;
      assert.deepEqual([deltas.join(''), done, events.at(-1).response.output[0].content[0].text], [SAID, SAID, SAID]);
      assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, number) => number));
    });
  }
});

describe('block: the SDK’s own permission error, not retried', needsGateway, () => {
  async function refused(upstream, model, content, extra) {
    const [id, counter] = [freshId(), counting()];
    const c = through(upstream, { maxRetries: 2, fetch: counter.fetch });
    const error = await raised(async () => {
      const answer = await ask(c, model, content, extra, named(id));
      if (extra?.stream) await collect(answer);
    });
    assert.ok(error instanceof OpenAI.PermissionDeniedError, String(error));
    assert.deepEqual([error.status, error.code, counter.sent], [403, 'content_policy_violation', 1]);
    assert.equal(error.headers.get('x-should-retry'), 'false');
    assert.ok(error.message.includes(BLOCK_MESSAGE), error.message);
    assert.ok(!JSON.stringify(error.error).includes('1111'));
    return arrivals(id);
  }

  test('a prompt', async () => assert.equal(await refused('openai-block', 'echo', `Charge ${CARD} please`), 0));
  test('a streamed request', async () => assert.equal(await refused('openai-block', 'echo', `Charge ${CARD}`, { stream: true }), 0));
  test('an answer', async () => assert.equal(await refused('openai-answer-block', 'stand-in', SAY_CARD), 1));

  for (const cut of ['chunk=1', 'chunk=4', 'chunk=1000', 'cut=3']) {
    test(`mid-stream, ${cut}`, async () => {
      const chunks = await collect(await ask(through('openai-answer-block'), `stand-in/${cut}`, SAY_CARD, { stream: true, n: 2 }));
      for (const choice of [0, 1]) {
        const [text, reasons] = joined(chunks, choice);
        assert.deepEqual(reasons, ['content_filter']);
        assert.ok('The card is '.startsWith(text), text);
      }
    });
  }
});

testsOfTexts(
  describe, test, 'openai',
  {
    chat: (c, text) => ask(c, 'echo', text),
    stream: async (c, text) => collect(await ask(c, 'echo', text, { stream: true })),
    'tool description': (c, text) =>
      ask(c, 'echo', 'Oslo', { tools: [{ ...WEATHER, function: { ...WEATHER.function, description: text } }] }),
    structured: (c, text) =>
      c.chat.completions.parse({ model: 'echo', messages: user(text), response_format: zodResponseFormat(Trip, 'trip') }),
    image: (c, text) => ask(c, 'stand-in', pictureWith(text)),
    'file in a prompt': (c, text) => ask(c, 'stand-in', fileOf(text)),
    upload: async (c, text) => c.files.create(await uploadOf(text)),
    embeddings: (c, text) => c.embeddings.create({ model: 'stand-in', input: [text] }),
    response: (c, text) => c.responses.create({ model: 'stand-in', input: text }),
  },
  (upstream, id) => through(upstream, { defaultHeaders: named(id).headers }),
  (error) => error instanceof OpenAI.PermissionDeniedError,
);

describe('errors and many at once', needsGateway, () => {
  test('redact: 16 at once', async () => {
    const one = async (number) => {
      const stream = await ask(through('openai-answer-redact'), `stand-in/chunk=${number + 1}`, SAY_CARD, { stream: true });
      assert.deepEqual(joined(await collect(stream)), [SAID, ['stop']]);
    };
    await Promise.all(Array.from({ length: 16 }, (_, number) => one(number)));
  });

  test('redact and the provider’s error is the same', async () => {
    const told = async (c, text) => {
      const error = await raised(() => ask(c, 'echo/status=400', text));
      return [error.status, error.message];
    };
    assert.deepEqual(await told(through('openai-redact'), `Charge ${CARD}`), await told(direct(), 'Charge it'));
  });

  test('block before the provider’s error', async () =>
    assert.equal((await raised(() => ask(through('openai-block'), 'echo/status=400', `Charge ${CARD}`))).status, 403));
});
