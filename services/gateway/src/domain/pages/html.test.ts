import { expect, it } from 'vitest';
import { html } from './html.js';

it('N27: writes what is put in as text, also in attributes', () => {
  const evil = `<script>alert("1")</script>' onload='&`;
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
    '<p title="&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39; onload=&#39;&#38;">&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39; onload=&#39;&#38;</p>',
  );
});

it('writes lists, HTML, numbers and nothing', () => {
  expect(html`${[html`<b>${1}</b>`, 'a', null]}${undefined}${false}${0}`.text).toBe('<b>1</b>a0');
});
