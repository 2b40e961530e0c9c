import { readFileSync, statSync } from 'node:fs';
import {
  type KeyWrapping,
  Lifecycle,
  MasterKeys,
  SETTINGS,
  SettingsError,
  readMasterKeys,
} from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../config.js';
import { DataKeyStore } from '../../store/data-key.store.js';

/** The master keys of the settings. They are in the memory of this process and nowhere else. */
@Injectable()
export class MasterKeyRing {
  private read: {
    readonly keys: readonly Buffer[];
    readonly wrapping: KeyWrapping;
    readonly changedMs: number;
  };

  /** @throws SettingsError when there is no master key, or a wrong one */
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly store: DataKeyStore,
    lifecycle: Lifecycle,
  ) {
    this.read = this.load();
    lifecycle.addCheck('master keys', () => this.findMissing());
  }

  /** Wraps and unwraps data keys. A key management service would be returned here. */
  get wrapping(): KeyWrapping {
    return this.fresh.wrapping;
  }

  /** The keys themselves: they have sealed values before there were data keys. */
  get keys(): readonly Buffer[] {
    return this.fresh.keys;
  }

  private get fresh(): typeof this.read {
    if (this.changedMs !== this.read.changedMs) this.read = this.load();
    return this.read;
  }

  /** When the file was changed last; 0 without a file. */
  private get changedMs(): number {
    const { masterKeyFile: file } = this.settings;
    return file === undefined
      ? 0
      : (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? this.read.changedMs);
  }

  private load(): typeof this.read {
    const { masterKey, masterKeyFile: file } = this.settings;
    if ((masterKey === undefined) === (file === undefined))
      throw new SettingsError([
        'CAUSEWAY_MASTER_KEY, CAUSEWAY_MASTER_KEY_FILE: set one of them; make a key with: openssl rand -base64 32',
      ]);
    try {
      const changedMs = file === undefined ? 0 : statSync(file).mtimeMs;
      const keys = readMasterKeys(file === undefined ? (masterKey as string) : readFileSync(file, 'utf8'));
      return { keys, wrapping: new MasterKeys(keys), changedMs };
    } catch (error) {
      throw new SettingsError([`CAUSEWAY_MASTER_KEY_FILE: ${(error as Error).message}`]);
    }
  }

  /** Without the master key of a data key, what that one sealed cannot be opened by anybody. */
  private async findMissing(): Promise<string | undefined> {
    const missing = (await this.store.masterIds()).filter((id) => !this.wrapping.has(id));
    if (missing.length === 0) return undefined;
    return `data keys are wrapped with a master key that is not set: ${missing.join(', ')}`;
  }
}
