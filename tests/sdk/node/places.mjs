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
  const all = await (await fetch(`${STANDIN}/received`)).json();
  return all.filter((entry) => entry.id === id).length;
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

// Runs `call` and gives back the error it must end with.
export async function raised(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail('no error was raised');
}
