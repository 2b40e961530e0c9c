import { fetchOf } from '../https/pinned-fetch.js';

const LOOK_MS = 500;
const ASK_TIMEOUT_MS = 5_000;

/**
 * The problem of a running copy; undefined when it works. It waits a while for servers or services that are just being started
 * again.
 *
 * @param url       address of its gateway
 * @param certFile  the gateway's certificate, when it speaks HTTPS
 */
export async function findUnhealthy(
  url: string,
  withinMs = 30_000,
  certFile?: string,
): Promise<string | undefined> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const problem = await ask(url, certFile);
    if (problem === undefined || Date.now() > untilMs) return problem;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function ask(url: string, certFile: string | undefined): Promise<string | undefined> {
  try {
    const answer = await fetchOf(certFile)(`${url}/health_check`, {
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    if (answer.ok) {
      await answer.body?.cancel();
      return undefined;
    }
    const { detail = `its health check answers ${answer.status}` } = (await answer.json()) as {
      detail?: string;
    };
    return detail.replace(/\.$/, '');
  } catch (error) {
    return `its gateway at ${url} does not answer (${(error as Error).message})`;
  }
}
