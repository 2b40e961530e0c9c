import type { JsonObject } from '@causeway/dag';

/** The part of JSON Schema that the declared routes use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What is sent or answered, by media type; a type without a schema is bytes or a text. */
export type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

/** An operation of the OpenAPI document, with where it is. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  /** Empty where no key is needed. */
  readonly security: readonly unknown[];
  readonly 'x-permissions': readonly string[];
  readonly 'x-permission-per-object'?: boolean;
  readonly 'x-permission-also'?: { readonly permission: string; readonly when: string };
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** Operations that are about the same. */
export interface Area {
  readonly name: string;
  readonly operations: readonly Operation[];
}

/** The operations of an OpenAPI document of our own, by area. */
export function areasOf(document: JsonObject): Area[] {
  // The document is written by `openApiDocument`.
  const { paths, tags } = document as unknown as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
    readonly tags: readonly { readonly name: string }[];
  };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, rest]): Operation => ({
      ...rest,
      path,
      method: method.toUpperCase(),
    })),
  );
  // Langflow's own routes come first in each area: most readers know them.
  const order = (one: Operation): string =>
    `${one.path.startsWith('/api/platform/') ? 1 : 0} ${one.path} ${METHODS.indexOf(one.method)}`;
  return tags.map(({ name }) => ({
    name,
    operations: all
      .filter(({ tags: [tag] }) => tag === name)
      .toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  }));
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
