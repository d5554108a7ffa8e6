import { createEventStreamParser } from './event-stream-parser.js';

const STREAM =
  ':\n\nevent: next\ndata: {"a":"ü"}\n\r\nid: 7\revent:next\rdata:one\rdata: two\r\r' +
  'data: untyped\n\n\nevent: complete\r\ndata\r\n\r\nevent: unfinished\ndata: x\n';
const EVENTS = [
  { type: 'next', data: '{"a":"ü"}' },
  { type: 'next', data: 'one\ntwo' },
  { type: 'message', data: 'untyped' },
  { type: 'complete', data: '' },
];

test.each([1, 2, 3, 5, 1_000])('reads every line end, comments and split characters in chunks of %i bytes', (size) => {
  const parser = createEventStreamParser(1_000);
  const bytes = Buffer.from(STREAM);
  const events = [];
  for (let at = 0; at < bytes.length; at += size) events.push(...parser.push(bytes.subarray(at, at + size)));
  expect(events).toEqual(EVENTS);
});

test('an event over the limit is refused, however it is cut', () => {
  const long = createEventStreamParser(10);
  expect(() => {
    for (let count = 0; count < 20; count += 1) long.push(Buffer.from('data: '));
  }).toThrow('longer than 10');
  const many = createEventStreamParser(10);
  expect(() => {
    for (let count = 0; count < 20; count += 1) many.push(Buffer.from('data: x\n'));
  }).toThrow('longer than 10');
});
