import { networkOf } from './network-of.js';

test('ID-11: an IPv4 address counts by itself, IPv6 by the /64 network, however it is written', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7');
  expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  const network = networkOf('2001:db8:1:2:3:4:5:6');
  expect(network).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:DB8:1:2:ffff::1')).toBe(network);
  expect(networkOf('2001:db8:1:3::1')).not.toBe(network);
  expect(networkOf('not an address')).toBeNull();
  expect(networkOf(null)).toBeNull();
});
