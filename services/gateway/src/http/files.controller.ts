import {
  causewayError,
  createFile,
  deleteAllFilesRoute,
  deleteFileRoute,
  deleteFiles,
  deleteFilesRoute,
  deleteFlowFileRoute,
  downloadFileRoute,
  downloadFilesRoute,
  downloadFlowFileRoute,
  flowImageRoute,
  getFile,
  listFiles,
  listFilesRoute,
  listFlowFilesRoute,
  renameFile,
  renameFileRoute,
  uploadFileRoute,
  uploadFlowFileRoute,
  actorOf,
  tenantOf,
} from '@causeway/contracts';
import type { RouteInput, RouteReply, StoredFile } from '@causeway/contracts';
import { Bus, DiskGuard, SETTINGS, SealedFiles } from '@causeway/platform';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import type { Settings } from '../config.js';
import { imageTypeOf } from '../domain/image-type.js';
import { fileRead } from '../domain/langflow-shapes.js';
import { everyItem } from '../operations/every-item.js';
import { zipFiles } from '../operations/zipping.js';
import { type WrittenJson, answerJson, shownAs } from './answer/answer-json.js';
import { nameAttachment, nameImage } from './answer/attachment.js';
import type { Call } from './door/call.js';
import { limitOf } from './body/limits.js';
import { Serve } from './door/serve.js';
import { storeUpload } from './body/upload.js';

const PAGE = 500;

