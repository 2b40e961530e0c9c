import { checkPermitted, reachOf } from '@causeway/authz';
import { EXECUTOR_RUNNER, causewayError, checkFileName } from '@causeway/contracts';
import type {
  InputOf,
  Reach,
  ReplyOf,
  StoredFile,
  Tenant,
  createFile,
  deleteFiles,
  getFile,
  listFiles,
  renameFile,
} from '@causeway/contracts';
import { Vault, currentContext, dataKeyOf, newId, placeOfFile, placeOfGivenFile } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { splitFileName, uniqueFileName } from '../domain/file-name.js';
import { registryEvent } from '../domain/registry-event.js';
import { FileStore, filesWithin } from '../store/file.store.js';
import { FlowStore } from '../store/flow.store.js';
import { tell } from '../store/tables.js';
import { Committing } from './committing.js';
import { Collecting } from '../retention/collecting.js';

/** Rows of uploaded files. A file's bytes are in the object store before its row is written. */
@Injectable()
export class Files {
  constructor(
    private readonly committing: Committing,
    private readonly files: FileStore,
    private readonly flows: FlowStore,
    private readonly collecting: Collecting,
    private readonly vault: Vault,
  ) {}

  /**
   * Records a file of a flow, or of the caller. A name that is taken becomes `name (1)`.
   *
   * @throws CausewayError FILE_NAME_INVALID, FLOW_UNKNOWN, PERMISSION_DENIED
   */
  async create(input: InputOf<typeof createFile>): Promise<StoredFile> {
    const { principal, flowId, fileName, sha256, bytes } = input;
    const { organisationId, teamId } = principal;
    checkFileName(fileName);
    if (flowId === undefined) checkPermitted(input, ['file:write']);
    else await this.checkFlow(principal, flowId, reachOf(principal, ['file:write']));
    const folder = flowId ?? principal.id;
    const id = newId();
    const sealedKey = await this.sealOwn(input, id);
    const file = await this.committing.commit(principal, async (writes) => {
      const free = uniqueFileName(fileName, await this.files.namesIn(writes, principal, folder));
      const made = await this.files.insert(writes, {
        id,
        organisationId,
        teamId,
        flowId: flowId ?? null,
        userId: principal.id,
        name: splitFileName(free).name,
        path: `${folder}/${free}`,
        bytes: BigInt(bytes),
        sha256,
        sealedKey,
        dataKeyId: sealedKey === null ? null : dataKeyOf(sealedKey),
      });
      const deed = { action: 'file.create', id: made.id, name: made.path, detail: { sha256, bytes } };
      await tell(writes, [registryEvent(input, deed, { id: newId(), at: new Date() })]);
      return made;
    });
    return file;
  }

  /** A flow's files, or the users' own files. Throws FLOW_UNKNOWN. */
  async list(input: InputOf<typeof listFiles>): Promise<ReplyOf<typeof listFiles>> {
    if (input.flowId !== undefined) await this.checkFlow(input, input.flowId, input.reach);
    return this.files.list(input);
  }

  /** Throws FILE_UNKNOWN. */
  async get(input: InputOf<typeof getFile>): Promise<StoredFile> {
    const { fileId, path } = input;
    const by = fileId !== undefined ? { id: fileId } : path !== undefined ? { path } : undefined;
    if (!by) throw causewayError('REQUEST_INVALID', { problems: 'fileId, path: give one of them.' });
    const isImpossible = path?.includes('\u0000') === true;
    const file = isImpossible
      ? undefined
      : ((await this.files.find(input, by, input.reach)) ?? (await this.findForRun(input)));
    if (!file) throw causewayError('FILE_UNKNOWN', { file: fileId ?? path ?? '' });
    return file;
  }

  /** The file of a flow that was moved to another team after a run of it was submitted. Nobody but what executes runs gets it. */
  private async findForRun(input: InputOf<typeof getFile>): Promise<StoredFile | undefined> {
    const { runFlowId, path } = input;
    const { principal } = currentContext();
    const isRun = principal?.kind === 'system' && principal.id === EXECUTOR_RUNNER;
    if (!isRun || runFlowId === undefined || path === undefined) return undefined;
    return this.files.findOfMoved(input, runFlowId, path);
  }

  /** Changes the name that is shown; the path that flows use stays. Throws FILE_UNKNOWN, FILE_NAME_INVALID. */
  async rename(input: InputOf<typeof renameFile>): Promise<StoredFile> {
    const { principal, fileId, name } = input;
    checkFileName(name);
    const file = await this.committing.commit(principal, async (writes) => {
      const renamed = await this.files.rename(writes, principal, fileId, name);
      if (!renamed) throw causewayError('FILE_UNKNOWN', { file: fileId });
      const deed = { action: 'file.rename', id: fileId, name: renamed.path, detail: { name } };
      await tell(writes, [registryEvent(input, deed, { id: newId(), at: new Date() })]);
      return renamed;
    });
    return file;
  }

  /** Removes the files with these ids, the one with this path, or all of the caller's own; unknown ids are ignored. */
  async delete(input: InputOf<typeof deleteFiles>): Promise<string[]> {
    const { principal, fileIds, path, all } = input;
    const { organisationId, teamId } = principal;
    const any = [
      ...(fileIds ? [{ id: { in: fileIds } }] : []),
      ...(path !== undefined && !path.includes('\u0000') ? [{ path }] : []),
      ...(all ? [{ userId: principal.id, flowId: null }] : []),
    ];
    if (any.length === 0) return [];
    const deleted = await this.committing.commit(principal, async (writes) => {
      const rows = await this.files.delete(writes, {
        organisationId,
        teamId,
        AND: [{ OR: any }, filesWithin(input.reach)],
      });
      const at = new Date();
      await tell(
        writes,
        rows.map(({ id, path: name }) =>
          registryEvent(input, { action: 'file.delete', id, name }, { id: newId(), at }),
        ),
      );
      return rows.map(({ id }) => id);
    });
    this.collecting.wake();
    return deleted;
  }

  /** The key of a file's content, which the gateway sealed for its SHA-256, sealed for its row. @throws CausewayError SEALED_UNREADABLE */
  private async sealOwn(input: InputOf<typeof createFile>, id: string): Promise<string | null> {
    const { principal, sha256, sealedKey } = input;
    const { organisationId } = principal;
    if (sealedKey === undefined) return null;
    const key = await this.vault.open(sealedKey, placeOfGivenFile(organisationId, sha256));
    return this.vault.seal(key, placeOfFile({ organisationId, id }));
  }

  private async checkFlow(tenant: Tenant, flowId: string, reach: Reach | undefined): Promise<void> {
    if (!(await this.flows.find(tenant, flowId, reach)))
      throw causewayError('FLOW_UNKNOWN', { flow: flowId });
  }
}
