import { expect, test } from 'vitest';
import { hasBrowser } from './device-login.js';

test.each([
  ['a desktop', { DISPLAY: ':0' }, 'linux', true],
  ['a desktop with Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
  ['a server', {}, 'linux', false],
  ['a desktop over SSH', { DISPLAY: ':0', SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' }, 'linux', false],
  ['a terminal over SSH', { SSH_TTY: '/dev/pts/1' }, 'darwin', false],
  ['a Mac', {}, 'darwin', true],
  ['Windows', {}, 'win32', true],
] as const)('%s', (_where, environment, platform, expected) => {
  expect(hasBrowser(environment, platform)).toBe(expected);
});
