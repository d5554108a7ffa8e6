/**
 * An event as it travels: CloudEvents 1.0 attributes (https://cloudevents.io) under readable names.
 * The bus carries it unchanged; consumers see each `id` at least once and take effect once.
 */
export interface EventEnvelope {
  /** UUIDv7, unique for ever; the key of every deduplication. CloudEvents `id`. */
  readonly id: string;
  /** `dev.orion.<domain>.<what>.v<version>`. CloudEvents `type`. */
  readonly type: string;
  /** `/subgraphs/<name>` of the producer. CloudEvents `source`. */
  readonly source: string;
  /** `orion.<domain>`: where it is published. */
  readonly topic: string;
  /** Id of the aggregate: order holds for equal keys. CloudEvents `partitionkey` and `subject`. */
  readonly key: string;
  /** When it happened, ISO 8601 UTC. CloudEvents `time`. */
  readonly time: string;
  /** Id of the client request or process that started it all. */
  readonly correlationId: string;
  /** Id of the event or request that caused this one. */
  readonly causationId: string;
  /** User who acted, null for the system. CloudEvents `authid`. */
  readonly actorId: string | null;
  /**
   * W3C trace context of the request that started it all, unchanged from hop to hop; null when it had none, absent in
   * events from before there was one. CloudEvents `traceparent`.
   */
  readonly traceparent?: string | null;
  /** Validated by the contract of `type`. */
  readonly data: unknown;
}
