import { type Html, type Part, html } from '../pages/html.js';
import { pageTable } from '../pages/page.js';
import { exampleCall, leftToFill } from './example-call.js';
import type { Area, Content, Operation, Parameter } from './operations.js';
import { type SchemaRow, schemaRows, typeText } from './schema-rows.js';

/** The list of all operations, by area. */
export function docsIndex(areas: readonly Area[]): Html {
  return html`<p>
      Programs send an API key as the header <code>x-api-key</code>, or an access token as
      <code>Authorization: Bearer …</code>. Keys are made under <a href="/account">Sessions and keys</a>. The
      same as a document for tools: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
    </p>
    <nav class="areas" aria-label="Areas">
      ${areas.map(({ name }) => html`<a href="#${anchorOf(name)}">${name}</a> `)}
    </nav>
    ${areas.map(
      ({ name, operations }) =>
        html`<section aria-labelledby="${anchorOf(name)}">
          <h2 id="${anchorOf(name)}">${name}</h2>
          <ul class="operations">
            ${operations.map((one) => html`<li><a href="/docs/${one.operationId}">${methodAndPath(one)}</a><span>${withCode(one.summary)}</span></li>`)}
          </ul>
        </section>`,
    )}`;
}

/** Everything about one operation. */
export function operationPart(operation: Operation): Html {
  const { parameters, requestBody, responses, tags } = operation;
  const [area = ''] = tags;
  const answers = Object.entries(responses).filter(([status]) => status !== 'default');
  return html`<p class="quiet"><a href="/docs">API</a> › <a href="/docs#${anchorOf(area)}">${area}</a></p>
    <p class="operation">${methodAndPath(operation)}</p>
    <p>${withCode(operation.summary)}</p>
    <p>${needs(operation)}</p>
    <div class="headed">
      <h2>Example</h2>
      <pre tabindex="0" aria-label="Example">${exampleCall(operation)}</pre>
      ${fillIn(operation)}
      ${
        parameters.length > 0 &&
        html`<h2>Parameters</h2>
          ${parameterTable(parameters)}`
      }
      ${
        requestBody &&
        html`<h2>Body</h2>
          ${contentPart(requestBody.content, 'Members of the body')}`
      }
      <h2>Answers</h2>
      ${answers.map(
        ([status, { content = {} }]) =>
          html`<h3>${status}</h3>
            ${Object.keys(content).length === 0 ? html`<p>Nothing.</p>` : contentPart(content, `Members of the answer ${status}`)}`,
      )}
      <h3>Errors</h3>
      <p>
        An error has the status of its cause, and
        ${
          operation.path.startsWith('/api/')
            ? html`JSON with <code>detail</code>, a sentence with the remedy, <code>code</code>, which does
                not change, and <code>request_id</code>.`
            : html`says what is wrong and what to do.`
        }
      </p>
    </div>`;
}

function needs(operation: Operation): Part {
  const { security, 'x-permissions': permissions, 'x-permission-also': also } = operation;
  if (security.length === 0) return 'Needs no key.';
  const all = permissions.map((one, at) => [at > 0 && ' and ', html`<code>${one}</code>`]);
  return [
    permissions.length === 0 ? 'Needs a key.' : ['Needs a key with ', all],
    operation['x-permission-per-object'] && '; it is enough to have that for the project or the flow',
    permissions.length > 0 && '.',
    also && [' Also ', html`<code>${also.permission}</code>`, ` ${also.when}.`],
  ];
}

function fillIn(operation: Operation): Part {
  const names = [...(operation.security.length > 0 ? ['KEY'] : []), ...leftToFill(operation)];
  return html`<p class="quiet">
    <code>$URL</code> is the address of this
    server${names.map((name) => html`, <code>$${name}</code> ${name === 'KEY' ? 'your API key' : 'what the path names'}`)}.
  </p>`;
}

function parameterTable(parameters: readonly Parameter[]): Html {
  const rows = parameters.map(({ name, in: place, required, description, schema }) => [
    html`<code>${name}</code>${required && html` <span class="quiet">required</span>`}`,
    place,
    [typeText(schema), schema.default !== undefined && `; ${JSON.stringify(schema.default)} if absent`],
    description !== undefined && withCode(description),
  ]);
  const isDescribed = parameters.some(({ description }) => description !== undefined);
  const heads = ['name', 'in', 'type', ...(isDescribed ? ['what it does'] : [])];
  return pageTable('Parameters', heads, isDescribed ? rows : rows.map((row) => row.slice(0, 3)));
}

function contentPart(content: Content, caption: string): Html {
  return html`${Object.entries(content).map(
    ([type, { schema }]) =>
      html`<p class="quiet">${type === '*/*' ? 'Bytes, as they are' : type}</p>
        ${schema && membersTable(schemaRows(schema), caption)}`,
  )}`;
}

function membersTable(rows: readonly SchemaRow[], caption: string): Html {
  return pageTable(
    caption,
    ['member', 'type'],
    rows.map(({ name, type, isRequired, description }) => [
      html`${name === '' ? 'the whole' : html`<code>${name}</code>`}${isRequired && name !== '' && html` <span class="quiet">always</span>`}`,
      [type, description !== undefined && [html`<br />`, withCode(description)]],
    ]),
  );
}

function methodAndPath({ method, path }: Operation): Html {
  return html`<span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code>`;
}

/** A sentence in which backticks are around code. */
function withCode(text: string): Part {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}

function anchorOf(area: string): string {
  return area.toLowerCase().replaceAll(' ', '-');
}
