import { z } from 'zod';
import { kafkaConfigProblems, kafkaVariables } from './kafka-variables.js';
import type { KafkaConfig } from './kafka-variables.js';
import { portVariable, variables } from './variables.js';

/** What every subgraph reads from its environment. A subgraph adds its own keys with `extra`. */
export function subgraphConfigSchema<Extra extends z.ZodRawShape>(port: number, extra: Extra) {
  return z
    .object({
      NODE_ENV: variables.NODE_ENV,
      HOST: variables.HOST,
      PORT: portVariable(port),
      LOG_LEVEL: variables.LOG_LEVEL,
      DATABASE_URL: variables.DATABASE_URL,
      BUS_DATABASE_URL: variables.BUS_DATABASE_URL,
      ...kafkaVariables,
      METRICS: variables.METRICS,
      EVENT_RETRY_ATTEMPTS: variables.EVENT_RETRY_ATTEMPTS,
      EVENT_RETRY_BASE_MS: variables.EVENT_RETRY_BASE_MS,
      EVENT_RETRY_CAP_MS: variables.EVENT_RETRY_CAP_MS,
      ORION_CONTEXT_SECRET: variables.ORION_CONTEXT_SECRET,
      ORION_SEALING_KEY: variables.ORION_SEALING_KEY,
      ORION_DEMO: variables.ORION_DEMO,
      PUBLIC_URL: variables.PUBLIC_URL,
      ...extra,
    })
    .superRefine((config, context) => {
      const shared = config as unknown as SharedSubgraphConfig;
      if ((shared.BUS_DATABASE_URL === undefined) === (shared.KAFKA_BROKERS === undefined)) {
        context.addIssue({ code: 'custom', message: 'set exactly one of BUS_DATABASE_URL and KAFKA_BROKERS' });
      }
      const production = shared.NODE_ENV === 'production';
      for (const { variable, message } of kafkaConfigProblems(shared, { production }))
        context.addIssue({ code: 'custom', path: [variable], message });
      if (shared.EVENT_RETRY_CAP_MS < shared.EVENT_RETRY_BASE_MS) {
        context.addIssue({
          code: 'custom',
          path: ['EVENT_RETRY_CAP_MS'],
          message: 'is less than EVENT_RETRY_BASE_MS: the longest wait cannot be shorter than the first',
        });
      }
      if (production && shared.ORION_DEMO) {
        context.addIssue({
          code: 'custom',
          path: ['ORION_DEMO'],
          message: 'demo mode is refused when NODE_ENV=production',
        });
      }
    });
}

/** The part of a subgraph's configuration that the platform itself reads. */
export interface SharedSubgraphConfig extends KafkaConfig {
  readonly NODE_ENV: 'development' | 'test' | 'production';
  readonly HOST: string;
  readonly PORT: number;
  readonly LOG_LEVEL: string;
  readonly DATABASE_URL: string;
  readonly BUS_DATABASE_URL?: string | undefined;
  readonly METRICS?: 'true' | 'false' | 'public' | undefined;
  readonly EVENT_RETRY_ATTEMPTS: number;
  readonly EVENT_RETRY_BASE_MS: number;
  readonly EVENT_RETRY_CAP_MS: number;
  readonly ORION_CONTEXT_SECRET: string;
  readonly ORION_SEALING_KEY: string;
  readonly ORION_DEMO: boolean;
  readonly PUBLIC_URL: string;
}
