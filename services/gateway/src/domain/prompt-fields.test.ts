import type { JsonObject } from '@causeway/dag';
import { describe, expect, it } from 'vitest';
import { withPromptFields } from './prompt-fields.js';

const node = (template: JsonObject, fields: JsonObject): JsonObject => ({
  display_name: 'Prompt',
  template: { _type: 'Component', template: { name: 'template', type: 'prompt', value: '' }, ...template },
  custom_fields: fields,
});
const shown = (written: JsonObject) => ({
  fields: Object.keys(written['template'] as JsonObject),
  custom: written['custom_fields'],
});

describe('a prompt’s node', () => {
  it('gets a field per variable, in the shape that Langflow saves', () => {
    const written = withPromptFields(node({}, {}), 'template', ['order', 'name']);
    expect(shown(written)).toEqual({
      fields: ['_type', 'template', 'order', 'name'],
      custom: { template: ['order', 'name'] },
    });
    expect(written['template']).toMatchObject({
      order: { type: 'str', name: 'order', display_name: 'order', value: '', show: true, multiline: true },
    });
    expect(written['display_name']).toBe('Prompt');
  });

  it('keeps the value of a variable, and loses the fields of variables that were removed', () => {
    const before = node(
      { order: { value: '12' }, old: { value: 'x' }, tool_placeholder: { value: '' } },
      {
        template: ['order', 'old'],
      },
    );
    const written = withPromptFields(before, 'template', ['order']);
    expect(shown(written)).toEqual({
      fields: ['_type', 'template', 'order', 'tool_placeholder'],
      custom: { template: ['order'] },
    });
    expect(written['template']).toMatchObject({ order: { value: '12' } });
    expect(shown(before).custom).toEqual({ template: ['order', 'old'] });
  });

  it('that is new names its only template by an empty name', () => {
    expect(shown(withPromptFields(node({}, { template: [] }), '', ['a'])).custom).toEqual({
      template: ['a'],
    });
    const two = { system_prompt: ['a'], template: ['b'] };
    expect(shown(withPromptFields(node({}, two), 'template', ['c'])).custom).toEqual({
      system_prompt: ['a'],
      template: ['c'],
    });
  });

  it('lists its variables where it has a list of them', () => {
    const written = withPromptFields(node({ input_variables: { value: [] } }, {}), 'template', ['a']);
    expect(written['template']).toMatchObject({ input_variables: { value: ['a'] } });
  });

  it('without a template or fields gets them', () => {
    expect(shown(withPromptFields({}, 'template', ['constructor']))).toEqual({
      fields: ['constructor'],
      custom: { template: ['constructor'] },
    });
  });
});
