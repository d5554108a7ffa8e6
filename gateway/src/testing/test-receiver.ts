import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as an OpenTelemetry receiver got it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2 is an error. */
  readonly status: number;
  /** Span ids of the linked spans. */
  readonly links: readonly string[];
  readonly service: unknown;
}

/** An OTLP/HTTP receiver for JSON (opentelemetry.io/docs/specs/otlp) on a free port. */
export interface TestReceiver {
  readonly endpoint: string;
  readonly spans: ReceivedSpan[];
  /** Headers of each export. */
  readonly headers: IncomingHttpHeaders[];
  /** Answers everything with 400 from here on. */
  refuse(): void;
  stop(): Promise<void>;
}

interface JsonValue {
  readonly stringValue?: string;
  readonly intValue?: number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}

type JsonAttributes = readonly { readonly key: string; readonly value: JsonValue }[];

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes?: JsonAttributes;
  readonly status?: { readonly code?: number };
  readonly links?: readonly { readonly spanId: string }[];
}

interface JsonExport {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: JsonAttributes };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
}

export async function startTestReceiver(): Promise<TestReceiver> {
  const spans: ReceivedSpan[] = [];
  const headers: IncomingHttpHeaders[] = [];
  let isRefusing = false;
  const server = createServer((request, response) => {
    void (async () => {
      headers.push(request.headers);
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      if (isRefusing || request.url !== '/v1/traces') return void response.writeHead(400).end();
      spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonExport));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    headers,
    refuse: () => void (isRefusing = true),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function spansOf({ resourceSpans }: JsonExport): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = '', name, kind, attributes = [], status, links = [] }) => ({
        traceId,
        spanId,
        parentSpanId,
        name,
        kind,
        attributes: valuesOf(attributes),
        status: status?.code ?? 0,
        links: links.map((link) => link.spanId),
        service: valuesOf(resource.attributes)['service.name'],
      })),
    ),
  );
}

function valuesOf(attributes: JsonAttributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  );
}
