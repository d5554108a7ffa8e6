import { setTimeout as wait } from 'node:timers/promises';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Link, Span as OtelSpan, SpanContext, Tracer as OtelTracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '@orion/platform/log';
import type { SubgraphAddress } from '../execution/subgraph-call.js';
import { reportingExporter } from './reporting-exporter.js';
import type { Span, SpanResult, TracedRequest, TracedStep, Tracer } from './tracing.js';

const EXPORT_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 2_000;

export interface OtelTracerOptions {
  /** Base address of an OTLP/HTTP receiver; undefined prints spans to stdout. */
  readonly endpoint: string | undefined;
  /** For the receiver: a token, for instance. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly serviceName: string;
  /** Share of the traces that are recorded, 0 to 1, chosen by trace id. */
  readonly ratio: number;
  readonly logger: Logger;
}

/**
 * Traces with the OpenTelemetry SDK and exports OTLP as JSON over HTTP. Attributes follow the semantic conventions for
 * HTTP and GraphQL. The global tracer is left alone: two gateways in one process trace apart.
 */
export function createOtelTracer({ endpoint, headers = {}, serviceName, ratio, logger }: OtelTracerOptions): Tracer {
  const exporter =
    endpoint === undefined
      ? new ConsoleSpanExporter()
      : reportingExporter(
          new OTLPTraceExporter({
            url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
            headers: { ...headers },
            timeoutMillis: EXPORT_WITHIN_MS,
          }),
          logger,
        );
  const byTraceId = new TraceIdRatioBasedSampler(ratio);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    // A client may ask for its trace to be left out, not for more than the operator's share: recording costs.
    sampler: new ParentBasedSampler({
      root: byTraceId,
      remoteParentSampled: byTraceId,
      remoteParentNotSampled: new AlwaysOffSampler(),
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('orion-gateway');
  return {
    startRequest: ({ name, requestId, traceparent }: TracedRequest) =>
      new TracedSpan(
        tracer,
        tracer.startSpan(
          name,
          { kind: SpanKind.SERVER, attributes: { 'orion.request_id': requestId } },
          contextOf(traceparent),
        ),
      ),
    close: async () => {
      // A receiver that is gone must not hold up the end of the process.
      const tooLate = wait(CLOSE_WITHIN_MS, undefined, { ref: false });
      // That spans could not be delivered has been logged.
      await Promise.race([provider.shutdown().catch(() => undefined), tooLate]);
    },
  };
}

/** `version-traceid-parentid-flags`; the caller has checked that the header is well-formed. */
function contextOf(traceparent: string | undefined): Context {
  if (traceparent === undefined) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
  });
}

class TracedSpan implements Span {
  readonly #tracer: OtelTracer;
  readonly #span: OtelSpan;
  readonly #context: SpanContext;

  constructor(tracer: OtelTracer, span: OtelSpan) {
    this.#tracer = tracer;
    this.#span = span;
    this.#context = span.spanContext();
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#context;
    return `00-${traceId}-${spanId}-${traceFlags === 0 ? '00' : '01'}`;
  }

  start(step: TracedStep): Span {
    return this.#child(step, SpanKind.INTERNAL);
  }

  startFetch({ name, url }: SubgraphAddress): Span {
    const child = this.#child(`fetch ${name}`, SpanKind.CLIENT);
    const { hostname, port, protocol } = new URL(url);
    child.set('orion.subgraph.name', name);
    child.set('http.request.method', 'POST');
    child.set('url.full', url);
    child.set('server.address', hostname);
    child.set('server.port', Number(port || (protocol === 'https:' ? 443 : 80)));
    return child;
  }

  startEvent(): Span {
    const links: Link[] = [{ context: this.#context }];
    return new TracedSpan(
      this.#tracer,
      this.#tracer.startSpan('subscription event', { kind: SpanKind.INTERNAL, links }, ROOT_CONTEXT),
    );
  }

  nameOperation(type: string, name: string | undefined): void {
    // The name is the client's choice: in the span's name it would make one series for each of them.
    this.#span.updateName(type);
    this.#span.setAttribute('graphql.operation.type', type);
    if (name !== undefined) this.#span.setAttribute('graphql.operation.name', name);
  }

  set(attribute: string, value: string | number | boolean): void {
    this.#span.setAttribute(attribute, value);
  }

  end({ status, error }: SpanResult = {}): void {
    if (status !== undefined) this.#span.setAttribute('http.response.status_code', status);
    if (error !== undefined) {
      this.#span.setAttribute('error.type', error);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    this.#span.end();
  }

  #child(name: string, kind: SpanKind): TracedSpan {
    return new TracedSpan(
      this.#tracer,
      this.#tracer.startSpan(name, { kind }, trace.setSpan(ROOT_CONTEXT, this.#span)),
    );
  }
}
