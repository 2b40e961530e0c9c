import { exportAuditRoute, listAuditKeys, listAuditKeysRoute, listAuditRoute } from '@causeway/contracts';
import type { Principal, RouteInput, RouteReply } from '@causeway/contracts';
import { Bus } from '@causeway/platform';
import { Controller, StreamableFile } from '@nestjs/common';
import { presentedCredential } from '../door/credential.js';
import { AuditExports } from '../../operations/audit/audit-exports.js';
import { AuditReads, auditFilter } from '../../operations/audit/audit-reads.js';
import { Identity } from '../../operations/identity.js';
import { nameAttachment } from '../answer/attachment.js';
import { countAnswer } from '../answer/count-answer.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';

/** What was done and refused. */
@Controller()
export class AuditController {
  constructor(
    private readonly bus: Bus,
    private readonly identity: Identity,
    private readonly reads: AuditReads,
    private readonly exports: AuditExports,
  ) {}

  @Serve(listAuditRoute)
  list({ query }: RouteInput<typeof listAuditRoute>, call: Call): Promise<RouteReply<typeof listAuditRoute>> {
    return this.reads.list(call, query);
  }

  /** Each part is asked for by who the caller is then, so an export ends when its key is revoked. */
  @Serve(exportAuditRoute)
  async export({ query }: RouteInput<typeof exportAuditRoute>, call: Call): Promise<StreamableFile> {
    const { scope, format, after } = query;
    const filter = auditFilter(query);
    let reader: Principal | undefined = await this.reads.readerIn(call, query);
    const parts = await this.exports.open({ format, after, scope, filter }, async () => {
      if (!reader) {
        const principal = await this.identity.verify(presentedCredential(call.request));
        reader = await this.reads.readerIn({ ...call, principal }, query);
      }
      const now = reader;
      reader = undefined;
      return now;
    });
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8';
    nameAttachment(call, `audit.${format}`, type);
    const stream = this.exports.stream(parts, {
      add: (bytes) => countAnswer(call, bytes),
      giveBack: (bytes) => call.memory.answer.giveBack(bytes),
    });
    return new StreamableFile(stream, { type });
  }

  @Serve(listAuditKeysRoute)
  listKeys(): Promise<RouteReply<typeof listAuditKeysRoute>> {
    return this.bus.request(listAuditKeys, {});
  }
}
