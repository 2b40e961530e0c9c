import type { ComponentContext } from '../component.js';
import type { Tool } from './tool.js';
import { calculatorTool } from '../calculator/calculator-tool.js';
import { readFlag } from '../read-field.js';

/** The tools that an agent's own switches add. A connected tool of the same name replaces them. */
export function withBuiltInTools(context: ComponentContext, wired: readonly Tool[]): readonly Tool[] {
  const builtIn = [
    ...(readFlag(context, 'add_current_date_tool') ? [currentDateTool(context.now)] : []),
    ...(readFlag(context, 'add_calculator_tool') ? [calculatorTool('evaluate_expression')] : []),
  ];
  return [...wired, ...builtIn.filter(({ name }) => !wired.some((tool) => tool.name === name))];
}

function currentDateTool(now: string): Tool {
  return {
    name: 'get_current_date',
    description: 'Returns the current date and time in the selected timezone.',
    parameters: {
      type: 'object',
      properties: {
        timezone: {
          title: 'Timezone',
          description: 'A time zone, such as UTC or Europe/Berlin.',
          type: 'string',
          default: 'UTC',
        },
      },
    },
    effects: 'none',
    call: ({ timezone }) => {
      const zone = typeof timezone === 'string' && timezone !== '' ? timezone : 'UTC';
      return Promise.resolve(dateIn(zone, new Date(now)));
    },
  };
}

function dateIn(zone: string, time: Date): string {
  try {
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    return `Current date and time in ${zone}: ${format.format(time)}`;
  } catch {
    return `Error: there is no time zone ${zone}.`;
  }
}
