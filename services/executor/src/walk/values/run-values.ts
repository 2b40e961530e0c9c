import type { Handle } from '@causeway/components/runtime';
import { causewayError } from '@causeway/contracts';
import type { InputSource, Json } from '@causeway/dag';
import { isHandle, pickItem } from '../../domain/prepare/node-inputs.js';
import type { OutputValue, StartCommand } from '../../domain/prepare/node-inputs.js';

type Named = Readonly<Record<string, OutputValue>>;

/** Sources of values that this attempt has not made itself. */
export interface ValueSources {
  /** A step's outputs from the journal; live objects are null. */
  load(path: string): Promise<Readonly<Record<string, Json>>>;
  /** Makes live objects again, by executing their node only for them. */
  rebuild(start: StartCommand, outputs: readonly string[]): Promise<Readonly<Record<string, Json | Handle>>>;
}

/** The outputs of a run's steps: in memory, read from the journal, or made again. */
export class RunValues {
  private readonly made = new Map<string, Named>();
  private readonly loading = new Map<string, Promise<Named>>();
  private readonly starts = new Map<string, StartCommand>();
  private readonly rebuilding = new Map<string, Promise<Readonly<Record<string, Json | Handle>>>>();

  constructor(private readonly sources: ValueSources) {}

  /** Keeps how a step was started, in case its live objects must be made again. */
  started(start: StartCommand): void {
    this.starts.set(start.path, start);
  }

  put(path: string, outputs: Named): void {
    this.made.set(path, outputs);
  }

  /** All values of a step; live objects are null. */
  async values(path: string): Promise<Readonly<Record<string, Json>>> {
    const outputs = await this.outputs(path);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [name, isHandle(output) ? null : (output ?? null)]),
    );
  }

  /** What a field receives from one source. */
  async receive({ path, output, index }: InputSource): Promise<OutputValue> {
    const outputs = await this.outputs(path);
    const value = Object.hasOwn(outputs, output) ? outputs[output] : undefined;
    return value === null ? this.rebuilt(path, output) : pickItem(value, index);
  }

  private async outputs(path: string): Promise<Named> {
    const made = this.made.get(path);
    if (made) return made;
    const loading = this.loading.get(path) ?? this.sources.load(path);
    this.loading.set(path, loading);
    const loaded = await loading;
    this.made.set(path, loaded);
    return loaded;
  }

  private async rebuilt(path: string, output: string): Promise<OutputValue> {
    const start = this.starts.get(path);
    if (!start)
      throw causewayError('INTERNAL', { requestId: '' }, { cause: new Error(`${path} was never started`) });
    const key = JSON.stringify([path, output]);
    const rebuilding = this.rebuilding.get(key) ?? this.sources.rebuild(start, [output]);
    this.rebuilding.set(key, rebuilding);
    return (await rebuilding)[output];
  }
}
