// `npm test`. Written for old Node versions too: see start.mjs.
import { nodeIsSupported } from './node-version.mjs';

if (nodeIsSupported()) {
  import('./run-test.mjs').then(function (module) {
    return module.runTest();
  });
}
