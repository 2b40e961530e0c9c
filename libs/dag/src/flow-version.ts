import type { FlowDocument } from './flow-document.js';
import type { JsonObject } from './json.js';

/** The part of a flow that a version is about: `data` without what only the editor needs. */
export function flowVersionContent(document: FlowDocument): JsonObject {
  void document;
  return {};
}

/** Name of a flow version. @param sha256 hex digest of a text's UTF-8 bytes */
export function versionHash(document: FlowDocument, sha256: (text: string) => string): string {
  return sha256(JSON.stringify(flowVersionContent(document)));
}
