import { isMailAddress } from './mail-address.js';
import { oneLine, renderMail } from './mail-content.js';

test('text of users means itself in HTML', () => {
  const { subject, text, html } = renderMail({
    subject: `</title><script>alert('1')</script>`,
    paragraphs: ['a < b & "c"\nnext', '  ', `<img src=x onerror=alert(1)>`],
    link: { label: 'Open <now>', url: new URL('https://orion.example/x?a=1&b="><script>') },
  });
  expect(subject).toBe(`</title><script>alert('1')</script>`);
  expect(text).toBe(
    `a < b & "c"\nnext\n\n<img src=x onerror=alert(1)>\n\nOpen <now>:\nhttps://orion.example/x?a=1&b=%22%3E%3Cscript%3E\n`,
  );
  expect(html).toContain('<title>&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</title>');
  expect(html).toContain('a &lt; b &amp; &quot;c&quot;<br>next</p>');
  expect(html).toContain('href="https://orion.example/x?a=1&amp;b=%22%3E%3Cscript%3E"');
  expect(html).not.toMatch(/<script|<img/);
});

test('one line is one line, and reads in the direction in which it was written', () => {
  expect(oneLine('a\r\nBcc: b\u2028c\u0000\u202egpj.exe\ud800')).toBe('a Bcc: b c gpj.exe');
  expect(oneLine('  \u{1f468}\u200d\u{1f469} caf\u00e9  ')).toBe('\u{1f468}\u200d\u{1f469} caf\u00e9');
});

test('an address is one address', () => {
  for (const address of ['a@b.example', "o'neil+tag@b.example", '\u00fc@b\u00fccher.example'])
    expect(isMailAddress(address)).toBe(true);
  for (const address of [
    '',
    'a',
    'a@',
    '@b',
    'a@b,c@d',
    'a@b c@d',
    'A <a@b>',
    'a@b\r\nRCPT TO:<c@d>',
    '"a"@b',
    `${'a'.repeat(65)}@b`,
    `a@${'b'.repeat(254)}`,
  ]) {
    expect(isMailAddress(address)).toBe(false);
  }
});
