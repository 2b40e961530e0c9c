import { catalogue } from '@causeway/components/specs';
import { type FlowDocument, type Json, type JsonObject, compileFlow, parseFlowFile } from '@causeway/dag';

export interface CompileResult {
  readonly nodes: number;
  readonly edges: number;
  /** Median of several compilations. */
  readonly medianMs: number;
  /** Time of the first compilation, before V8 has optimised the code. */
  readonly firstMs: number;
}

const TRIES = 15;

/** Measures the time to compile chains of prompts of these sizes, each made from the sample flow's prompt. */
export function measureCompile(sampleText: string, sizes: readonly number[]): CompileResult[] {
  const [sample] = parseFlowFile(sampleText).flows;
  if (!sample) throw new Error('the sample flow cannot be read');
  return sizes.map((size) => {
    const flow = chainOf(sample, size);
    const times = Array.from({ length: TRIES }, () => {
      const startedMs = performance.now();
      const plan = compileFlow(flow, catalogue);
      const tookMs = performance.now() - startedMs;
      const [problem] = plan.problems.filter(({ severity }) => severity === 'blocking');
      if (problem || plan.order.length !== size)
        throw new Error(`the chain does not compile: ${problem?.message}`);
      return tookMs;
    });
    const firstMs = times[0] ?? NaN;
    const medianMs = times.toSorted((a, b) => a - b)[Math.floor(TRIES / 2)] ?? NaN;
    return { nodes: size, edges: flow.data.edges.length, medianMs, firstMs };
  });
}

function chainOf(sample: FlowDocument, size: number): FlowDocument {
  const prompt = sample.data.nodes.find((node) => typeOf(node) === 'Prompt') as JsonObject;
  const edge = sample.data.edges.find((one) =>
    String((one as JsonObject)['target']).startsWith('Prompt'),
  ) as JsonObject;
  const { fieldName } = (edge['data'] as { targetHandle: { fieldName: string } }).targetHandle;
  const ids = Array.from({ length: size }, (_, index) => `Prompt-${index + 1}`);
  const nodes = ids.map((id) => ({ ...prompt, id, data: { ...(prompt['data'] as JsonObject), id } }));
  const edges = ids.slice(1).map((id, index) => edgeBetween(`Prompt-${index + 1}`, id, fieldName));
  return { ...sample, data: { ...sample.data, nodes, edges } };
}

function edgeBetween(source: string, target: string, fieldName: string): JsonObject {
  const sourceHandle = { dataType: 'Prompt', id: source, name: 'prompt', output_types: ['Message'] };
  const targetHandle = { fieldName, id: target, inputTypes: ['Message'], type: 'str' };
  return {
    id: `${source}-${target}`,
    source,
    target,
    sourceHandle: JSON.stringify(sourceHandle),
    targetHandle: JSON.stringify(targetHandle),
    data: { sourceHandle, targetHandle },
  };
}

function typeOf(node: Json): string {
  return ((node as JsonObject)['data'] as { type: string }).type;
}
