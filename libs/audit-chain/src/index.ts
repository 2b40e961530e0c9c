export { FIRST_PREVIOUS, addToDigest, chainHash, hashOfText } from './chain-hash.js';
export { inclusionProof, merkleRoot, rootOfProof, treeOf } from './merkle.js';
export {
  type PublicKey,
  type SignedKind,
  type SigningKey,
  isSignedBy,
  keyIdOf,
  publicKeyText,
  readAuditKey,
  readPublicKey,
  signValue,
} from './signing.js';
export { type Checkpoint, type SignedCheckpoint, checkpointHash, nextCheckpoint } from './checkpoint.js';
export type {
  CheckpointLine,
  CursorLine,
  EndLine,
  EventLine,
  ExportLine,
  ExportStatement,
  HeaderLine,
  RemovedLine,
} from './export-line.js';
export { parseExportLine } from './parse-export-line.js';
export { REMOVAL, type Range, type RemovalDetail, removedRanges, uncovered } from './removal.js';
export { ExportVerifier } from './export-verifier.js';
export type { Finding, VerifyReport } from './verify-report.js';
