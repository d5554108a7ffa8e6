import { createMimeWriter } from './mime-message.js';
import type { OutgoingMail } from './mime-message.js';

const write = createMimeWriter('ORION <no-reply@orion.example>');
const mail = (changes: Partial<OutgoingMail> = {}): OutgoingMail => ({
  to: 'alice@example.com',
  subject: 'Hello',
  text: 'Hello\n',
  html: '<p>Hello</p>\n',
  messageId: '1@orion.example',
  ...changes,
});
const contentOf = (changes: Partial<OutgoingMail>): string => write(mail(changes)).content.toString();

test('the envelope has the bare addresses, a domain in its ASCII form', () => {
  expect(write(mail({ to: 'alice@b\u00fccher.example' }))).toMatchObject({
    from: 'no-reply@orion.example',
    to: 'alice@xn--bcher-kva.example',
  });
  expect(contentOf({ to: 'alice@b\u00fccher.example' })).toContain('\r\nTo: alice@xn--bcher-kva.example\r\n');
});

test('whatever a mail says, it is ASCII in short lines that end with CRLF', () => {
  const content = contentOf({
    subject: `${'Gr\u00fc\u00dfe '.repeat(30)}end`,
    text: `${'\u00e4\ud83d\ude00'.repeat(500)}\none\rtwo\r\nthree`,
    html: `<p>${'long '.repeat(500)}</p>`,
  });
  expect(content).toMatch(/^[\t\r\n\x20-\x7e]*$/);
  expect(content.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(Math.max(...content.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
  expect(content).toContain('\r\none\r\ntwo\r\nthree\r\n');
});

test('no body ends its part', () => {
  const text = 'before\n--=_orion--\nafter\n';
  const content = contentOf({ text, html: text });
  expect(content.split('\r\n').filter((line) => line.startsWith('--=_orion'))).toEqual([
    '--=_orion',
    '--=_orion',
    '--=_orion--',
  ]);
  expect(content).toContain('\r\n--=3D_orion--\r\nafter\r\n');
});

test('no subject and no address makes a header of its own', () => {
  const [headers = ''] = contentOf({
    subject: 'Hello\r\nBcc: eve@example.com',
    to: 'alice@example.com\r\nBcc: eve@example.com',
  }).split('\r\n\r\n');
  expect(headers).not.toMatch(/^Bcc:/m);
});
