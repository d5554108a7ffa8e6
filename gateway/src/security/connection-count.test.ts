import { createConnectionCount } from './connection-count.js';

test('the addresses of one IPv6 /64 network have one limit, and what is given back can be taken again', () => {
  const connections = createConnectionCount(2);
  const first = connections.open('2001:db8:1:2::1');
  expect(first).not.toBeNull();
  expect(connections.open('2001:db8:1:2:ffff::2')).not.toBeNull();
  expect(connections.open('2001:db8:1:2::3')).toBeNull();
  expect(connections.open('2001:db8:1:3::1')).not.toBeNull();
  first?.();
  first?.();
  expect(connections.open('2001:db8:1:2::4')).not.toBeNull();
  expect(connections.open('2001:db8:1:2::5')).toBeNull();
});

test('an IPv4 address has one limit however it is written, and none with its neighbours', () => {
  const connections = createConnectionCount(1);
  expect(connections.open('203.0.113.7')).not.toBeNull();
  expect(connections.open('::ffff:203.0.113.7')).toBeNull();
  expect(connections.open('203.0.113.8')).not.toBeNull();
});

test('who has no address is limited as well', () => {
  const connections = createConnectionCount(1);
  expect(connections.open(null)).not.toBeNull();
  expect(connections.open(null)).toBeNull();
});