/** Uploaded files: of one flow (v1) and of the caller (v2). Bytes go to the object store first, then the registry writes its row. */
@Controller()
export class FilesController {
  constructor(
    private readonly bus: Bus,
    private readonly files: SealedFiles,
    private readonly disk: DiskGuard,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Serve(uploadFlowFileRoute)
  async uploadForFlow(
    { params }: RouteInput<typeof uploadFlowFileRoute>,
    call: Call,
  ): Promise<RouteReply<typeof uploadFlowFileRoute>> {
    // Refuses an unknown flow before the file is read.
    await this.bus.request(listFiles, { ...tenantOf(call), ...params, page: { limit: 1 } });
    const file = await this.store(call, params.flowId);
    return { flowId: params.flowId, file_path: file.path };
  }

  @Serve(listFlowFilesRoute)
  async listOfFlow({ params }: RouteInput<typeof listFlowFilesRoute>, call: Call): Promise<WrittenJson> {
    const files = await this.filesOf(call, params);
    return answerJson(call, '{"files":[', shownAs(files, baseName), ']}');
  }

  @Serve(downloadFlowFileRoute)
  async downloadOfFlow(
    { params }: RouteInput<typeof downloadFlowFileRoute>,
    call: Call,
  ): Promise<StreamableFile> {
    return this.send(
      call,
      await this.bus.request(getFile, { ...tenantOf(call), path: `${params.flowId}/${params.fileName}` }),
    );
  }

  @Serve(flowImageRoute)
  async showImage({ params }: RouteInput<typeof flowImageRoute>, call: Call): Promise<StreamableFile> {
    const path = `${params.flowId}/${params.fileName}`;
    const type = imageTypeOf(params.fileName);
    if (type === undefined) throw causewayError('FILE_NOT_IMAGE', { file: path });
    const file = await this.bus.request(getFile, { ...tenantOf(call), path });
    nameImage(call, type);
    return new StreamableFile(await this.files.open(file), { length: file.bytes, type });
  }

  @Serve(deleteFlowFileRoute)
  async deleteOfFlow(
    { params }: RouteInput<typeof deleteFlowFileRoute>,
    call: Call,
  ): Promise<{ message: string }> {
    const path = `${params.flowId}/${params.fileName}`;
    const { deleted } = await this.bus.request(deleteFiles, { ...actorOf(call), path });
    if (deleted.length === 0) throw causewayError('FILE_UNKNOWN', { file: path });
    return { message: `File ${params.fileName} deleted successfully` };
  }

  @Serve(uploadFileRoute)
  async upload(
    _input: RouteInput<typeof uploadFileRoute>,
    call: Call,
  ): Promise<RouteReply<typeof uploadFileRoute>> {
    return fileRead(await this.store(call));
  }

  @Serve(listFilesRoute)
  async list(_input: RouteInput<typeof listFilesRoute>, call: Call): Promise<WrittenJson> {
    const files = await this.filesOf(call, { userId: call.principal.id });
    return answerJson(call, '[', shownAs(files, fileRead), ']');
  }

  @Serve(downloadFileRoute)
  async download({ params }: RouteInput<typeof downloadFileRoute>, call: Call): Promise<StreamableFile> {
    return this.send(call, await this.bus.request(getFile, { ...tenantOf(call), ...params }));
  }

  @Serve(renameFileRoute)
  async rename(
    { params, query }: RouteInput<typeof renameFileRoute>,
    call: Call,
  ): Promise<RouteReply<typeof renameFileRoute>> {
    return fileRead(await this.bus.request(renameFile, { ...actorOf(call), ...params, ...query }));
  }

  @Serve(deleteFileRoute)
  async delete({ params }: RouteInput<typeof deleteFileRoute>, call: Call): Promise<{ detail: string }> {
    const { name } = await this.bus.request(getFile, { ...tenantOf(call), ...params });
    const { deleted } = await this.bus.request(deleteFiles, { ...actorOf(call), fileIds: [params.fileId] });
    if (deleted.length === 0) throw causewayError('FILE_UNKNOWN', { file: params.fileId });
    return { detail: `File ${name} deleted successfully` };
  }

  @Serve(deleteAllFilesRoute)
  async deleteAll(_input: RouteInput<typeof deleteAllFilesRoute>, call: Call): Promise<{ message: string }> {
    await this.bus.request(deleteFiles, { ...actorOf(call), all: true });
    return { message: 'All files deleted successfully' };
  }

  @Serve(downloadFilesRoute)
  async downloadSeveral(
    { body }: RouteInput<typeof downloadFilesRoute>,
    call: Call,
  ): Promise<StreamableFile> {
    const files = await Promise.all(
      body.map((fileId) => this.bus.request(getFile, { ...tenantOf(call), fileId })),
    );
    const total = files.reduce((sum, file) => sum + file.bytes, 0);
    if (total > this.settings.maxFileBytes)
      throw causewayError('PAYLOAD_TOO_LARGE', {
        what: 'The ZIP',
        bytes: total,
        ...limitOf(this.settings, 'maxFileBytes'),
      });
    nameAttachment(call, 'files.zip', 'application/zip');
    const sources = files.map((file) => ({
      name: baseName(file),
      content: () => this.files.open(file),
    }));
    return new StreamableFile(zipFiles(sources), { type: 'application/zip' });
  }

  @Serve(deleteFilesRoute)
  async deleteSeveral(
    { body }: RouteInput<typeof deleteFilesRoute>,
    call: Call,
  ): Promise<{ message: string }> {
    const { deleted } = await this.bus.request(deleteFiles, { ...actorOf(call), fileIds: body });
    return { message: `${deleted.length} files deleted successfully` };
  }

  private filesOf(
    call: Call,
    of: { flowId: string } | { userId: string },
  ): Promise<AsyncIterable<StoredFile>> {
    return everyItem((after) =>
      this.bus.request(listFiles, { ...tenantOf(call), ...of, page: { limit: PAGE, ...after } }),
    );
  }

  private async store(call: Call, flowId?: string): Promise<StoredFile> {
    this.disk.check();
    return storeUpload(call, this.files, limitOf(this.settings, 'maxFileBytes'), (upload) =>
      this.bus.request(createFile, { ...actorOf(call), ...upload, ...(flowId !== undefined && { flowId }) }),
    );
  }

  private async send(call: Call, file: StoredFile): Promise<StreamableFile> {
    nameAttachment(call, baseName(file), 'application/octet-stream');
    return new StreamableFile(await this.files.open(file), {
      length: file.bytes,
      type: 'application/octet-stream',
    });
  }
}

function baseName(file: StoredFile): string {
  return file.path.slice(file.path.indexOf('/') + 1);
}
