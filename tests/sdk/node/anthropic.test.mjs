// The official Anthropic SDK against the stand-in model, and through the gateway.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import {
  BLOCK_MESSAGE, CARD, CUTS, GATEWAY, LABEL, PNG, SAID, SAY_CARD, STANDIN,
  arrivals, base64, collect, counting, freshId, named, needsGateway, plain, raised, received, testsOfTexts, user,
} from './places.mjs';

const WEATHER = {
  name: 'weather',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city', 'days'],
  },
};
const TIME = { name: 'time', input_schema: { type: 'object', properties: { zone: { type: 'string' } } } };
const THINK = { type: 'enabled', budget_tokens: 1024 };
const Trip = z.object({ city: z.string(), days: z.number(), stops: z.array(z.string()) });

const client = (base, options) => new Anthropic({ baseURL: base, apiKey: 'sk-ant-test', maxRetries: 0, ...options });
const direct = (options) => client(STANDIN, options);
const through = (upstream, options) => client(`${GATEWAY}/${upstream}`, options);
const request = (model, content, extra) => ({ model, max_tokens: 2048, messages: user(content), ...extra });
const ask = (c, model, content, extra, options) => c.messages.create(request(model, content, extra), options);

// The text of a stream, and why it ended.
function joined(events) {
  const text = events.map((event) => event.delta?.text ?? '').join('');
  return [text, events.filter((event) => event.type === 'message_delta').map((event) => event.delta.stop_reason)];
}

// The text that came before a stream broke off; the SDK must tell, or a program would take it for the whole.
async function brokenStream(c) {
  const events = [];
  const error = await raised(async () => {
    for await (const event of await ask(c, 'echo/reset=4', 'one two three four', { stream: true })) events.push(event);
  });
  assert.notEqual(error.code, 'ERR_ASSERTION');
  assert.ok(events.length > 0, 'nothing came before the break');
  return joined(events)[0];
}

const errorOf = (status) => async (c, options) => {
  const error = await raised(() => ask(c, `stand-in/status=${status}`, 'Hello', {}, options));
  return { kind: error.constructor.name, status: error.status, type: error.type, error: error.error };
};

const documentOf = (text) => [
  { type: 'document', source: { type: 'base64', media_type: 'text/plain', data: base64(text) } },
  { type: 'text', text: 'Sum it up' },
];
const pictureWith = (text) => [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }, { type: 'text', text }];

// Each call a program may make, as a function of the client; what it returns can be compared.
const CALLS = {
  message: async (c, options) => plain(await ask(c, 'stand-in', 'Hello there', { system: 'Be brief.' }, options)),
  stream: async (c, options) => collect(await ask(c, 'echo/chunk=3', 'One, two and a żółw', { stream: true }, options)),
  streamCut: async (c, options) => collect(await ask(c, 'echo/cut=7', 'Zażółć gęślą jaźń 😀', { stream: true }, options)),
  thinking: async (c, options) => collect(await ask(c, 'echo', 'Think first', { stream: true, thinking: THINK }, options)),
  streamHelper: async (c, options) => plain(await c.messages.stream(request('echo', 'Good day'), options).finalMessage()),
  tools: async (c, options) => plain(await ask(c, 'echo', 'Oslo', { tools: [WEATHER] }, options)),
  toolsStream: async (c, options) =>
    collect(await ask(c, 'echo/chunk=2', 'Å "quoted" town', { tools: [WEATHER, TIME], tool_choice: { type: 'any' }, stream: true }, options)),
  structured: async (c, options) =>
    (await c.messages.parse(request('echo', 'Bergen', { output_config: { format: zodOutputFormat(Trip) } }), options)).parsed_output,
  image: async (c, options) => {
    const source = { type: 'base64', media_type: 'image/png', data: PNG };
    return plain(await ask(c, 'stand-in', [{ type: 'text', text: 'What is this?' }, { type: 'image', source }], {}, options));
  },
  document: async (c, options) => plain(await ask(c, 'stand-in', documentOf('a plain note'), {}, options)),
  count: async (c, options) => plain(await c.messages.countTokens({ model: 'stand-in', messages: user('Hello there') }, options)),
  models: async (c, options) => plain((await c.models.list({}, options)).data),
  upload: async (c, options) =>
    plain(await c.beta.files.upload({ file: await toFile(Buffer.from('a plain note\n'), 'notes.txt', { type: 'text/plain' }) }, options)),
  error401: errorOf(401),
  error404: errorOf(404),
  error429: errorOf(429),
  error529: errorOf(529),
};

