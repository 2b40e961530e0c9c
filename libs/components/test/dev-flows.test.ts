import { type FlowDocument, type JsonObject, compileFlow, expandGroups, isPlainObject } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../src/specs/catalogue.js';
import { isDevSet, shippedFlows, shippedFolder, shippedMissing } from './shipped-flows.js';

/** A node of a flow that Langflow itself ships. */
interface ShippedNode {
  readonly file: string;
  readonly id: string;
  readonly type: string;
  readonly fields: readonly string[];
  readonly outputs: readonly string[];
}

function shippedNodes(file: string, document: FlowDocument): readonly ShippedNode[] {
  return expandGroups(document).nodes.flatMap((node): ShippedNode[] => {
    const data = node['data'] as JsonObject;
    const content = data['node'];
    if (node['type'] === 'noteNode' || !isPlainObject(content)) return [];
    const template = isPlainObject(content['template']) ? content['template'] : {};
    const outputs = Array.isArray(content['outputs']) ? (content['outputs'] as { name: string }[]) : [];
    return [
      {
        file,
        id: String(node['id']),
        type: String(data['type']),
        fields: Object.keys(template).filter((name) => name !== 'code' && isPlainObject(template[name])),
        outputs: outputs.map(({ name }) => name),
      },
    ];
  });
}

/** Types of the dev set that are not in the catalogue, and on how many nodes. */
const outside: Readonly<Record<string, number>> = {
  CustomComponent: 16,
  ChatOpenAI: 10,
  TavilySearchComponent: 8,
  PythonFunctionTool: 7,
  AgentInitializer: 6,
  AssemblyAITranscriptionJobPoller: 4,
  AssemblyAITranscriptionJobCreator: 4,
  ApifyActors: 4,
  AstraDB: 4,
  OpenAIEmbeddings: 4,
  LLMChain: 4,
  ConversationBufferMemory: 4,
  MCPTools: 3,
  YfinanceComponent: 3,
  Chroma: 3,
  PromptTemplate: 3,
  needle: 2,
  RemixDocumentation: 2,
  FAISS: 2,
  EmbeddingModel: 2,
  ArXivComponent: 2,
  ScrapeGraphSearchApi: 2,
  FileContentRetriever: 2,
  SplitText: 2,
  OpenAI: 2,
  ZeroShotAgent: 2,
  OpenDsStarAgent: 1,
  FileDescriptionGeneratorComponent: 1,
  MergeFlows: 1,
  OllamaEmbeddings: 1,
  SaveToFile: 1,
  Knowledge: 1,
  Directory: 1,
  DataFrameKeywordSearch: 1,
  GetUserID: 1,
  KnowledgeIngestion: 1,
  MyZipper: 1,
  VectorStoreAgent: 1,
  VectorStoreInfo: 1,
  RecursiveCharacterTextSplitter: 1,
  WebBaseLoader: 1,
  TimeTravelGuideChain: 1,
  Tool: 1,
  ZeroShotPrompt: 1,
  Secret: 1,
  CosineSimilarityComponent: 1,
  ScoreCalculatorComponent: 1,
  AssemblyAIGetSubtitles: 1,
  AssemblyAIListTranscripts: 1,
  AssemblyAILeMUR: 1,
  AddContentToPage: 1,
  NotionPageCreator: 1,
  NotionDatabaseProperties: 1,
  NotionListPages: 1,
  NotionUserList: 1,
  NotionPageContent: 1,
  NotionSearch: 1,
  NotionPageUpdate: 1,
  ToolCallingAgent: 1,
  ToolkitComponent: 1,
  CurrentDateComponent: 1,
};

describe('the flows that Langflow ships', () => {
  const flows = shippedFlows();
  if (flows === undefined) {
    test.skip(shippedMissing, () => undefined);
    return;
  }
  const nodes = flows.flatMap(({ file, document }) => shippedNodes(file, document));
  const known = nodes.filter(({ type }) => catalogue.find(type) !== undefined);

  test('use these types that the catalogue does not have', ({ skip }) => {
    const counts: Record<string, number> = {};
    for (const { type } of nodes)
      if (catalogue.find(type) === undefined) counts[type] = (counts[type] ?? 0) + 1;
    const rows = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
    console.log(
      `${known.length} of ${nodes.length} nodes are in the catalogue; not in it:\n${rows.map(([type, n]) => `${String(n).padStart(4)}  ${type}`).join('\n')}`,
    );
    skip(!isDevSet(), `${shippedFolder} is another set than the one these numbers are of`);
    expect(counts).toEqual(outside);
  });

  test('have no field that its component does not know', () => {
    const unknown = known.flatMap(({ file, id, type, fields }) => {
      const spec = catalogue.find(type);
      if (spec === undefined || spec.openFields === true) return [];
      const names = new Set([...spec.fields.map(({ name }) => name), ...(spec.ignoredFields ?? [])]);
      return fields.filter((name) => !names.has(name)).map((name) => `${type}.${name} (${file}, ${id})`);
    });
    expect(unknown).toEqual([]);
  });

  test('have no output that its component does not know', () => {
    const unknown = known.flatMap(({ file, id, type, outputs }) => {
      const names = new Set([
        'component_as_tool',
        ...(catalogue.find(type)?.outputs ?? []).map(({ name }) => name),
      ]);
      return outputs.filter((name) => !names.has(name)).map((name) => `${type}.${name} (${file}, ${id})`);
    });
    expect(unknown).toEqual([]);
  });

  test('compile without a component that differs', () => {
    const differing = flows.flatMap(({ file, document }) =>
      compileFlow(document, catalogue)
        .problems.filter(({ code }) => code === 'COMPONENT_DIFFERS')
        .map(({ message, nodes: [node] }) => `${file} ${node ?? ''}: ${message}`),
    );
    expect(differing).toEqual([]);
  });
});
