import type { ComponentContext, ComponentResult, ComponentRuntime } from '../component.js';
import { componentTools } from './component-as-tool.js';
import { toolsHandle } from './tool.js';

/** The one output of a node in tool mode. */
const TOOL_OUTPUT = 'component_as_tool';

/**
 * Runs a node: in tool mode it gives its component as tools, whatever the component is; otherwise the component runs.
 * Every start of a node uses this function.
 */
export async function runNode(
  runtime: ComponentRuntime,
  context: ComponentContext,
): Promise<ComponentResult> {
  if (!context.node.toolMode) return runtime.run(context);
  return { outputs: { [TOOL_OUTPUT]: toolsHandle(componentTools(runtime, context)) } };
}
