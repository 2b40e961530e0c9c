import { expect, it } from 'vitest';
import { readTicket } from './ticket.js';

const ticket = {
  connectionId: '00000000-0000-4000-8000-000000000009',
  callbackUrl: 'https://a/b',
  returnTo: '/',
  noted: {},
  untilMs: 1_000,
};

it('reads a ticket until it is too old, and nothing else', () => {
  expect(readTicket(JSON.stringify(ticket), 999)).toEqual(ticket);
  expect(readTicket(JSON.stringify(ticket), 1_000)).toBeUndefined();
  expect(readTicket('{}', 0)).toBeUndefined();
  expect(readTicket('no JSON', 0)).toBeUndefined();
});
