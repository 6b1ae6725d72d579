import { describe, expect, it } from 'vitest';
import { jsonInScript, Markup, markup } from '../../../src/report/html/markup.ts';
import { nameOf } from '../../../src/report/html/words.ts';

describe('markup', () => {
  it('escapes what is put in, in text and in attributes', () => {
    const hostile = '<script>alert("1")</script>\'&';

    expect(markup`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;</p>',
    );
  });

  it('leaves alone what is HTML already, also in a list, and nothing where there is nothing', () => {
    expect(markup`<ul>${['<', markup`<li>${1}</li>`, undefined, null]}</ul>`.text).toBe('<ul>&lt;<li>1</li></ul>');
    expect(markup`${new Markup('<b>')}`.text).toBe('<b>');
  });

  it('shows control characters and marks that turn the direction of writing as pictures', () => {
    expect(markup`${'a\0b\u001bc\u007fd\u0085e\u202ef\tg\n'}`.text).toBe('a␀b␛c␡d\ufffde\ufffdf\tg\n');
  });
});

describe('jsonInScript', () => {
  it('ends no element and begins no comment, and is the same JSON', () => {
    const data = { '</script>': '<!--<script>&\u2028\u2029', list: [1, null] };

    const { text } = jsonInScript(data);

    expect(text).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(text)).toEqual(data);
  });
});

describe('nameOf', () => {
  it('isolates a name from the writing around it', () => {
    expect(nameOf('שלום').text).toBe('<bdi class="short">שלום</bdi>');
  });

  it('cuts a very long one, never within a character', () => {
    const { text } = nameOf('😀'.repeat(300));

    expect(text).toMatch(/^<bdi>(?:😀)+…<\/bdi>$/u);
    expect(text.length).toBeLessThan(220);
  });
});
