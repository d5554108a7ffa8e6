import { anonymousCaller } from '../security/caller.js';
import { planSource } from './plan-source.js';
import type { PreparedSubscription } from './prepared-subscription.js';

test('a variable that the client does not send is not sent on, whatever it is called', () => {
  const request = { query: '', variables: { topic: 't' } };
  const executable: PreparedSubscription['executable'] = {
    kind: 'subscription',
    primary: { subgraph: 's', text: '', operationName: undefined, variableNames: ['topic', '__proto__', 'toString'] },
    complete: () => Promise.reject(new Error('brings no events')),
    fail: () => {
      throw new Error('does not fail');
    },
  };
  const prepared = { request, variables: {}, executable } as unknown as PreparedSubscription;
  const caller = anonymousCaller({ requestId: 'r', clientIp: null, userAgent: null });
  const { stream } = planSource(prepared, caller, () => 'http://localhost/');
  expect(Object.entries(stream.operation.variables)).toEqual([['topic', 't']]);
});
