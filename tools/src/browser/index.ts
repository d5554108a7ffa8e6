export { CHROMIUM_FLAGS, chromiumUnavailableReason, findChromium } from './chromium.js';
