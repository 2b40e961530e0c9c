import { newBootstrapKey, renewBootstrapKey } from '@causeway/stack';
import type { Output } from '../../output.js';

/** Replaces the key with which an administrator comes back in when nobody else can. Needs no server, but the machine. */
export function bootstrap({ print = false }: { readonly print?: boolean }, output: Output): number {
  if (print) {
    const key = newBootstrapKey();
    output.result({ key }, () => key);
    output.progress(
      `set it as CAUSEWAY_BOOTSTRAP_API_KEY of the service auth, and start auth again: it owns the organisation then`,
    );
    return 0;
  }
  const { key, folder } = renewBootstrapKey();
  output.result({ key, folder }, () => key);
  output.progress(
    `${folder} has this key from the next start on: npm stop, then npm start; the former one ends then`,
  );
  return 0;
}
