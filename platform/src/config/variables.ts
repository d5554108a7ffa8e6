import { z } from 'zod';

const milliseconds = (standard: number) => z.coerce.number().int().min(1).default(standard);

/** Environment variables that more than one service reads: one definition each. */
export const variables = {
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('production hides error details and refuses demo accounts and embedded parts'),
  HOST: z.string().default('127.0.0.1').describe('address to listen on; 0.0.0.0 in a container'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least level that is logged'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).describe("the service's own PostgreSQL database and role"),
  BUS_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL database of the event bus, when Kafka is not used'),
  METRICS: z
    .enum(['true', 'false', 'public'])
    .optional()
    .describe(
      'count, and answer GET /metrics: a subgraph on its PORT, the gateway on METRICS_PORT when it is set, else on PORT ' +
        'outside production; public: the gateway on PORT in production as well; standard is true outside production, ' +
        'and for the gateway wherever METRICS_PORT is set',
    ),
  EVENT_RETRY_ATTEMPTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(20)
    .default(8)
    .describe('so often a handler is tried with an event that it fails on; then the event is dead'),
  EVENT_RETRY_BASE_MS: milliseconds(1_000).describe(
    'wait before the second attempt at an event; it doubles with each one after',
  ),
  EVENT_RETRY_CAP_MS: milliseconds(3_600_000).describe('longest wait between two attempts at an event'),
  ORION_CONTEXT_SECRET: z
    .string()
    .min(32, 'at least 32 characters, for instance from `openssl rand -base64 32`')
    .describe('key that signs who is calling, shared by the gateway and the subgraphs'),
  ORION_SEALING_KEY: z
    .string()
    .refine(
      (keys) =>
        keys.split(',').every((key) => z.base64().safeParse(key).success && Buffer.from(key, 'base64').length === 32),
      '32 bytes in base64, from `openssl rand -base64 32`',
    )
    .describe(
      'AES-256-GCM key of secrets at rest and in events, shared by the subgraphs; to change it put the new one before the old, with a comma',
    ),
  ORION_DEMO: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .describe('demo accounts with a known password and captured mails; never in production'),
  PUBLIC_URL: z
    .url()
    .default('http://localhost:4000')
    .describe('where clients reach the gateway: links in mails, issuer of tokens'),
} as const;

/** A TCP port; 0 lets the system choose. */
export function portVariable(standard: number): z.ZodType<number> {
  return z.coerce.number().int().min(0).max(65_535).default(standard).describe('port to listen on; 0 for any free one');
}