describe('the stand-in model speaks the API', () => {
  test('message', async () => {
    const answer = await CALLS.message(direct());
    assert.equal(answer.stop_reason, 'end_turn');
    assert.match(answer.content[0].text, /20 characters in 1 messages/);
  });

  test('stream', async () => {
    assert.deepEqual(joined(await CALLS.stream(direct())), ['One, two and a żółw', ['end_turn']]);
    assert.deepEqual(joined(await CALLS.streamCut(direct())), ['Zażółć gęślą jaźń 😀', ['end_turn']]);
    assert.equal((await CALLS.streamHelper(direct())).content[0].text, 'Good day');
  });

  test('thinking', async () => {
    const final = await direct().messages.stream(request('echo', 'Think first', { thinking: THINK })).finalMessage();
    assert.deepEqual(final.content.map((block) => block.type), ['thinking', 'text']);
    assert.ok(final.content[0].thinking && final.content[0].signature);
  });

  test('tools', async () => {
    const answer = await CALLS.tools(direct());
    assert.deepEqual([answer.stop_reason, answer.content[0].input], ['tool_use', { city: 'Oslo', days: 1 }]);
    const wanted = request('echo/chunk=2', 'Å "q"', { tools: [WEATHER, TIME], tool_choice: { type: 'any' } });
    const streamed = await direct().messages.stream(wanted).finalMessage();
    assert.deepEqual(streamed.content.map((block) => block.input), [{ city: 'Å "q"', days: 1 }, { zone: 'Å "q"' }]);
  });

  test('structured output', async () =>
    assert.deepEqual(await CALLS.structured(direct()), { city: 'Bergen', days: 1.5, stops: ['example'] }));

  test('image, count, models, files', async () => {
    assert.match((await CALLS.image(direct())).content[0].text, /an image of 70 bytes/);
    assert.equal((await CALLS.count(direct())).input_tokens, 3);
    assert.equal((await CALLS.models(direct()))[0].id, 'stand-in');
    assert.equal((await CALLS.upload(direct())).size_bytes, 13);
  });

  test('errors and retries', async () => {
    assert.equal((await CALLS.error401(direct())).kind, 'AuthenticationError');
    assert.equal((await CALLS.error529(direct())).error.error.type, 'overloaded_error');
    const id = freshId();
    await raised(() => ask(direct({ maxRetries: 2 }), 'stand-in/status=429', 'Hello', {}, named(id)));
    assert.equal(await arrivals(id), 3);
  });

  test('a broken stream is an error', async () => assert.equal(await brokenStream(direct()), 'one'));
});

describe('nothing matches: all is as without the gateway', needsGateway, () => {
  for (const [name, call] of Object.entries(CALLS)) {
    test(name, async () => {
      const [here, there] = [freshId(), freshId()];
      const expected = await call(direct(), named(here));
      assert.deepEqual(await call(through('anthropic'), named(there)), expected);
      // A form's boundary differs from request to request.
      if (name !== 'upload') assert.equal(await received(there), await received(here));
    });
  }

  test('retries are the caller’s', async () => {
    const id = freshId();
    await raised(() => ask(through('anthropic', { maxRetries: 2 }), 'stand-in/status=429', 'Hello', {}, named(id)));
    assert.equal(await arrivals(id), 3);
  });

  test('a broken stream is an error', async () => assert.ok('one'.startsWith(await brokenStream(through('anthropic')))));

  test('32 at once', async () => {
    const c = through('anthropic');
    const one = async (number) => {
      const text = `Message ${number}: ${'all is well. '.repeat(number)}`;
      assert.deepEqual(joined(await collect(await ask(c, 'echo/chunk=5', text, { stream: true }))), [text, ['end_turn']]);
    };
    await Promise.all(Array.from({ length: 32 }, (_, number) => one(number)));
  });
});

describe('redact: a value is rewritten on its way', needsGateway, () => {
  test('in the prompt and the system prompt', async () => {
    const id = freshId();
    const asked = ask(through('anthropic-redact'), 'echo', `Charge ${CARD} please`, { system: `The card is ${CARD}.` }, named(id));
    const answer = await asked.withResponse();
    assert.equal(answer.response.headers.get('x-portcullis-decision'), 'redact');
    const body = JSON.parse(await received(id));
    assert.deepEqual([body.system, body.messages[0].content], [`The card is ${LABEL}.`, `Charge ${LABEL} please`]);
    assert.equal(answer.data.content[0].text, `Charge ${LABEL} please`);
  });

  test('in an answer', async () =>
    assert.equal((await ask(through('anthropic-answer-redact'), 'stand-in', SAY_CARD)).content[0].text, SAID));

  for (const cut of CUTS) {
    test(`in a stream, ${cut}`, async () => {
      const extra = { stream: true, thinking: THINK };
      const events = await collect(await ask(through('anthropic-answer-redact'), `stand-in/${cut}`, SAY_CARD, extra));
      assert.deepEqual(joined(events), [SAID, ['end_turn']]);
    });
  }

  test('in streamed tool input', async () => {
    const wanted = request('stand-in/chunk=3', SAY_CARD, { tools: [WEATHER] });
    const final = await through('anthropic-answer-redact').messages.stream(wanted).finalMessage();
    assert.deepEqual(final.content[0].input, { city: SAID, days: 1 });
  });
});

