import { expect, it } from 'vitest';
import { html } from '../../src/output/html.ts';

it('escapes every value, and what was made by it stands as it is', () => {
  const evil = `<a href="x" title='y'>&`;
  const inner = html`<b>${evil}</b>`;
  expect(`${html`<p>${inner}${[inner, 1n, undefined]}</p>`}`).toBe(
    `<p>${'<b>&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;</b>'.repeat(2)}1</p>`,
  );
});

it('shows what a screen must not be told', () => {
  expect(`${html`${'a\u202eb\x1b\n'}`}`).toBe('a\\u202eb\\x1b\\n');
});
