// Where the tests send their requests, and what they share; `tests/sdk/python/places.py` says the same in Python.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

// The address of the stand-in model, and that of a gateway that serves `tests/sdk/gateway.toml` in front of it.
export const { STANDIN, GATEWAY } = process.env;
assert.ok(STANDIN, 'STANDIN is not set');
export const needsGateway = { skip: GATEWAY ? false : 'GATEWAY is not set' };

// A number card networks publish for tests, and the same as a question that does not hold it.
export const CARD = '4111 1111 1111 1111';
export const SAY_CARD = 'SAY <<The card is 4111| 1111| 1111| 1111, and it expires next year.>>';
export const LABEL = '[CREDIT_CARD]';
export const SAID = `The card is ${LABEL}, and it expires next year.`;
// The statement that blocks, in tests/sdk/policy.toml.
export const BLOCK_MESSAGE = 'Remove the card number and send again';

// The smallest picture: one transparent pixel, 70 bytes.
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const CUTS = ['chunk=1', 'chunk=3', 'chunk=1000', 'cut=1', 'cut=11', 'chunk=2,cut=5'];

export const user = (content) => [{ role: 'user', content }];

// A name for one call, and the options that send it as the header the tests look it up by.
export const freshId = () => `sdk-${randomUUID()}`;
export const named = (id) => ({ headers: { 'x-client-request-id': id } });

// The exact body that reached the stand-in model under this id, or undefined.
export async function received(id) {
  const answer = await fetch(`${STANDIN}/received/${id}`);
  const body = await answer.text();
  return answer.ok ? body : undefined;
}

// How many requests reached the stand-in model under this id.
export async function arrivals(id) {
  return (await (await fetch(`${STANDIN}/received?id=${id}`)).json()).length;
}

// A `fetch` for the SDK that counts the requests it sends, retries included.
export function counting() {
  const counter = { sent: 0 };
  counter.fetch = (...request) => {
    counter.sent += 1;
    return fetch(...request);
  };
  return counter;
}

// A copy of an SDK object as plain data, without what differs from call to call.
export const plain = (value) => JSON.parse(JSON.stringify(value));

export async function collect(stream) {
  const all = [];
  for await (const item of stream) all.push(plain(item));
  return all;
}

// Makes a test of each call: once where its text is covered on its way, once where it is refused before it is sent.
// `through` gives a client of an upstream whose requests bear an id; `refusal` is what the error must be an instance of.
export function testsOfTexts(describe, test, peer, calls, through, isRefusal) {
  const text = `Charge ${CARD} please`;
  const encoded = Buffer.from(`Charge ${LABEL} please`).toString('base64');
  describe('redact: a text wherever it stands', needsGateway, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const id = freshId();
        await call(through(`${peer}-redact`, id), text);
        const body = await received(id);
        assert.ok(!body.includes(CARD) && (body.includes(LABEL) || body.includes(encoded)), body);
      });
    }
  });
  describe('block: a text wherever it stands', needsGateway, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const id = freshId();
        const error = await raised(() => call(through(`${peer}-block`, id), text));
        assert.ok(isRefusal(error) && error.message.includes(BLOCK_MESSAGE), String(error));
        assert.equal(await arrivals(id), 0);
      });
    }
    test('16 at once', async () => {
      const [, call] = Object.entries(calls)[0];
      const one = async (number) => {
        const error = await raised(() => call(through(`${peer}-block`, freshId()), `${number}: ${text}`));
        assert.ok(isRefusal(error), String(error));
      };
      await Promise.all(Array.from({ length: 16 }, (_, number) => one(number)));
    });
  });
}

// The text of a file as a data URL and as base64.
export const base64 = (text) => Buffer.from(text).toString('base64');

// Runs `call` and gives back the error it must end with.
export async function raised(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail('no error was raised');
}
