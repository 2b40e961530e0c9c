import { specs } from '@causeway/components/specs';
import { compilerName } from '@causeway/dag';
import { sha256 } from './compiled-version.js';

/** Names this build's compiler and catalogue. What another has made of a version is kept beside it. */
export const compiler = compilerName(specs, sha256);
