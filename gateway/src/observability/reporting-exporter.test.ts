import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { recordingLogger } from '../testing/test-gateway.js';
import { reportingExporter } from './reporting-exporter.js';

const SUCCESS = { code: 0 };
const FAILURE = { code: 1, error: new Error('nobody there') };

test('a receiver that is lost is reported once, and once when it is back', () => {
  const { logger, lines } = recordingLogger();
  logger.info = (message: unknown) => void lines.push(String(message));
  const results = [SUCCESS, FAILURE, FAILURE, FAILURE, SUCCESS, SUCCESS, FAILURE];
  const scripted: SpanExporter = {
    export: (_spans, done) => done(results.shift() ?? SUCCESS),
    shutdown: async () => undefined,
  };
  const exporter = reportingExporter(scripted, logger);
  const passedOn: number[] = [];
  for (let i = 0; i < 7; i += 1) exporter.export([], ({ code }) => passedOn.push(code));
  expect(lines.map((line) => line.slice(0, 20))).toEqual([
    'traces cannot be del',
    'traces are delivered',
    'traces cannot be del',
  ]);
  expect(passedOn).toEqual([0, 1, 1, 1, 0, 0, 1]);
});
