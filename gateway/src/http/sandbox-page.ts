import { createHash } from 'node:crypto';
import type { Settings } from '../settings.js';

const LIBRARY = 'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js';

/** Starts the Sandbox on this gateway's endpoint, or says why it is not there. */
const SCRIPT = `
const offline = document.getElementById('offline');
const show = () => { offline.hidden = false; };
const library = document.createElement('script');
library.src = ${JSON.stringify(LIBRARY)};
library.onerror = show;
library.onload = () => {
  offline.hidden = true;
  new window.EmbeddedSandbox({
    target: '#sandbox', initialEndpoint: location.origin + '/graphql', includeCookies: false, runTelemetry: false,
  });
};
document.head.append(library);
setTimeout(() => { if (!window.EmbeddedSandbox) show(); }, 5000);
`;

const HASH = createHash('sha256').update(SCRIPT).digest('base64');

/** The one page that loads something from the internet, and only from Apollo. */
export const SANDBOX_POLICY =
  `default-src 'none'; script-src 'sha256-${HASH}' https://embeddable-sandbox.cdn.apollographql.com; ` +
  "frame-src https://sandbox.embed.apollographql.com; style-src 'unsafe-inline'; connect-src 'self' https://*.apollographql.com; " +
  "img-src https://*.apollographql.com data:; frame-ancestors 'none'; base-uri 'none'";

/** Where to go instead is said only when it is mounted. */
export function sandboxPage({ pages }: Pick<Settings, 'pages'>): string {
  const instead = pages.some((page) => page.path === '/graphiql')
    ? ' The bundled <a href="/graphiql/">GraphiQL</a> works offline and can do the same.'
    : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Apollo Sandbox | ORION</title><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<style>html,body,#sandbox{height:100%;margin:0}iframe{width:100%;height:100%;border:0}
#offline{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style></head>
<body><div id="offline" hidden><h1>Apollo Sandbox is not reachable</h1>
<p>The Sandbox is a page of Apollo's and needs the internet. This machine seems to be offline, or something blocks
apollographql.com.${instead}</p></div>
<div id="sandbox"></div>
<script>${SCRIPT}</script></body></html>
`;
}
