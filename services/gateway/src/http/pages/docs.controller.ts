import {
  causewayError,
  docsPageRoute,
  openApiDocument,
  operationPageRoute,
  routesByName,
} from '@causeway/contracts';
import type { RouteInput } from '@causeway/contracts';
import { Controller } from '@nestjs/common';
import { docsIndex, operationPart } from '../../domain/docs/docs-page.js';
import { type Area, areasOf } from '../../domain/docs/operations.js';
import type { Html } from '../../domain/pages/html.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { sendPage } from './send-page.js';
import { Visitors } from './visitors.js';

/** The reference of the API, written from the same document as `/openapi.json`. */
@Controller()
export class DocsController {
  /** Made when the first reader comes; there are as many as operations. */
  private areas: readonly Area[] | undefined;
  private index: Html | undefined;
  private readonly parts = new Map<string, Html>();

  constructor(private readonly visitors: Visitors) {}

  @Serve(docsPageRoute)
  async list(_input: RouteInput<typeof docsPageRoute>, call: Call): Promise<string> {
    this.index ??= docsIndex(this.known());
    return this.send(call, 'API', this.index);
  }

  @Serve(operationPageRoute)
  async show({ params }: RouteInput<typeof operationPageRoute>, call: Call): Promise<string> {
    const { operation: name } = params;
    const operation = this.known()
      .flatMap(({ operations }) => operations)
      .find(({ operationId }) => operationId === name);
    if (!operation) throw causewayError('OPERATION_UNKNOWN', { operation: name });
    const part = this.parts.get(name) ?? operationPart(operation);
    this.parts.set(name, part);
    return this.send(call, name, part);
  }

  private known(): readonly Area[] {
    return (this.areas ??= areasOf(openApiDocument(routesByName, '')));
  }

  private async send(call: Call, title: string, content: Html): Promise<string> {
    const visitor = await this.visitors.find(call);
    return sendPage(visitor ?? call, { title, content });
  }
}
