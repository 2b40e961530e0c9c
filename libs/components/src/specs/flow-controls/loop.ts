import type { ComponentSpec } from '@causeway/dag';
import { portField, valueOutput } from '../field.js';

/** Runs a part of the flow once per item of a list. */
export const loopSpec: ComponentSpec = {
  type: 'LoopComponent',
  aliases: ['Loop'],
  displayName: 'Loop',
  description: 'Runs the nodes after Item once for each item and collects the results in Done.',
  category: 'flow_controls',
  icon: 'infinity',
  role: 'loop',
  effects: 'none',
  fields: [
    portField('data', 'Inputs', ['DataFrame', 'Table', 'Data', 'JSON', 'Message'], { required: true }),
  ],
  outputs: [
    valueOutput('item', 'Item', ['Data', 'JSON'], 'item_output', { allowsLoop: true }),
    valueOutput('done', 'Done', ['DataFrame', 'Table', 'Data', 'JSON'], 'done_output'),
  ],
};
