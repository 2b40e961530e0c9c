import { expect, test } from 'vitest';
import { findForms } from '../visitor/page-form.js';
import { signInPage } from './sign-in-page.js';

test('nothing from outside becomes part of the page', () => {
  const nasty = `"><script>alert('1')</script>&amp;`;
  const html = signInPage({
    clientId: nasty,
    email: nasty,
    password: nasty,
    problem: nasty,
    listed: [{ subject: nasty, name: nasty, email: 'a@b', groups: [nasty], password: 'secret' }],
  });
  expect(html).not.toContain('<script');
  const [form] = findForms({ url: 'http://127.0.0.1:9', body: html });
  expect(form?.fields).toEqual({ email: nasty, password: nasty });
  expect(html).not.toContain('secret');
});
