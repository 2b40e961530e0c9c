import { describe, expect, it } from 'vitest';
import {
  changedSettings,
  cleanSettings,
  defaultSettings,
  outdatesSource,
  settingsOfDocument,
} from './flow-settings.js';

const is = { ...defaultSettings, name: 'X', projectId: 'p' };
const document = {
  name: 'X',
  tags: [],
  isComponent: false,
  webhook: false,
  locked: false,
  mcpEnabled: false,
  data: { nodes: [], edges: [] },
};

describe('changedSettings', () => {
  it('returns the settings that differ', () => {
    expect(changedSettings(is, { name: 'Y', locked: false, description: 'd' })).toEqual({
      name: 'Y',
      description: 'd',
    });
  });

  it('ignores settings that are not given', () => {
    expect(changedSettings(is, { name: undefined } as object)).toEqual({});
  });

  it('treats no tags and an empty list of tags as equal', () => {
    expect(changedSettings(is, { tags: null })).toEqual({});
    expect(changedSettings({ ...is, tags: ['a'] }, { tags: null })).toEqual({ tags: null });
    expect(changedSettings({ ...is, tags: ['a', 'b'] }, { tags: ['b', 'a'] })).toEqual({ tags: ['b', 'a'] });
  });
});

describe('outdatesSource', () => {
  it('is true for settings in an export, and not for a flow’s place or who may see it', () => {
    expect(outdatesSource({ name: 'Y' })).toBe(true);
    expect(outdatesSource({ projectId: 'q', accessType: 'PUBLIC' })).toBe(false);
    expect(outdatesSource({})).toBe(false);
  });
});

describe('settingsOfDocument', () => {
  it('cuts texts to the limits of a flow', () => {
    const settings = settingsOfDocument({
      ...document,
      name: 'n'.repeat(501),
      gradient: 'g'.repeat(101),
      description: 'd'.repeat(10_001),
    });
    expect([settings.name.length, settings.gradient?.length, settings.description?.length]).toEqual([
      500, 100, 10_000,
    ]);
  });

  it('leaves settings absent that the file does not have', () => {
    expect(settingsOfDocument({ name: 'X' })).toEqual({ name: 'X' });
    expect(settingsOfDocument({ name: 'X', endpointName: '', description: '', tags: [] })).toEqual({
      name: 'X',
      description: '',
      tags: [],
    });
  });
});

describe('cleanSettings', () => {
  it('replaces characters that Postgres does not accept, in texts and lists, and leaves the rest', () => {
    expect(cleanSettings({ name: 'a\u0000', tags: ['\uD800'], locked: true, description: null })).toEqual({
      name: 'a\uFFFD',
      tags: ['\uFFFD'],
      locked: true,
      description: null,
    });
  });
});
