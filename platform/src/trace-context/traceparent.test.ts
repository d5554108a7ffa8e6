import { readTraceparent } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('readTraceparent', () => {
  it.each([
    ['sampled', `00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-00`],
    ['of a later version', `cc-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
    ['of a later version with more to it', `cc-${TRACE}-${SPAN}-01-what-comes`, `00-${TRACE}-${SPAN}-01`],
  ])('keeps one that is %s', (_, header, expected) => {
    expect(readTraceparent(header)).toBe(expected);
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['of upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['of the invalid version', `ff-${TRACE}-${SPAN}-01`],
    ['longer than version 00 allows', `00-${TRACE}-${SPAN}-01-more`],
    ['without a trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['without a parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['two in one header', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['followed by a line', `00-${TRACE}-${SPAN}-01\n`],
    ['of a later version that goes on without a dash', `cc-${TRACE}-${SPAN}-01.more`],
  ])('drops one that is %s', (_, header) => {
    expect(readTraceparent(header)).toBeNull();
  });
});
