import type { Settings } from '../settings.js';

/** Of pages that are known by another name than their path. */
const NAMES: Readonly<Record<string, string>> = { '/graphiql': 'GraphiQL (works offline)' };

/** `GET /`: what this address serves, as links. */
export function landingPage(settings: Settings): string {
  const mounted = settings.pages
    .filter((page) => !page.isUnlisted)
    .map(({ path }) => link(`${path}/`, NAMES[path] ?? path.slice(1)));
  const links = [
    ...mounted,
    ...(settings.production ? [] : [link('/sandbox', 'Apollo Sandbox (needs the internet)')]),
    link('/health', 'health'),
    link('/.well-known/jwks.json', 'public keys'),
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>ORION graph</title><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}</style></head>
<body><h1>ORION graph</h1>
<p>GraphQL is served at <code>POST /graphql</code>, and subscriptions at the same path over WebSocket
(<code>graphql-transport-ws</code>), server-sent events or multipart.</p>
<ul>${links.join('')}</ul></body></html>
`;
}

function link(path: string, name: string): string {
  return `<li><a href="${escape(path)}">${escape(name)}</a></li>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
