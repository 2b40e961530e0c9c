import { specs } from '@causeway/components/specs';
import { compilerName } from '@causeway/dag';
import { sha256 } from './compiled-version.js';

/** The name of this build's compiler and catalogue. Plans of other compilers are kept in rows of their own. */
export const compiler = compilerName(specs, sha256);