describe('block: the SDK’s own permission error, not retried', needsGateway, () => {
  async function refused(upstream, model, content, extra) {
    const [id, counter] = [freshId(), counting()];
    const c = through(upstream, { maxRetries: 2, fetch: counter.fetch });
    const error = await raised(async () => {
      const answer = await ask(c, model, content, extra, named(id));
      if (extra?.stream) await collect(answer);
    });
    assert.ok(error instanceof Anthropic.PermissionDeniedError, String(error));
    assert.deepEqual([error.status, error.error.error.type, counter.sent], [403, 'permission_error', 1]);
    assert.equal(error.headers.get('x-should-retry'), 'false');
    assert.ok(error.error.error.message.includes(BLOCK_MESSAGE), error.message);
    assert.ok(!JSON.stringify(error.error).includes('1111'));
    return arrivals(id);
  }

  test('a prompt', async () => assert.equal(await refused('anthropic-block', 'echo', `Charge ${CARD} please`), 0));
  test('a streamed request', async () => assert.equal(await refused('anthropic-block', 'echo', `Charge ${CARD}`, { stream: true }), 0));
  test('an answer', async () => assert.equal(await refused('anthropic-answer-block', 'stand-in', SAY_CARD), 1));

  for (const cut of ['chunk=1', 'chunk=4', 'chunk=1000', 'cut=3']) {
    test(`mid-stream, ${cut}`, async () => {
      const events = await collect(await ask(through('anthropic-answer-block'), `stand-in/${cut}`, SAY_CARD, { stream: true }));
      const [text, reasons] = joined(events);
      assert.deepEqual([reasons, events.at(-1).type], [['refusal'], 'message_stop']);
      const times = (kind) => events.filter((event) => event.type === kind).length;
      assert.equal(times('content_block_stop'), times('content_block_start'));
      assert.ok('The card is '.startsWith(text), text);
    });
  }
});

testsOfTexts(
  describe, test, 'anthropic',
  {
    message: (c, text) => ask(c, 'echo', text),
    stream: async (c, text) => collect(await ask(c, 'echo', text, { stream: true })),
    'tool description': (c, text) => ask(c, 'echo', 'Oslo', { tools: [{ ...WEATHER, description: text }] }),
    structured: (c, text) => c.messages.parse(request('echo', text, { output_config: { format: zodOutputFormat(Trip) } })),
    image: (c, text) => ask(c, 'stand-in', pictureWith(text)),
    document: (c, text) => ask(c, 'stand-in', documentOf(text)),
    upload: async (c, text) => c.beta.files.upload({ file: await toFile(Buffer.from(text), 'notes.txt', { type: 'text/plain' }) }),
    count: (c, text) => c.messages.countTokens({ model: 'stand-in', messages: user(text) }),
  },
  (upstream, id) => through(upstream, { defaultHeaders: named(id).headers }),
  (error) => error instanceof Anthropic.PermissionDeniedError,
);

describe('errors and many at once', needsGateway, () => {
  test('redact: 16 at once', async () => {
    const one = async (number) => {
      const stream = await ask(through('anthropic-answer-redact'), `stand-in/chunk=${number + 1}`, SAY_CARD, { stream: true });
      assert.deepEqual(joined(await collect(stream)), [SAID, ['end_turn']]);
    };
    await Promise.all(Array.from({ length: 16 }, (_, number) => one(number)));
  });

  test('redact and the provider’s error is the same', async () => {
    const told = async (c, text) => {
      const error = await raised(() => ask(c, 'echo/status=400', text));
      return [error.status, error.message];
    };
    assert.deepEqual(await told(through('anthropic-redact'), `Charge ${CARD}`), await told(direct(), 'Charge it'));
  });

  test('block before the provider’s error', async () =>
    assert.equal((await raised(() => ask(through('anthropic-block'), 'echo/status=400', `Charge ${CARD}`))).status, 403));
});
