// `npm start`. This file and node-version.mjs are written for old Node versions too, so that these can say what they
// lack; everything else is loaded afterwards.
import { nodeIsSupported } from './node-version.mjs';

if (nodeIsSupported()) {
  import('./run-start.mjs').then(function (module) {
    return module.runStart();
  });
}
